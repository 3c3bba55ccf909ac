import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { encodeLogsJson, encodeTracesJson } from '../schemas/otlp/json.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { createAdmission } from './admission.ts'
import { systemClock } from './clock.ts'
import { type IngestLimits, ingestLimits } from './ingest-limits.ts'
import { createKeyring } from './keyring.ts'
import { createMetrics } from './metrics.ts'
import type { IntakeRecord } from './otlp-append.ts'
import type { CollectorDeps } from './otlp-intake.ts'
import { createRateLimiter, type RateLimits } from './rate-limits.ts'

/** Builders for the tests of collectors. */
export interface Appended {
  readonly topic: string
  readonly records: readonly IntakeRecord[]
}

export interface CollectorOptions {
  readonly limits?: Partial<IngestLimits>
  /** SHA-256 of a key, by project. */
  readonly keys?: Readonly<Record<string, string>>
  readonly rate_limits?: RateLimits
}

/** Real dependencies around a log that keeps what it is given in memory, or answers as `append` says. */
export function aCollector(options: CollectorOptions = {}) {
  const appended: Appended[] = []
  const lines: string[] = []
  const registry = new Registry()
  const limits = ingestLimits.parse(options.limits ?? {})
  const entries = options.keys && Object.entries(options.keys).map(([project, sha256]) => ({ project, sha256 }))
  const log = {
    append: async (_topic: string, _records: readonly IntakeRecord[]): Promise<void> => {},
  }
  const deps: CollectorDeps = {
    async append(topic, records) {
      await log.append(topic, records)
      appended.push({ topic, records })
    },
    keys: createKeyring(entries ?? null, systemClock),
    admission: createAdmission(limits, systemClock),
    rates: createRateLimiter({
      clock: systemClock,
      settings: { common: options.rate_limits ?? {}, projects: new Map(), keys: new Map() },
    }),
    limits,
    metrics: createMetrics(registry),
    log: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
    clock: systemClock,
  }
  return { deps, appended, lines, registry, log }
}

export interface SpanSample {
  readonly traceId?: string
  readonly spanId?: string
  readonly attributes?: readonly object[]
}

export function aTracesJson(spans: readonly SpanSample[]): object {
  const ids = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'chat' }
  const resource = { attributes: [{ key: 'project', value: { stringValue: 'from-the-payload' } }] }
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: spans.map((span) => ({ ...ids, ...span })) }] }] }
}

export const aTraces = (spans: readonly SpanSample[]) => Buffer.from(encodeTracesJson(aTracesJson(spans)))

export const aLogs = (bodies: readonly string[]) => {
  const logRecords = bodies.map((stringValue) => ({ timeUnixNano: '1', body: { stringValue } }))
  return Buffer.from(encodeLogsJson({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
}

export const aText = (length: number) => [{ key: 'text', value: { stringValue: 'x'.repeat(length) } }]

export const CAPTURES = join(import.meta.dirname, '../schemas/fixtures/live-captures')

/** Folders of recorded requests; each holds the same spans in several transports. */
export function captureFolders(): string[] {
  return existsSync(CAPTURES) ? readdirSync(CAPTURES) : []
}

export function spanIds(request: Uint8Array): string[] {
  const scopes = readTraces(request).flatMap(({ scope_spans }) => scope_spans)
  return scopes.flatMap(({ spans }) => spans.map(({ span_id }) => span_id))
}
