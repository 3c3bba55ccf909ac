import { HEADER_TRACEPARENT } from '../schemas/topics.ts'
import type { RequestTrail } from './correlation.ts'
import type { Signal } from './otlp-body.ts'
import { activeTraceparent, dropActiveSpan, inSpan, SELF_TELEMETRY_MARK } from './tracing.ts'

interface Named {
  readonly component: string
  readonly signal: string
  readonly trail: RequestTrail
}

/** One export request as a span that continues its sender's trace. Spans about ourselves are taken without one. */
export function traceRequest<Outcome extends { readonly ok: boolean; readonly code?: string }>(
  { component, signal, trail }: Named,
  answer: () => Promise<Outcome>,
): Promise<Outcome> {
  if (trail.is_self_telemetry) return answer()
  const attributes = { component, signal, correlation_id: trail.correlation_id }
  return inSpan(
    'ingest request',
    { kind: 'server', parent: trail.traceparent, attributes },
    async function answered(span) {
      const outcome = await answer()
      span?.setAttribute('code', outcome.code ?? 'OK')
      return outcome
    },
  )
}

interface Appended {
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The append of a request that is traced, whose records carry the trace on. Where the records are spans about ourselves
 * (relayed by a Collector, which takes our header away), the request is not traced after all.
 */
export async function traceAppend<Record extends Appended>(
  signal: Signal,
  records: readonly Record[],
  append: (records: readonly Record[]) => Promise<void>,
): Promise<void> {
  if (activeTraceparent() === undefined) return append(records)
  if (records.some(({ value }) => value.includes(SELF_TELEMETRY_MARK))) {
    dropActiveSpan()
    return append(records)
  }
  const bytes = records.reduce((sum, { value }) => sum + value.length, 0)
  await inSpan('append', { kind: 'producer', attributes: { signal, records: records.length, bytes } }, () => {
    const traceparent = activeTraceparent()!
    return append(
      records.map((record) => ({ ...record, headers: { ...record.headers, [HEADER_TRACEPARENT]: traceparent } })),
    )
  })
}
