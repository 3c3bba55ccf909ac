import { costOf, type PriceList } from '../../core/prices.ts'
import {
  type LlmSpan,
  REVISION_FINISHED,
  REVISION_UNFINISHED,
  spanVersion,
  type TokenUsage,
} from '../../schemas/llm-span.ts'
import { type OtlpScopeSpans, type OtlpSpan, STATUS_ERROR, STATUS_OK } from '../../schemas/otlp/otlp.ts'
import type { Collected, Slots } from './collect.ts'
import { cut, MAX_INHERITED, MAX_NAME } from './cut.ts'
import { scalarText } from './json.ts'
import { isCall, kindOf } from './kind.ts'
import { parametersOf } from './parameters.ts'
import { providerOf } from './providers.ts'
import { reportedEvaluations } from './reported-on-span.ts'
import type { ResourceValues } from './resource.ts'
import { restAttributes } from './rest-attributes.ts'
import { contentOf } from './span-content.ts'
import { type EventFindings, NO_EVENTS, readEvents } from './span-events.ts'
import type { SpanTimes } from './span-times.ts'
import { NO_USAGE, usageOf } from './usage.ts'

export interface SpanParts {
  readonly span: OtlpSpan
  readonly scope: OtlpScopeSpans
  readonly dialect: string
  readonly times: SpanTimes
  readonly collected: Collected
  readonly prices: PriceList
  readonly resource: ResourceValues
  readonly project: string
  readonly received_at: number
}

const NO_LIST: readonly string[] = []

/** Puts together what the tables, the events and the resource said about one span. */
export function buildSpan(parts: SpanParts): LlmSpan {
  const { span, scope, times, resource, received_at } = parts
  const { slots } = parts.collected
  const named = kindOf(slots, scope.scope_name, span.name)
  const is_call = isCall(named, slots, { scope_name: scope.scope_name, is_failed: isFailed(span) })
  const events = span.events.length > 0 ? readEvents(span.events, is_call) : NO_EVENTS
  // A client of a vector store names no kind; only its events say that it found documents.
  const kind = named === 'other' && events.documents.length > 0 ? 'retrieval' : named
  if (kind === 'tool') slots.tool_name ??= ownName(span, slots, TOOL_OPERATIONS) || undefined
  const content = contentOf(slots, events, kind)
  const models = modelsOf(slots)
  const counted = usageOf(slots, is_call)
  const usage = is_call ? counted : NO_USAGE
  const cost_usd = is_call ? costUsd(models, usage, parts.prices) : null
  const { status, error_type, error_message } = errorOf(span, slots, events)
  const isPlaceholder = !times.is_finished || slots.log_span === 'pending_span'
  // One literal without spreads: spreading half of it cost more than reading the attributes.
  return {
    project: parts.project,
    trace_id: span.trace_id,
    span_id: span.span_id,
    parent_span_id: span.parent_span_id,
    version: spanVersion(isPlaceholder ? REVISION_UNFINISHED : REVISION_FINISHED, received_at),
    received_at,
    dialect: parts.dialect,
    name: cut(span.name, MAX_NAME),
    kind,
    operation: slots.operation ?? slots.request_type ?? '',
    is_call,
    scope_name: cut(scope.scope_name, MAX_INHERITED),
    scope_version: cut(scope.scope_version, MAX_INHERITED),
    sdk_language: resource.sdk_language,
    service_name: resource.service_name,
    environment: slots.environment ?? resource.environment,
    release: slots.release ?? resource.release,
    start_time: times.start_time,
    end_time: times.end_time,
    time_inferred: times.time_inferred,
    time_to_first_token_ms: firstTokenMs(slots, events, times.start_time),
    provider: models.provider,
    request_model: models.request_model,
    response_model: models.response_model,
    response_id: slots.response_id ?? '',
    parameters: parametersOf(slots),
    finish_reasons: finishReasons(slots, events, content.output_messages),
    system_instructions: content.system_instructions,
    input_messages: content.input_messages,
    output_messages: content.output_messages,
    tool_definitions: content.tool_definitions,
    input_captured: content.input_captured,
    output_captured: content.output_captured,
    query: content.query,
    documents: content.documents,
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens,
    cache_write_input_tokens: usage.cache_write_input_tokens,
    reasoning_output_tokens: usage.reasoning_output_tokens,
    reported_input_tokens: is_call ? null : (slots.reported_input_tokens ?? counted.input_tokens),
    reported_output_tokens: is_call ? null : (slots.reported_output_tokens ?? counted.output_tokens),
    cost_usd,
    reported_cost_usd: slots.reported_cost_usd ?? sumOf(slots.input_cost_usd, slots.output_cost_usd),
    price_version: cost_usd === null ? '' : parts.prices.version,
    status,
    error_type,
    error_message,
    session_id: slots.session_id ?? sessionInMetadata(slots),
    user_id: slots.user_id ?? scalarText(slots.metadata?.user_id),
    agent_name: slots.agent_name ?? (kind === 'agent' ? ownName(span, slots, AGENT_OPERATIONS) : ''),
    workflow_name: slots.workflow_name ?? '',
    tool_name: slots.tool_name ?? '',
    tool_call_id: slots.tool_call_id ?? '',
    prompt_name: slots.prompt_name ?? '',
    prompt_version: slots.prompt_version ?? '',
    tags: slots.tags ?? NO_LIST,
    reported_evaluations: reportedEvaluations(parts.collected, events, span),
    attributes: restAttributes(parts.collected.rest),
  }
}

