import type { SpanKind } from '../../schemas/llm-span.ts'
import type { Slots } from './collect.ts'
import { scalarText } from './json.ts'

type Kinds = ReadonlyMap<string, SpanKind>
const kinds = (entries: Record<string, SpanKind>): Kinds => new Map(Object.entries(entries))

/** Words for a kind that the frameworks share, in lower case. */
const WORDS = kinds({
  llm: 'llm',
  generation: 'llm',
  model: 'llm',
  chat_model: 'llm',
  chat: 'llm',
  completion: 'llm',
  llm_call: 'llm',
  model_generation: 'llm',
  llm_request: 'llm',
  reranking: 'rerank',
  embedding: 'embedding',
  embedder: 'embedding',
  retriever: 'retrieval',
  retrieval: 'retrieval',
  rag: 'retrieval',
  tool: 'tool',
  tool_call: 'tool',
  mcp_tool_call: 'tool',
  function_tool: 'tool',
  agent: 'agent',
  agent_run: 'agent',
  interaction: 'agent',
  chain: 'chain',
  workflow: 'chain',
  workflow_run: 'chain',
  workflow_step: 'chain',
  turn: 'chain',
  model_step: 'chain',
  processor_run: 'chain',
  generic: 'chain',
  task: 'chain',
  flow: 'chain',
  prompt: 'chain',
  parser: 'chain',
  rerank: 'rerank',
  reranker: 'rerank',
  guardrail: 'guardrail',
  evaluator: 'evaluator',
  evaluation: 'evaluator',
  human_evaluator: 'evaluator',
  human_evaluation: 'evaluator',
  event: 'other',
  // Braintrust.
  function: 'chain',
  eval: 'chain',
  score: 'evaluator',
  // Spring AI.
  chat_client: 'chain',
  advisor: 'chain',
})

/** gen_ai.operation.name: the conventions' own, then what frameworks put there. */
const OPERATIONS = kinds({
  chat: 'llm',
  completion: 'llm',
  text_completion: 'llm',
  generate_content: 'llm',
  generate: 'llm',
  responses: 'llm',
  message: 'llm',
  messages: 'llm',
  image_generation: 'llm',
  speech: 'llm',
  transcription: 'llm',
  llm_call: 'llm',
  call_llm: 'llm',
  embeddings: 'embedding',
  embedding: 'embedding',
  rerank: 'rerank',
  invoke_agent: 'agent',
  create_agent: 'agent',
  agent_call: 'agent',
  execute_tool: 'tool',
  tool_call: 'tool',
  tool: 'tool',
  retrieval: 'retrieval',
  vector_db_retrieve: 'retrieval',
  // Azure AI Agents: the run is queued here, and reported by process_thread_run.
  start_thread_run: 'chain',
  invoke_workflow: 'chain',
  plan: 'chain',
  handle_conversation_turn: 'chain',
  execute_task: 'chain',
  agent_step: 'chain',
  execute_event_loop_cycle: 'chain',
  invoke_graph: 'chain',
  invoke_swarm: 'chain',
  chain: 'chain',
  apply_guardrail: 'guardrail',
  guardrail: 'guardrail',
  guard: 'guardrail',
  // Ours: collectors/rest writes them for kinds that the conventions have no operation for.
  evaluate: 'evaluator',
  other: 'other',
})

const VERCEL_INNER = /^ai\.[\w.]+\.(doGenerate|doStream|doEmbed|doRerank)$/

/**
 * What a span is, in the order of Langfuse's ObservationTypeMapper with our additions: the explicit kinds of the SDKs, then
 * the operation, then what the attributes imply.
 */
export function kindOf(slots: Slots, scope_name: string, span_name: string): SpanKind {
  return explicitKind(slots) ?? operationKind(slots) ?? impliedKind(slots, scope_name, span_name)
}

function explicitKind(slots: Slots): SpanKind | undefined {
  const langfuse = word(slots.langfuse_type)
  if (langfuse === 'llm' && isEmbeddingModel(slots)) return 'embedding'
  // SDKs before 3.3.1 say `span` for generations; what the attributes imply decides (Langfuse's rule 0).
  return langfuse ?? word(slots.openinference_kind) ?? word(slots.langsmith_kind)
}

function word(value: string | undefined): SpanKind | undefined {
  return value === undefined ? undefined : WORDS.get(value.toLowerCase())
}

