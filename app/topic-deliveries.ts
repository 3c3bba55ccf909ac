import type { Broker, OutgoingRecord } from '../adapters/broker/broker.ts'
import { createTopicDelivery } from '../adapters/broker/topic-delivery.ts'
import { createEvaluationCodec, createJudgedSpanCodec } from '../core/avro.ts'
import type { Delivery, RangeIdentity } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { Evaluation, Tier } from '../schemas/evaluation.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { JudgedUnit, UnitEvaluation } from '../schemas/judged-unit.ts'
import { EVALUATIONS, LLM_SPANS } from '../schemas/topics.ts'
import type { Config } from './config.ts'

const REVISION_SHIFT = 48n

interface DeliveryOptions {
  readonly deliver: Config['deliver']
  readonly metrics: Pick<Metrics, 'emitted'>
}

/** What one item of a chain says on the topics. */
interface Said {
  readonly spans: readonly JudgedSpan[]
  readonly evaluations: readonly UnitEvaluation[]
}

/** The topics that configuration subscribes to the first chain; none by default, since otlp_spans can rebuild them. */
export function createTopicDeliveries(broker: Broker, options: DeliveryOptions): readonly Delivery<JudgedSpan>[] {
  return deliveriesOf(broker, options, (judged) => ({ spans: [judged], evaluations: evaluationsOf(judged) }))
}

/** The same topics, for what comes of judge requests. */
export function createUnitDeliveries(broker: Broker, options: DeliveryOptions): readonly Delivery<JudgedUnit>[] {
  return deliveriesOf(broker, options, ({ unit, judged }) =>
    unit === 'span'
      ? { spans: [judged], evaluations: evaluationsOf(judged) }
      : { spans: [], evaluations: judged.record.evaluations.length === 0 ? [] : [judged.record] },
  )
}

function deliveriesOf<Item>(
  broker: Broker,
  { deliver, metrics }: DeliveryOptions,
  said: (item: Item) => Said,
): readonly Delivery<Item>[] {
  const deliveries: Delivery<Item>[] = []
  const add = (topic: typeof LLM_SPANS, encode: (item: Item, identity: RangeIdentity) => readonly OutgoingRecord[]) =>
    deliveries.push(createTopicDelivery({ broker, topic, counter: metrics.emitted, encode }))
  if (deliver.llm_spans) {
    const codec = createJudgedSpanCodec()
    add(LLM_SPANS, (item) =>
      said(item).spans.map((judged) => ({ key: keyOf(judged.span), value: codec.encode(judged), headers: {} })),
    )
  }
  if (deliver.evaluations) {
    const codec = createEvaluationCodec()
    add(EVALUATIONS, (item, { config_offset }) =>
      said(item).evaluations.map((evaluation) => ({
        key: keyOf(evaluation),
        value: codec.encode({ ...evaluation, config_version: String(config_offset) }),
        headers: {},
      })),
    )
  }
  return deliveries
}

const keyOf = ({ project, trace_id }: { project: string; trace_id: string }) => Buffer.from(`${project}/${trace_id}`)

/** A record for each tier that said something: rules see every span, what others report was chosen by them. */
function evaluationsOf({ span, evaluations }: JudgedSpan): readonly UnitEvaluation[] {
  const { project, session_id, trace_id, span_id, start_time, version, reported_evaluations } = span
  const record = (tier: Tier, sampling_probability: number | null, list: readonly Evaluation[]): UnitEvaluation => ({
    project,
    unit: 'span',
    session_id,
    trace_id,
    span_id,
    start_time,
    version,
    revision: Number(version >> REVISION_SHIFT),
    tier,
    sampling_probability,
    evaluations: list,
  })
  return [
    ...(evaluations.length > 0 ? [record('rule', 1, evaluations)] : []),
    ...(reported_evaluations.length > 0 ? [record('external', null, reported_evaluations)] : []),
  ]
}
