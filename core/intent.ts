import type { RangeIdentity } from './component.ts'

/**
 * What a range is about to be inserted with, kept as metadata of the offset commit before the insert, so that whoever owns
 * the partition next rebuilds exactly that range (guarantees.md, "How", 3).
 */
export interface Intent extends RangeIdentity {
  readonly start: bigint
  readonly end: bigint
}

export function writeIntent(intent: Intent): string {
  return JSON.stringify({
    start: String(intent.start),
    end: String(intent.end),
    pipeline_version: intent.pipeline_version,
    config_offset: String(intent.config_offset),
  })
}

/** null for '' and for anything that is not an intent: the range is then cut anew, which key and version make safe. */
export function readIntent(metadata: string): Intent | null {
  if (metadata === '') return null
  try {
    const { start, end, pipeline_version, config_offset } = JSON.parse(metadata) as Record<string, unknown>
    if (typeof pipeline_version !== 'string') return null
    return { start: asOffset(start), end: asOffset(end), pipeline_version, config_offset: asOffset(config_offset) }
  } catch {
    return null
  }
}

function asOffset(value: unknown): bigint {
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) throw new SyntaxError('not an offset')
  return BigInt(value)
}
