import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { cut } from './cut.ts'
import { jsonText, plain } from './json.ts'
import { withoutInlinedMedia } from './media.ts'

/** Bounds of what no field took; content has fields of its own. */
export const MAX_REST_ATTRIBUTES = 256
export const MAX_REST_KEY = 256
export const MAX_REST_VALUE = 8_192

/** Attributes as text: strings and numbers as they are, lists and maps as JSON. */
export function restAttributes(rest: readonly (readonly [string, AttributeValue])[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [key, value] of rest) {
    if (attributes.size >= MAX_REST_ATTRIBUTES) break
    const text = textOf(value)
    if (text !== '') attributes.set(cut(key, MAX_REST_KEY), cut(withoutInlinedMedia(text), MAX_REST_VALUE))
  }
  return attributes
}

function textOf(value: AttributeValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return jsonText(plain(value, 0))
}
