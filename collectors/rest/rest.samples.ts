import { ingestLimits } from '../../core/ingest-limits.ts'
import type { Translated } from '../../core/otlp-digest.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { REST_TRANSLATIONS, type RestReport } from './translate.ts'

/** Builders for the tests of this collector. */
export const LIMITS = ingestLimits.parse({})
export const START = '2026-11-20T10:00:00Z'

export const bodyOf = (json: unknown) => Buffer.from(JSON.stringify(json))

export interface Read extends Translated<RestReport> {
  readonly resources: ReturnType<typeof readTraces>
  readonly spans: ReturnType<typeof readTraces>[number]['scope_spans'][number]['spans']
}

/** The request that a body becomes, and its spans as read from its bytes. */
export function read(form: 'trace' | 'batch', json: unknown, parameters: Record<string, string> = {}): Read {
  const translated = REST_TRANSLATIONS[`rest_${form}`](bodyOf(json), parameters, LIMITS)
  const resources = readTraces(translated.protobuf)
  const spans = resources.flatMap(({ scope_spans }) => scope_spans.flatMap((scope) => scope.spans))
  return { ...translated, resources, spans }
}

export const readTrace = (trace: unknown, parameters?: Record<string, string>) => read('trace', trace, parameters)

/** `path: message` of all that is wrong with a trace. */
export function problemsIn(trace: unknown): readonly string[] {
  return readTrace(trace).report.rejected.flatMap(({ errors }) =>
    errors.map(({ path, message }) => `${path}: ${message}`),
  )
}
