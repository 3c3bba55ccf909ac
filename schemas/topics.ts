/** The topics: names, keys and retention. A public contract (docs/topics.md): additive changes only. */
export interface TopicDefinition {
  readonly name: string
  /** Partitions on the embedded broker; production uses 12. */
  readonly partitions: number
  /** Compacted topics keep the last record of a key; the others delete by age and size. */
  readonly cleanup: 'delete' | 'compact'
  readonly summary: string
}

const topic = (name: string, summary: string, cleanup: 'delete' | 'compact' = 'delete', partitions = 4) =>
  ({ name, partitions, cleanup, summary }) satisfies TopicDefinition

export const OTLP_SPANS = topic('otlp_spans', 'OTLP ExportTraceServiceRequest (protobuf), one request a record.')
export const OTLP_LOGS = topic('otlp_logs', 'OTLP ExportLogsServiceRequest (protobuf), one request a record.')
export const LLM_SPANS = topic('llm_spans', 'Avro LlmSpan with its tier-1 verdicts, keyed project/trace_id.')
export const EVALUATIONS = topic('evaluations', 'Avro, one record per span and tier, keyed project/trace_id.')
export const JUDGE_REQUESTS = topic(
  'judge_requests',
  'Avro, units that are to be judged with all that their judges see, keyed project/trace_id.',
)
export const DEAD_LETTERS = topic('dead_letters', 'Original bytes of what cannot be used, the reason in headers.')
export const REPLAYS = topic('replays', 'JSON: a dead letter that was put back on otlp_spans, and where.', 'delete', 1)
export const PROJECT_CONFIGS = topic(
  'project_configs',
  'Versions of the configuration, and the one in force.',
  'compact',
  1,
)

export const TOPICS: readonly TopicDefinition[] = [
  OTLP_SPANS,
  OTLP_LOGS,
  LLM_SPANS,
  EVALUATIONS,
  JUDGE_REQUESTS,
  DEAD_LETTERS,
  REPLAYS,
  PROJECT_CONFIGS,
]

/** Written by the collectors' process alone; all others by the one that judges. */
export const INGEST_TOPICS: readonly TopicDefinition[] = [OTLP_SPANS, OTLP_LOGS, REPLAYS]

/** Record headers of otlp_spans and otlp_logs, set by the collector. Identity never comes from the payload. */
export const HEADER_PROJECT = 'project'
/** http/protobuf, http/json, grpc. */
export const HEADER_TRANSPORT = 'transport'
/** What the request is called: in its answer, in log lines about it, on its dead letters (core/correlation.ts). */
export const HEADER_CORRELATION_ID = 'correlation_id'
/** The dead letter that this record is, put back on the topic. */
export const HEADER_REPLAY_OF = 'replay_of'
/** `topic:partition:offset` of the record that this is a copy of, saved from among damaged ones. */
export const HEADER_SAVED_FROM = 'saved_from'
/** W3C Trace Context of the append, only where EvalForge traces this request itself. */
export const HEADER_TRACEPARENT = 'traceparent'

/** Keys of project_configs; docs/topics.md says what lies under them. None can be the name of a project. */
export const CONFIG_KEYS = {
  /** The configuration in force. */
  in_force: '*',
  /** The API keys in force, as hashes. */
  api_keys: '*/keys',
  /** One version of the configuration; the offset of this record is the `config_version` of rows. */
  version: (sequence: number) => `*/${sequence}`,
} as const

/** Record headers of dead_letters, beside HEADER_PROJECT, HEADER_TRANSPORT, HEADER_CORRELATION_ID and HEADER_REPLAY_OF. */
export const DEAD_LETTER_HEADERS = {
  /** Deterministic: `topic:partition:offset:index`; a repeated letter has the same id. */
  id: 'dead_letter_id',
  code: 'code',
  message: 'message',
  component: 'component',
  /** Where the original record lies. */
  topic: 'source_topic',
  partition: 'source_partition',
  offset: 'source_offset',
} as const
