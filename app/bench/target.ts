import { generate, SPANS_PER_REQUEST, WARM_UP_MS } from './load.ts'
import { type Quantiles, quantilesOf, round } from './pipeline.ts'

export interface TargetOptions {
  /** Base URL of the OTLP/HTTP door that is measured. */
  readonly target: string
  readonly key: string
  readonly seconds: number
  readonly rate: number
  readonly span_bytes: number
  /** Another one each time: a target keeps what an earlier run sent. */
  readonly seed: number
}

/** What `evalforge bench --target … --json` prints: what a sender can see. Additive changes only. */
export interface TargetResult {
  readonly target: string
  readonly seconds: number
  readonly offered_spans_per_second: number
  /** Acknowledged within the window. */
  readonly spans_per_second: number
  readonly span_bytes: number
  readonly ack_ms: Quantiles
  readonly spans_acknowledged: number
  readonly requests_unanswered: number
  readonly retries: number
  readonly errors: Readonly<Record<string, number>>
  readonly generator_cpu_us_per_span: number
}

/** The same load against a door that runs elsewhere: how fast and how often it says yes. */
export async function benchTarget(options: TargetOptions, say: (text: string) => void): Promise<TargetResult> {
  const { target, key, seconds, rate, span_bytes, seed } = options
  say(`Sending ${rate} spans/s to ${target} for ${seconds} s after ${WARM_UP_MS / 1000} s of warm-up …`)
  const load = { seed, span_bytes, spans_per_request: SPANS_PER_REQUEST, otlp_http: target, key, rate, seconds }
  const report = await generate(load).report
  const acknowledged = report.acknowledged.length * SPANS_PER_REQUEST
  return {
    target,
    seconds,
    offered_spans_per_second: rate,
    spans_per_second: round(report.spans_acknowledged_in_window / seconds, 0),
    span_bytes: round(report.bytes_per_span, 0),
    ack_ms: quantilesOf(report.ack_ms),
    spans_acknowledged: acknowledged,
    requests_unanswered: report.unanswered.length,
    retries: report.retries,
    errors: report.errors,
    generator_cpu_us_per_span: round(report.cpu_us / Math.max(1, acknowledged)),
  }
}
