/**
 * The one catalogue of error codes: what happened, whether trying again can help, and what the operator should do.
 * `docs/errors.md` is generated from it and a test keeps both equal.
 */
export type Retry = 'never' | 'later'

export interface ErrorDefinition {
  readonly sentence: string
  readonly retry: Retry
  readonly advice: string
}

const define = <Code extends string>(catalogue: Record<Code, ErrorDefinition>) => catalogue

export const ERRORS = define({
  ATTRIBUTE_LIMIT_EXCEEDED: {
    sentence: 'A span carries more attributes, deeper values or longer strings than the limits allow.',
    retry: 'never',
    advice: 'Send fewer or shorter attributes, or raise ingest.limits in evalforge.yaml.',
  },
  BROKER_CLOSED: {
    sentence: 'The log is closed.',
    retry: 'later',
    advice: 'The process is stopping; the client retries against the next one.',
  },
  BROKER_FAILED: {
    sentence: 'The log stopped after a failed write or flush; the state of the page cache is unknown.',
    retry: 'later',
    advice: 'Check the disk and its free space, then restart. Nothing acknowledged is lost.',
  },
  CONFIG_INVALID: {
    sentence: 'The configuration is not valid.',
    retry: 'never',
    advice: 'Mend the listed paths in evalforge.yaml; `evalforge config check` shows them all.',
  },
  DATA_DIRECTORY_LOCKED: {
    sentence: 'Another process writes to this data directory.',
    retry: 'never',
    advice: 'Stop the other instance, or give this one a directory of its own with --data-dir.',
  },
  INTERNAL: {
    sentence: 'Something broke that should not have.',
    retry: 'later',
    advice: 'Look at the log around this time and report it with the stack.',
  },
  INVALID_ENCODING: {
    sentence: 'The body does not decompress, or its Content-Encoding is not supported.',
    retry: 'never',
    advice: 'Send identity, gzip, deflate or zstd.',
  },
  INVALID_OTLP: {
    sentence: 'The body is not an OTLP export request.',
    retry: 'never',
    advice: 'Point an OTLP exporter (protobuf or JSON) at /v1/traces or /v1/logs.',
  },
  LOG_FULL: {
    sentence: 'The log reached its size limit and its slowest consumer still needs the oldest records.',
    retry: 'later',
    advice: 'Let the consumers catch up, or raise log.retention_bytes.',
  },
  OFFSET_OUT_OF_RANGE: {
    sentence: 'The offset is no longer, or not yet, on the log.',
    retry: 'never',
    advice: 'Read from the earliest offset that `evalforge topics` shows.',
  },
  PARTITION_FENCED: {
    sentence: 'The partition belongs to another owner now.',
    retry: 'never',
    advice: 'None: the new owner continues from the last commit.',
  },
  PORT_BUSY: {
    sentence: 'Another program listens on this port.',
    retry: 'never',
    advice: 'Stop the other program or choose another port.',
  },
  QUERY_FAILED: {
    sentence: 'The store could not answer the query.',
    retry: 'never',
    advice: 'Read the reason behind it; it is what ClickHouse says.',
  },
  QUERY_REFUSED: {
    sentence: 'Only a single reading statement without table functions or OUTFILE is answered here.',
    retry: 'never',
    advice: 'Query the views spans, evaluations, all_evaluations, usage, span_texts and ledger.',
  },
  QUERY_TIMEOUT: {
    sentence: 'The query ran longer than its limit.',
    retry: 'never',
    advice: 'Narrow it, for example by project and hour.',
  },
  REQUEST_TOO_LARGE: {
    sentence: 'The request is larger than allowed, as sent or inflated.',
    retry: 'never',
    advice: 'Lower the batch size of the exporter, or raise ingest.limits in evalforge.yaml.',
  },
  SPAN_INVALID: {
    sentence: 'A span has no valid trace id or span id.',
    retry: 'never',
    advice: 'Trace ids are 16 bytes and span ids 8 bytes, not all zero.',
  },
  SPAN_TOO_LARGE: {
    sentence: 'A single span is larger than one record of the log may be.',
    retry: 'never',
    advice: 'Send less content with the span, or raise ingest.limits.max_record_bytes.',
  },
  STORE_FAILED: {
    sentence: 'The store refused a batch.',
    retry: 'later',
    advice: 'Read the reason behind it. The log keeps the records until the store takes them.',
  },
  STORE_UNAVAILABLE: {
    sentence: 'The store does not answer.',
    retry: 'later',
    advice: 'Check the store process or server. The log keeps everything until it is back.',
  },
  TIMESTAMP_MISSING: {
    sentence: 'Neither the span nor its request has any time.',
    retry: 'never',
    advice: 'Set start_time_unix_nano in the exporter.',
  },
  TIMESTAMP_OUT_OF_RANGE: {
    sentence: 'The span starts before the retention or more than a day in the future.',
    retry: 'never',
    advice: 'Check the clock of the sender.',
  },
  TOO_MANY_REQUESTS: {
    sentence: 'Too many requests or bytes are in flight.',
    retry: 'later',
    advice: 'OTLP exporters wait for Retry-After and send again.',
  },
  UNAUTHENTICATED: {
    sentence: 'The request carries no valid API key.',
    retry: 'never',
    advice: 'Send `Authorization: Bearer <key>`; `evalforge keys create <project>` makes one.',
  },
  UNEXPECTED: {
    sentence: 'A component threw on this record.',
    retry: 'never',
    advice: 'Report it: the record lies in dead_letters with its bytes.',
  },
  UNREADABLE_RECORD: {
    sentence: 'The record on the log cannot be decoded.',
    retry: 'never',
    advice: 'Look at it with `evalforge dead-letters show`.',
  },
})

export type ErrorCode = keyof typeof ERRORS

/** An error with a code of the catalogue. Messages say what was being done and never quote customer text. */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: ErrorCode
  readonly retry: Retry

  constructor(code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? ERRORS[code].sentence, options)
    this.code = code
    this.retry = ERRORS[code].retry
  }
}

export function isRetryable(error: unknown): boolean {
  return error instanceof CodedError && error.retry === 'later'
}
