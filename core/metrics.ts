import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const JUDGE_SECONDS = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 1e-2, 0.1, 1]

/** Everything we count, in one place: names, units, labels. Labels are bounded; see `boundedLabel`. */
export function createMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: `evalforge_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge<L>({ name: `evalforge_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets = SECONDS) =>
    new Histogram<L>({ name: `evalforge_${name}`, help, labelNames, buckets, registers })

  return {
    requests: counter('requests_total', 'Export requests answered, by status.', ['component', 'signal', 'code']),
    requestDuration: histogram('request_duration_seconds', 'From first byte to answer.', ['component', 'signal']),
    requestsInFlight: gauge('requests_in_flight', 'Export requests being handled.', ['component']),
    bytesReceived: counter('bytes_received_total', 'Request bytes, as sent and inflated.', ['component', 'form']),
    spansReceived: counter('spans_received_total', 'Spans acknowledged.', ['component', 'project']),
    logRecordsReceived: counter('log_records_received_total', 'Log records acknowledged.', ['component', 'project']),
    rejected: counter('rejected_total', 'Spans and log records refused before acknowledgement.', ['component', 'code']),
    rateLimited: counter('rate_limited_total', 'Requests refused by a rate limit.', ['project', 'scope', 'limit']),
    tlsCertificateExpiry: gauge(
      'tls_certificate_expiry_timestamp_seconds',
      'When the certificate of a listener runs out.',
      ['listener'],
    ),
    tlsReloadFailed: gauge('tls_reload_failed', '1 while changed TLS files do not fit and the old ones serve.', [
      'listener',
    ]),
    spansProcessed: counter('spans_processed_total', 'Spans read from the log.', ['dialect', 'kind']),
    emitted: counter('emitted_total', 'Rows and records handed on.', ['component', 'to']),
    dropped: counter('dropped_total', 'Intended loss, by reason.', ['component', 'reason']),
    deadLetters: counter('dead_letters_total', 'Records and spans that cannot be used.', ['component', 'code']),
    consumerLag: gauge('consumer_lag_records', 'Records behind the end of the log.', ['group', 'topic', 'partition']),
    batchRows: histogram(
      'batch_rows',
      'Rows of an insert.',
      ['table'],
      [1, 10, 50, 100, 500, 1e3, 2.5e3, 5e3, 1e4, 2e4],
    ),
    insertDuration: histogram('insert_duration_seconds', 'One insert, retries included.', ['table']),
    insertRetries: counter('insert_retries_total', 'Inserts tried again.', ['table', 'code']),
    appendToQueryable: histogram('append_to_queryable_seconds', 'From the log to a committed insert.', []),
    judgeDuration: histogram('judge_duration_seconds', 'One judge on one batch, per span.', ['judge'], JUDGE_SECONDS),
    textsCut: counter('judge_texts_cut_total', 'Spans with a text longer than the scan limit.', []),
    customJudgeFailures: counter('custom_judge_failures_total', 'Batches that a judge of a user failed on.', [
      'judge',
      'code',
    ]),
    customJudgesDisabled: gauge('custom_judges_disabled', 'Judges of users that are disabled by their failures.', []),
    evaluations: counter('evaluations_total', 'Evaluations.', ['project', 'judge', 'tier', 'outcome']),
    judgeRequests: counter('judge_requests_total', 'Units sent to be judged once more or as a whole.', ['reason']),
    assembleWatermark: gauge(
      'assemble_watermark_timestamp_seconds',
      'Append time up to which content was joined and silent traces were found.',
      [],
    ),
    tokens: counter('tokens_total', 'Tokens of model calls as reported per span.', ['project', 'direction']),
    cost: counter('cost_usd_total', 'Cost of model calls by our prices, per span.', ['project']),
    ledger: gauge('ledger_spans', 'What the reconciler found.', ['finding']),
    ledgerChecked: gauge('ledger_checked_timestamp_seconds', 'When the reconciler last finished.', []),
    configSequence: gauge('config_sequence', 'Version of the configuration a process works by.', ['process']),
    processRestarts: counter('process_restarts_total', 'Supervised processes started again.', ['process']),
  }
}

export type Metrics = ReturnType<typeof createMetrics>

/** Keeps a label's values to the first `limit` seen; the rest count as `_other`, so that senders cannot grow our memory. */
export function boundedLabel(limit: number): (value: string) => string {
  const seen = new Set<string>()
  return (value) => {
    if (seen.has(value)) return value
    if (seen.size >= limit) return '_other'
    seen.add(value)
    return value
  }
}