function isFailed({ status_code, events }: OtlpSpan): boolean {
  return status_code === STATUS_ERROR || events.some(({ name }) => name === 'exception')
}

function sumOf(one: number | undefined, other: number | undefined): number | null {
  return one === undefined && other === undefined ? null : (one ?? 0) + (other ?? 0)
}

/** Traceloop names the entity, Logfire prints its name; Langfuse, LangSmith, MLflow and others name the span after it. */
function ownName(span: OtlpSpan, slots: Slots, operations: readonly string[]): string {
  const node = operations === AGENT_OPERATIONS ? slots.node_name : undefined
  const said = slots.entity_name ?? slots.printed_name ?? slots.genkit_name ?? node
  if (said) return said
  if (slots.langfuse_type || slots.langsmith_kind) return span.name
  const operation = operations.find((one) => span.name.includes(one))
  if (!operation && slots.other_kind && !span.name.includes(' ')) return span.name
  const name = operation ? span.name.slice(span.name.indexOf(operation) + operation.length) : ''
  // The Vercel SDK puts the model in the agent's place.
  return name === slots.request_model ? '' : name
}
/** The conventions name a span `{operation} {name}`. */
const AGENT_OPERATIONS = ['invoke_agent ', 'create_agent '] as const
const TOOL_OPERATIONS = ['execute_tool ', 'tools/call '] as const

type Models = Pick<LlmSpan, 'provider' | 'request_model' | 'response_model'>

/**
 * OpenInference's `llm.model_name` is what was asked for until the answer names another; what was asked for may stand among
 * the parameters.
 */
function modelsOf(slots: Slots): Models {
  const { model_name = '', parameters } = slots
  const genkit = slots.genkit_kind === 'model' ? slots.genkit_name : undefined
  const asked = scalarText(parameters?.model) || scalarText(parameters?.model_name) || model_name
  const request_model = slots.request_model ?? genkit ?? asked
  const response_model = slots.response_model ?? (model_name === request_model ? '' : model_name)
  const said = slots.provider ?? scalarText(slots.metadata?.ls_provider)
  const model = request_model || response_model
  return { provider: said || model ? providerOf(said, model) : '', request_model, response_model }
}

/** By the model that answered; where its name is not priced, by the one that was asked. */
function costUsd(models: Models, usage: TokenUsage, prices: PriceList): number | null {
  const price = prices.priceOf(models.response_model) ?? prices.priceOf(models.request_model)
  return price ? costOf(price, usage) : null
}

function finishReasons(slots: Slots, events: EventFindings, output: LlmSpan['output_messages']): readonly string[] {
  if (slots.finish_reasons) return slots.finish_reasons
  if (events.finish_reasons.length > 0) return events.finish_reasons
  const reasons = output.map(({ finish_reason }) => finish_reason).filter(Boolean)
  return reasons.length > 0 ? reasons : NO_LIST
}

function firstTokenMs(slots: Slots, events: EventFindings, start_time: bigint): number | null {
  if (slots.time_to_first_token_ms !== undefined) return slots.time_to_first_token_ms
  if (slots.first_token_at !== undefined) return notNegative(slots.first_token_at - Number(start_time / 1_000n) / 1_000)
  if (events.first_token_time === 0n) return null
  return notNegative(Number(events.first_token_time - start_time) / 1e6)
}

function notNegative(milliseconds: number): number | null {
  return milliseconds >= 0 ? milliseconds : null
}

function sessionInMetadata(slots: Slots): string {
  const { metadata } = slots
  return metadata ? scalarText(metadata.session_id) || scalarText(metadata.thread_id) : ''
}

/** The OTel status, or what stands for it: Langfuse's level, Logfire's level (17 is error), Strands' tool status. */
function errorOf(span: OtlpSpan, slots: Slots, events: EventFindings) {
  const said =
    span.status_code === STATUS_ERROR ||
    slots.level === 'ERROR' ||
    slots.tool_status === 'error' ||
    slots.succeeded === false ||
    slots.has_error === true ||
    (slots.log_level ?? 0) >= 17 ||
    (slots.error_type !== undefined && span.status_code !== STATUS_OK)
  if (!said) {
    const status: LlmSpan['status'] = span.status_code === STATUS_OK ? 'ok' : 'unset'
    return { status, error_type: '', error_message: '' }
  }
  const http = slots.http_status !== undefined && slots.http_status >= 400 ? `http_${slots.http_status}` : ''
  return {
    status: 'error' as const,
    error_type: slots.error_type ?? (events.error_type || http),
    error_message: cut(span.status_message, MAX_NAME) || (slots.error_message ?? events.error_message),
  }
}
