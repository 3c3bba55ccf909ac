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
export const DEAD_LETTERS = topic('dead_letters', 'Original bytes of what cannot be used, the reason in headers.')
export const PROJECT_CONFIGS = topic('project_configs', 'Configuration of a project, keyed by project.', 'compact', 1)

export const TOPICS: readonly TopicDefinition[] = [
  OTLP_SPANS,
  OTLP_LOGS,
  LLM_SPANS,
  EVALUATIONS,
  DEAD_LETTERS,
  PROJECT_CONFIGS,
]

/** Record headers of otlp_spans and otlp_logs, set by the collector. Identity never comes from the payload. */
export const HEADER_PROJECT = 'project'
/** http/protobuf, http/json, grpc. */
export const HEADER_TRANSPORT = 'transport'
/** What the request is called: in its answer, in log lines about it, on its dead letters (core/correlation.ts). */
export const HEADER_CORRELATION_ID = 'correlation_id'
/** W3C Trace Context of the append, only where EvalForge traces this request itself. */
export const HEADER_TRACEPARENT = 'traceparent'

/** Record headers of dead_letters, beside HEADER_PROJECT, HEADER_TRANSPORT and HEADER_CORRELATION_ID. */
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
