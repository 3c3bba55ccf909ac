import {
  DEAD_LETTER_HEADERS,
  DEAD_LETTERS,
  EVALUATIONS,
  HEADER_CORRELATION_ID,
  HEADER_PROJECT,
  HEADER_REPLAY_OF,
  HEADER_SAVED_FROM,
  HEADER_TRACEPARENT,
  HEADER_TRANSPORT,
  JUDGE_REQUESTS,
  LLM_SPANS,
  OTLP_LOGS,
  OTLP_SPANS,
  PROJECT_CONFIGS,
  REPLAYS,
} from '../../schemas/topics.ts'

/** What a program that reads a topic needs to know; docs/topics.md says more. */
export interface TopicContract {
  readonly key: string
  readonly value: string
  readonly headers: readonly string[]
}

const RECEIVED = [
  HEADER_PROJECT,
  HEADER_TRANSPORT,
  HEADER_CORRELATION_ID,
  HEADER_REPLAY_OF,
  HEADER_SAVED_FROM,
  HEADER_TRACEPARENT,
]
const BY_TRACE = 'project/trace_id'

export const TOPIC_CONTRACTS: Readonly<Record<string, TopicContract>> = {
  [OTLP_SPANS.name]: {
    key: 'none, no order',
    value: 'OTLP ExportTraceServiceRequest, protobuf',
    headers: RECEIVED,
  },
  [OTLP_LOGS.name]: { key: 'none, no order', value: 'OTLP ExportLogsServiceRequest, protobuf', headers: RECEIVED },
  [LLM_SPANS.name]: {
    key: BY_TRACE,
    value: 'Avro, single-object encoding: schemas/avro/llm-span.avsc',
    headers: [],
  },
  [EVALUATIONS.name]: {
    key: BY_TRACE,
    value: 'Avro, single-object encoding: schemas/avro/evaluation.avsc',
    headers: [],
  },
  [JUDGE_REQUESTS.name]: {
    key: BY_TRACE,
    value: 'Avro, single-object encoding: schemas/avro/judge-request.avsc',
    headers: [],
  },
  [DEAD_LETTERS.name]: {
    key: 'none',
    value: 'the original bytes',
    headers: [
      HEADER_PROJECT,
      HEADER_TRANSPORT,
      HEADER_CORRELATION_ID,
      HEADER_REPLAY_OF,
      ...Object.values(DEAD_LETTER_HEADERS),
    ],
  },
  [REPLAYS.name]: { key: 'none', value: 'JSON: {dead_letter_id, topic, partition, offset, shift_ms}', headers: [] },
  [PROJECT_CONFIGS.name]: { key: 'project, or * for all', value: 'JSON: the configuration in force', headers: [] },
  commits: {
    key: 'JSON: {group, topic, partition}',
    value: 'JSON: {offset, metadata}; the log keeps it for itself',
    headers: [],
  },
}
