import type { LlmSpan } from '../../../schemas/llm-span.ts'
import { lines } from './builders.ts'

/** What a person checks by eye, one span a line; absent values left out. */
export function summaryOf(spans: readonly LlmSpan[]): string {
  return `[\n${spans.map((span) => JSON.stringify(summary(span))).join(',\n')}\n]\n`
}

function summary(span: LlmSpan) {
  const { parameters } = span
  const rows: readonly (readonly [string, unknown])[] = [
    ['name', span.name],
    ['span', span.span_id],
    ['parent', span.parent_span_id],
    ['dialect', span.dialect],
    ['kind', span.kind],
    ['is_call', span.is_call],
    ['provider', span.provider],
    ['models', [span.request_model, span.response_model].join(' > ')],
    ['tokens', span.is_call ? [span.input_tokens, span.output_tokens] : ''],
    ['cached', span.cache_read_input_tokens],
    ['written', span.cache_write_input_tokens],
    ['reasoning', span.reasoning_output_tokens],
    ['reported', [span.reported_input_tokens, span.reported_output_tokens].filter((count) => count !== null)],
    ['finish', span.finish_reasons],
    ['status', span.status],
    ['error', [span.error_type, span.error_message.slice(0, 60)].filter(Boolean).join(': ')],
    ['session', span.session_id],
    ['user', span.user_id],
    ['agent', span.agent_name],
    ['workflow', span.workflow_name],
    ['tool', [span.tool_name, span.tool_call_id].filter(Boolean).join(' ')],
    ['tags', span.tags],
    ['environment', span.environment],
    ['release', span.release],
    ['first_token_ms', span.time_to_first_token_ms],
    [
      'parameters',
      Object.entries(parameters)
        .filter(([, value]) => isSet(value))
        .map(([key, value]) => `${key}=${value}`),
    ],
    ['captured', [span.input_captured, span.output_captured]],
    ['system', span.system_instructions],
    ['input', lines(span.input_messages)],
    ['output', lines(span.output_messages)],
    ['query', span.query],
    ['documents', span.documents],
    ['tools', span.tool_definitions.slice(0, 60)],
    ['attributes', [...span.attributes.keys()]],
  ]
  return Object.fromEntries(rows.filter(([, value]) => isSet(value)))
}

function isSet(value: unknown): boolean {
  return value !== '' && value !== null && value !== ' > ' && !(Array.isArray(value) && value.length === 0)
}
