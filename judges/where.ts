import { z } from 'zod'
import { type LlmSpan, SPAN_KINDS, type SpanKind } from '../schemas/llm-span.ts'

const names = z.array(z.string().min(1)).default([])

/** Which spans a judge looks at. Every list that is not empty must hold the span's value; `*` stands for any characters. */
export const whereConfig = (kinds: readonly SpanKind[]) =>
  z.strictObject({
    kinds: z.array(z.enum(SPAN_KINDS)).default([...kinds]),
    /** Request or response model. */
    models: names,
    prompt_names: names,
    tags: names,
    services: names,
  })

export type Where = z.infer<ReturnType<typeof whereConfig>>

export function createSelector(where: Where): (span: LlmSpan) => boolean {
  const kinds = new Set<SpanKind>(where.kinds)
  const isModel = anyOf(where.models)
  const isPrompt = anyOf(where.prompt_names)
  const isTag = anyOf(where.tags)
  const isService = anyOf(where.services)
  return (span) =>
    (kinds.size === 0 || kinds.has(span.kind)) &&
    (isModel === null || isModel(span.request_model) || isModel(span.response_model)) &&
    (isPrompt === null || isPrompt(span.prompt_name)) &&
    (isTag === null || span.tags.some(isTag)) &&
    (isService === null || isService(span.service_name))
}

function anyOf(globs: readonly string[]): ((value: string) => boolean) | null {
  if (globs.length === 0) return null
  const exact = new Set(globs.filter((glob) => !glob.includes('*')))
  const wild = globs.filter((glob) => glob.includes('*')).map((glob) => glob.split('*'))
  return (value) => exact.has(value) || wild.some((pieces) => matchesPieces(value, pieces))
}

/** Greedy from the left is enough for `*`: the pieces must follow each other, the first and last at the ends. */
function matchesPieces(value: string, pieces: readonly string[]): boolean {
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  let position = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, position)
    if (found < 0) return false
    position = found + piece.length
  }
  return position <= value.length - last.length
}
