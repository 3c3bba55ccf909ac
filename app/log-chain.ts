import type { Chain, Reject, SourceRecord } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { ContentFact } from '../schemas/content-fact.ts'
import { OtlpSyntaxError } from '../schemas/otlp/errors.ts'
import { type OtlpLogRecord, readLogs } from '../schemas/otlp/log-reader.ts'
import { HEADER_PROJECT } from '../schemas/topics.ts'
import { LOG_DROPS, readContentFacts } from '../stream-processors/normalize/content-facts.ts'
import type { Config } from './config.ts'

const DAY_MS = 86_400_000
const NS_PER_MS = 1_000_000n
const COMPONENT = 'normalize'

export interface LogChainOptions {
  readonly config: { readonly store: Pick<Config['store'], 'retention_days'> }
  readonly metrics: Pick<Metrics, 'dropped'>
}

/** otlp_logs: what log records say about spans. Pure in the record and its append time. */
export function createLogChain({ config, metrics }: LogChainOptions): Chain<ContentFact> {
  const retention_ms = config.store.retention_days * DAY_MS

  return {
    name: 'normalize',
    process(record) {
      const project = record.headers[HEADER_PROJECT]
      const body = record.value
      if (!body || !project) return rejected(record, 'the record has no body or no project header')
      let records: readonly OtlpLogRecord[]
      try {
        records = readLogs(body)
      } catch (error) {
        if (!(error instanceof OtlpSyntaxError)) throw error
        return rejected(record, error.message)
      }
      const read = readContentFacts({ project, received_at: record.timestamp_ms, body, records })
      const earliest = BigInt(record.timestamp_ms - retention_ms) * NS_PER_MS
      const latest = BigInt(record.timestamp_ms + DAY_MS) * NS_PER_MS
      // A clock that is off by years must not open partitions that nothing else touches: its fact is dated by its append.
      const items = read.facts.map((fact) =>
        fact.time >= earliest && fact.time <= latest
          ? fact
          : { ...fact, time: BigInt(record.timestamp_ms) * NS_PER_MS },
      )
      for (const reason of LOG_DROPS)
        if (read.dropped[reason] > 0) metrics.dropped.inc({ component: COMPONENT, reason }, read.dropped[reason])
      return { items, rejects: [] }
    },
  }
}

function rejected(record: SourceRecord, message: string) {
  const value = record.value ?? new Uint8Array(0)
  const reject: Reject = { code: 'UNREADABLE_RECORD', message, component: COMPONENT, value, index: 0 }
  return { items: [], rejects: [reject] }
}
