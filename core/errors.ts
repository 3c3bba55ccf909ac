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
  CLIENT_CLOSED: {
    sentence: 'The client closed the connection before its request was complete.',
    retry: 'never',
    advice: 'Raise the timeout of the exporter, or look at the network between.',
  },
  CONFIG_INVALID: {
    sentence: 'The configuration is not valid.',
    retry: 'never',
    advice: 'Mend the listed paths in evalforge.yaml; `evalforge config check` shows them all.',
  },
  CONFIG_VERSION_UNKNOWN: {
    sentence: 'There is no such version of the configuration.',
    retry: 'never',
    advice: '`evalforge config history` lists the versions that are kept.',
  },
  CUSTOM_JUDGE_ANSWER_INVALID: {
    sentence: 'A judge of your own answered something that is no verdict; the span has an error verdict of it.',
    retry: 'never',
    advice: 'Mend its `evaluate`; `evalforge judges test <name>` shows its verdicts, docs/custom-judges.md their form.',
  },
  CUSTOM_JUDGE_FAILED: {
    sentence: 'A judge of your own threw, or its process ended (a crash, too much memory).',
    retry: 'never',
    advice:
      'Mend it, or raise its memory_limit_mb, then `evalforge config apply`. After three ended processes in a row it is disabled until then.',
  },
  CUSTOM_JUDGE_TIMEOUT: {
    sentence: 'A judge of your own did not answer a batch within its time limit.',
    retry: 'never',
    advice:
      'Make it faster, or raise its time_limit_ms, then `evalforge config apply`. After three times in a row it is disabled until then.',
  },
  CUSTOM_JUDGE_UNAVAILABLE: {
    sentence: 'The code of a judge of your own cannot be loaded; it does not judge.',
    retry: 'never',
    advice: '`evalforge config check` says why; mend it, then `evalforge config apply`.',
  },
  DATA_DIRECTORY_LOCKED: {
    sentence: 'Another process writes to this data directory.',
    retry: 'never',
    advice: 'Stop the other instance, or give this one a directory of its own with --data-dir.',
  },
  DATA_DIRECTORY_UNUSABLE: {
    sentence: 'The data directory cannot be created, opened or written.',
    retry: 'never',
    advice: 'Check its owner, permissions and file system, or choose another one with --data-dir.',
  },
  GROUP_IN_USE: {
    sentence: 'Something reads for this consumer group.',
    retry: 'never',
    advice: 'Stop what reads for it (for group `store`: EvalForge itself), then try again.',
  },
  INSTANCE_MISMATCH: {
    sentence: 'The instance behind this admin port keeps its data in another directory than the one that is meant.',
    retry: 'never',
    advice: 'Name the --admin-port of the instance that you mean, or the --data-dir of this one.',
  },
  INTERNAL: {
    sentence: 'Something broke that should not have.',
    retry: 'later',
    advice: 'Look at the log around this time and report it with the stack.',
  },
  INVALID_ENCODING: {
    sentence: 'The body does not decompress.',
    retry: 'never',
    advice: 'Check that Content-Encoding says how the body was compressed.',
  },
  INVALID_OTLP: {
    sentence: 'The body is not an OTLP export request.',
    retry: 'never',
    advice: 'Point an OTLP exporter (protobuf or JSON) at /v1/traces or /v1/logs.',
  },
  KEY_EXPIRED: {
    sentence: 'The API key has expired.',
    retry: 'never',
    advice: 'Ask for a new key: `evalforge keys rotate <id>` makes one of the same rights.',
  },
  KEY_REPLACED: {
    sentence: 'This API key was rotated before.',
    retry: 'never',
    advice: 'Rotate the key that took its place; the message names it.',
  },
  KEY_UNKNOWN: {
    sentence: 'There is no API key with this id.',
    retry: 'never',
    advice: '`evalforge keys list` shows the ids of all keys of this configuration.',
  },
  KEYS_NOT_APPLIED: {
    sentence: 'The file holds the change, but the running instance was not told.',
    retry: 'later',
    advice: 'Run `evalforge config apply` beside it, or restart it; until then the old keys are in force.',
  },
  LOG_CORRUPT: {
    sentence: 'A record of the log that was acknowledged does not match its checksum, or is missing.',
    retry: 'never',
    advice:
      'Restore the named file. To go on without it, stop EvalForge and run `evalforge topics skip <topic>/<partition> --to <offset behind it>`.',
  },
  LOG_FULL: {
    sentence: 'The log reached its size limit and its slowest consumer still needs the oldest records.',
    retry: 'later',
    advice:
      '`evalforge topics groups` shows who has not read: let it catch up, drop a group that nothing uses (`topics drop-group`), or raise log.retention_bytes.',
  },
  LOG_WRITE_FAILED: {
    sentence: 'The log could not write; what was acknowledged before is safe.',
    retry: 'later',
    advice: 'Check the free space of the disk; the client sends again.',
  },
  METHOD_NOT_ALLOWED: {
    sentence: 'Export requests are sent with POST.',
    retry: 'never',
    advice: 'Point an OTLP exporter at this address.',
  },
  MIGRATIONS_MISMATCH: {
    sentence: 'The migrations of this version do not fit the store.',
    retry: 'never',
    advice: 'The message names the file: restore it, add a new one, or run the version that wrote this store.',
  },
  MIGRATIONS_RUNNING: {
    sentence: 'Another process is migrating the store.',
    retry: 'later',
    advice: 'Wait until it is done. A lock left by a dead process gives way after 15 minutes.',
  },
  NOT_RUNNING: {
    sentence: 'No instance runs here.',
    retry: 'never',
    advice: 'Start it with `evalforge start`, or name the --admin-port of one that runs.',
  },
  OFFSET_OUT_OF_RANGE: {
    sentence: 'The offset is no longer, or not yet, on the log.',
    retry: 'never',
    advice: 'Read from the earliest offset that is still on the log.',
  },
  ORIGIN_REFUSED: {
    sentence: 'A web page of another site sent this to a collector that runs without API keys.',
    retry: 'never',
    advice: 'Make a key with `evalforge keys create <project>` and send it along.',
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
  QUERY_TOO_LARGE: {
    sentence: 'The query needs more memory, or answers with more, than one query may.',
    retry: 'never',
    advice: 'Ask for less: fewer columns, a shorter time, a LIMIT.',
  },
  RATE_LIMITED: {
    sentence: 'The project or the key sends more than its rate limit allows.',
    retry: 'later',
    advice: 'OTLP exporters wait for Retry-After and send again; the message names the limit to raise.',
  },
  RECORD_INVALID: {
    sentence: 'The log does not take such a record: it is too large, or has no key on a compacted topic.',
    retry: 'never',
    advice: 'Make the record smaller than the log allows; give records of compacted topics a key.',
  },
  READER_KEY_INVALID: {
    sentence: 'The query port asks for its reader key, and this is not it.',
    retry: 'never',
    advice: 'Pass the key with --password or EVALFORGE_READER_KEY; store.http.reader_key_sha256 holds its SHA-256.',
  },
  REQUEST_INVALID: {
    sentence: 'What was asked of the command line or the admin port is not valid.',
    retry: 'never',
    advice: 'Mend what the message names; `--help` shows the form.',
  },
  REQUEST_TOO_LARGE: {
    sentence: 'The request is larger than allowed, as sent or inflated.',
    retry: 'never',
    advice: 'Lower the batch size of the exporter, or raise ingest.limits in evalforge.yaml.',
  },
  REQUEST_TOO_SLOW: {
    sentence: 'The body arrived too slowly.',
    retry: 'never',
    advice: 'Look at the network, or raise the timeouts of the collector in evalforge.yaml.',
  },
  ROUTE_NOT_FOUND: {
    sentence: 'Nothing is served under this path.',
    retry: 'never',
    advice: 'Send traces to /v1/traces and logs to /v1/logs.',
  },
  SCOPE_MISSING: {
    sentence: 'The API key may not send this.',
    retry: 'never',
    advice: 'Use a key of the right scope: `evalforge keys create <project> --scope <scope>` makes one.',
  },
  SHUTTING_DOWN: {
    sentence: 'The collector is stopping.',
    retry: 'later',
    advice: 'None: OTLP exporters send again, and the next process answers.',
  },
  SIGNAL_NOT_ACCEPTED: {
    sentence: 'Metrics and profiles are not collected here, only traces and logs.',
    retry: 'never',
    advice: 'Set OTEL_METRICS_EXPORTER=none, or send metrics elsewhere with OTEL_EXPORTER_OTLP_METRICS_ENDPOINT.',
  },
  SPAN_ID_REPEATED: {
    sentence: 'Two spans of one request have the same id and start in different hours; the first one is kept.',
    retry: 'never',
    advice: 'Give every span an id of its own: look at how the sender makes them.',
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
    advice:
      'Set start_time_unix_nano in the exporter. `evalforge dead-letters replay --shift` gives the span the time it was received.',
  },
  TIMESTAMP_OUT_OF_RANGE: {
    sentence: 'The span starts before the retention or more than a day in the future.',
    retry: 'never',
    advice:
      'Check the clock of the sender. `evalforge dead-letters replay --shift` moves the span to when it was received.',
  },
  TOO_MANY_REQUESTS: {
    sentence: 'Too many requests or bytes are in flight.',
    retry: 'later',
    advice: 'OTLP exporters wait for Retry-After and send again.',
  },
  TOPIC_READ_ONLY: {
    sentence: 'Another process writes this topic; this one only reads it.',
    retry: 'never',
    advice: 'Write from the process that owns the topic (`ingest` or `process`).',
  },
  TOPIC_UNKNOWN: {
    sentence: 'There is no such topic or partition.',
    retry: 'never',
    advice: 'Check the name: docs/topics.md lists all topics.',
  },
  TRACE_INVALID: {
    sentence: 'The body is no trace in the simple JSON of /api/v1/traces.',
    retry: 'never',
    advice: 'Mend what `errors` lists; GET /api/v1/openapi.json and docs/rest.md describe the form.',
  },
  UNAUTHENTICATED: {
    sentence: 'The request carries no valid API key.',
    retry: 'never',
    advice: 'Send `Authorization: Bearer <key>`; `evalforge keys create <project>` makes one.',
  },
  UNEXPECTED: {
    sentence: 'A component threw on this record.',
    retry: 'never',
    advice:
      'Report it: the record lies in dead_letters with its bytes; `evalforge dead-letters replay` tries it again with a release that mends it.',
  },
  UNREADABLE_RECORD: {
    sentence: 'The record on the log cannot be decoded.',
    retry: 'never',
    advice: 'Look at it with `evalforge dead-letters show`.',
  },
  UNSUPPORTED_ENCODING: {
    sentence: 'The Content-Encoding of the body is not supported.',
    retry: 'never',
    advice: 'Send identity, gzip, deflate or zstd.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    sentence: 'The body is neither OTLP protobuf nor OTLP JSON.',
    retry: 'never',
    advice: 'Send Content-Type application/x-protobuf or application/json.',
  },
})

export type ErrorCode = keyof typeof ERRORS

/** An error with a code of the catalogue. Messages say what was being done and never quote customer text. */
export class CodedError extends Error {
  override readonly name = 'CodedError'
  readonly code: ErrorCode
  readonly retry: Retry
  /** When to try again, where this error knows better than its code. */
  readonly retry_after_s: number | undefined

  constructor(code: ErrorCode, message?: string, options?: ErrorOptions & { readonly retry_after_s?: number }) {
    super(message ?? ERRORS[code].sentence, options)
    this.code = code
    this.retry = ERRORS[code].retry
    this.retry_after_s = options?.retry_after_s
  }
}

export function isRetryable(error: unknown): boolean {
  return error instanceof CodedError && error.retry === 'later'
}
