import type { Broker } from '../adapters/broker/broker.ts'
import { createTopicDelivery } from '../adapters/broker/topic-delivery.ts'
import { createEvaluationCodec, createJudgedSpanCodec } from '../core/avro.ts'
import type { Delivery, RangeIdentity } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import { EVALUATIONS, LLM_SPANS } from '../schemas/topics.ts'
import type { Config } from './config.ts'

const REVISION_SHIFT = 48n
const keyOf = ({ project, trace_id }: LlmSpan) => Buffer.from(`${project}/${trace_id}`)

/** The topics that configuration subscribes to the first chain; none by default, since otlp_spans can rebuild them. */
export function createTopicDeliveries(
  broker: Broker,
  options: { deliver: Config['deliver']; metrics: Pick<Metrics, 'emitted'> },
): readonly Delivery<JudgedSpan>[] {
  const { deliver } = options
  const counter = options.metrics.emitted
  const deliveries: Delivery<JudgedSpan>[] = []
  if (deliver.llm_spans) {
    const codec = createJudgedSpanCodec()
    const encode = (item: JudgedSpan) => ({ key: keyOf(item.span), value: codec.encode(item), headers: {} })
    deliveries.push(createTopicDelivery({ broker, topic: LLM_SPANS, counter, encode }))
  }
  if (deliver.evaluations) {
    const codec = createEvaluationCodec()
    const encode = ({ span, evaluations }: JudgedSpan, { config_offset }: RangeIdentity) => {
      if (evaluations.length === 0) return null
      const { project, session_id, trace_id, span_id, start_time, version } = span
      const value = codec.encode({
        project,
        unit: 'span',
        session_id,
        trace_id,
        span_id,
        start_time,
        version,
        revision: Number(version >> REVISION_SHIFT),
        tier: 'rule',
        config_version: String(config_offset),
        sampling_probability: 1,
        evaluations,
      })
      return { key: keyOf(span), value, headers: {} }
    }
    deliveries.push(createTopicDelivery({ broker, topic: EVALUATIONS, counter, encode }))
  }
  return deliveries
}
