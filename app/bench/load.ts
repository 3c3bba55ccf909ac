import { systemClock } from '../../core/clock.ts'
import type { GeneratorReport } from './generator.ts'
import type { RequestOptions } from './requests.ts'
import { startGenerator } from './start-generator.ts'

export const WARM_UP_MS = 5_000
export const SPANS_PER_REQUEST = 100
const PATIENCE_MS = 60_000
const CONNECTIONS = 32
/** Time for the generator to build its templates. */
const LEAD_MS = 1_500

export interface LoadOptions extends RequestOptions {
  readonly otlp_http: string
  readonly key: string
  /** Spans a second, whatever the pipeline does. */
  readonly rate: number
  /** Measured time, behind the warm-up. */
  readonly seconds: number
}

/** The open-loop load of a benchmark, from a process of its own. */
export function generate({ rate, seconds, ...options }: LoadOptions): {
  readonly starts_at: number
  readonly report: Promise<GeneratorReport>
} {
  const starts_at = systemClock.now() + LEAD_MS
  const report = startGenerator({
    ...options,
    spans_per_second: rate,
    starts_at,
    warm_up_ms: WARM_UP_MS,
    measured_ms: seconds * 1000,
    connections: CONNECTIONS,
    patience_ms: PATIENCE_MS,
  })
  report.catch(() => {})
  return { starts_at, report }
}