/** Langfuse's OpenAI wrapper calls embeddings generations. */
function isEmbeddingModel(slots: Slots): boolean {
  return (slots.request_model ?? '').includes('embed')
}

/** What a workflow does, or an agent, by whose name stands beside it. */
const STEPS_OF_AGENTS = new Set(['invoke_workflow', 'plan', 'handle_conversation_turn'])

function operationKind(slots: Slots): SpanKind | undefined {
  const vercel = vercelKind(slots)
  if (vercel) return vercel
  if (slots.operation !== undefined) {
    const kind = OPERATIONS.get(slots.operation)
    if (kind === 'chain' && slots.agent_name && STEPS_OF_AGENTS.has(slots.operation)) return 'agent'
    if (kind) return kind
  }
  return word(slots.genkit_kind)
}

/** The outer `ai.generateText` is a step of ours, not a call; only `.doGenerate` and its like reach the model. */
function vercelKind(slots: Slots): SpanKind | undefined {
  const operation = (slots.vercel_operation ?? '').split(' ', 1)[0] ?? ''
  if (!operation.startsWith('ai.')) return undefined
  if (operation === 'ai.toolCall') return 'tool'
  const inner = VERCEL_INNER.exec(operation)?.[1]
  if (inner === 'doEmbed') return 'embedding'
  if (inner === 'doRerank') return 'rerank'
  return inner && slots.request_model ? 'llm' : 'chain'
}

/** LiveKit's spans say what they are by their names alone. */
const LIVEKIT_NAMES = kinds({
  llm_request: 'llm',
  llm_request_run: 'llm',
  llm_node: 'chain',
  function_tool: 'tool',
  agent_session: 'agent',
  agent_turn: 'agent',
  start_agent_activity: 'agent',
  user_turn: 'chain',
})

function impliedKind(slots: Slots, scope_name: string, span_name: string): SpanKind {
  if (scope_name.startsWith('livekit')) {
    const kind = LIVEKIT_NAMES.get(span_name)
    if (kind) return kind
  }
  if (slots.tool_name || slots.tool_call_id || slots.mcp_method === 'tools/call') return 'tool'
  if ((slots.tool_arguments || slots.tool_result) && !slots.request_model) return 'tool'
  if (slots.request_type) {
    const kind = word(slots.request_type) ?? OPERATIONS.get(slots.request_type)
    if (kind) return kind
  }
  const named = word(slots.traceloop_kind) ?? word(slots.other_kind)
  if (named) return named
  if (slots.query) return 'retrieval'
  // The sum over a turn names the model of its calls as well.
  if (slots.reported_input_tokens !== undefined && slots.input_tokens === undefined) return 'chain'
  if (scope_name === 'pydantic-ai' && slots.agent_name) return 'agent'
  if (slots.request_model || slots.response_model || slots.model_name)
    return isEmbeddingModel(slots) ? 'embedding' : 'llm'
  if (slots.usage_details || modelOf(slots)) return 'llm'
  // Codex names neither model nor operation.
  return scope_name.startsWith('codex') && slots.input_tokens !== undefined ? 'llm' : 'other'
}

function modelOf(slots: Slots): string {
  return scalarText(slots.parameters?.model)
}

/** A call of a model that may cost money. A failed one counts; a rerank only where a model does it. */
export function isCall(kind: SpanKind, slots: Slots, span: CallSpan): boolean {
  if (slots.log_span === 'pending_span' || isRequestOfStream(slots, span)) return false
  if (kind === 'rerank') return Boolean(slots.request_model || slots.response_model)
  return kind === 'llm' || kind === 'embedding'
}

export interface CallSpan {
  readonly scope_name: string
  readonly is_failed: boolean
}

/**
 * Logfire writes a streamed call twice: a span for the request, which has no answer, and a log span with request, answer and
 * usage once the stream has ended. The second one counts.
 */
function isRequestOfStream(slots: Slots, { scope_name, is_failed }: CallSpan): boolean {
  return (
    slots.log_span === 'span' &&
    (scope_name === 'logfire.openai' || scope_name.startsWith('logfire.anthropic')) &&
    !is_failed &&
    slots.output === undefined &&
    slots.input_tokens === undefined &&
    slots.output_tokens === undefined
  )
}
