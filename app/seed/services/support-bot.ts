import type { Random } from '../../../core/random.ts'
import { BAD_PROMPT_VERSION } from '../faults.ts'
import {
  BAD_CLASSIFY_PROMPT,
  badClassification,
  CLASSIFY_PROMPT,
  classification,
  injection,
  leakingRecord,
  orderRecord,
  SUPPORT_PROMPT,
  type SupportTurn,
  supportTurn,
} from '../support-texts.ts'
import { chatAttributes, createTrace, failedChatAttributes, type Trace, tokensOf } from '../trace.ts'
import { chance, pick, skewed } from '../words.ts'
import { type BuildTrace, type TraceGiven, visitorOf } from './build-trace.ts'

const ERRORS_PERCENT = 0.4
const OUTAGE_PERCENT = 58
const LEAKS_PERCENT = 60
const REBUFF =
  'I can help you with orders, returns and products of Northwind. What would you like to know about your order?'
const PROVIDER_ERRORS = [
  { type: 'overloaded_error', message: '529 Overloaded' },
  { type: 'overloaded_error', message: '529 Overloaded' },
  { type: 'timeout', message: 'Request timed out.' },
]

/** The trace, what was asked, and what every span of it says about who asks. */
interface Conversation {
  readonly given: TraceGiven
  readonly trace: Trace
  readonly root: string
  readonly turn: SupportTurn
  readonly question: string
  readonly attacker: boolean
  readonly who: Readonly<Record<string, string>>
}

/** A model sorts the message, a tool looks the order up, another model answers. */
export const supportTrace: BuildTrace = (given) => {
  const { random, start_ms, hit } = given
  const trace = createTrace(random, given.trace_id)
  const { user, session, attacker } = visitorOf(given, 'user')
  if (attacker) hit('injection_wave', 2)
  const turn = supportTurn(random)
  const question = attacker ? injection(random) : turn.question
  const who = {
    'traceloop.association.properties.session_id': session,
    'traceloop.association.properties.user_id': user,
    'traceloop.workflow.name': 'support',
  }
  const root = trace.newSpanId()
  const talk: Conversation = { given, trace, root, turn, question, attacker, who }
  const classified = classify(talk, start_ms + 5 + random(20))
  const { end_ms: looked_up, record } = lookUp(talk, classified + 3)
  const { end_ms, failed } = answer(talk, looked_up + 2, record)
  trace.add(
    {
      name: 'invoke_agent support',
      kind: 1,
      start_ms,
      end_ms: end_ms + 4,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support', ...who },
      ...(failed && { error: { type: 'agent_failed', message: 'the model gave no answer' } }),
    },
    root,
  )
  return trace
}

function classify({ given, trace, root, turn, question, who }: Conversation, start_ms: number): number {
  const { random, active, hit } = given
  const bad = active('bad_prompt_version')
  const good = classification(turn, turn.intent === 'complaint')
  const { text, kind } = bad ? badClassification(turn, random) : { text: good, kind: 'good' as const }
  if (kind !== 'good') hit('bad_prompt_version')
  const end_ms = start_ms + skewed(random, 250, 2_500)
  const call = {
    provider: 'openai',
    model: 'gpt-5-mini',
    response_model: 'gpt-5-mini-2025-08-07',
    system: bad ? BAD_CLASSIFY_PROMPT : CLASSIFY_PROMPT,
    input: question,
    output: text,
  }
  trace.add({
    name: 'chat gpt-5-mini',
    kind: 3,
    parent: root,
    start_ms,
    end_ms,
    attributes: {
      ...chatAttributes(random, call),
      'gen_ai.output.type': 'json',
      'traceloop.prompt.key': 'classify-intent',
      'traceloop.prompt.version': bad ? BAD_PROMPT_VERSION : '6',
      ...who,
    },
  })
  return end_ms
}

function lookUp({ given, trace, root, turn, who }: Conversation, start_ms: number): { end_ms: number; record: string } {
  const { random, active, hit } = given
  const leaks = active('leaking_tool') && chance(random, LEAKS_PERCENT)
  if (leaks) hit('leaking_tool')
  const record = leaks ? leakingRecord(turn, random) : orderRecord(turn, random)
  const end_ms = start_ms + skewed(random, 15, 400)
  trace.add({
    name: 'execute_tool order_lookup',
    kind: 1,
    parent: root,
    start_ms,
    end_ms,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'order_lookup',
      'gen_ai.tool.call.id': callId(random),
      'gen_ai.tool.call.arguments': JSON.stringify({ order: turn.order }),
      'gen_ai.tool.call.result': record,
      ...who,
    },
  })
  return { end_ms, record }
}

const callId = (random: Random) => `call_${random(2 ** 31).toString(36)}`

function answer(talk: Conversation, start_ms: number, record: string): { end_ms: number; failed: boolean } {
  const { given, trace, root, turn, question, attacker, who } = talk
  const { random, active, hit } = given
  const call = { provider: 'anthropic', model: 'claude-sonnet-4-5', system: SUPPORT_PROMPT, input: question }
  const outage = active('provider_errors') && chance(random, OUTAGE_PERCENT)
  if (outage) hit('provider_errors')
  const failed = outage || chance(random, ERRORS_PERCENT)
  const first_token_ms = skewed(random, 250, 1_200)
  const end_ms = start_ms + (failed ? skewed(random, 200, 30_000) : first_token_ms + skewed(random, 700, 8_000))
  const good = { ...call, output: attacker ? REBUFF : turn.answer, extra_input_tokens: tokensOf(record) }
  trace.add({
    name: 'chat claude-sonnet-4-5',
    kind: 3,
    parent: root,
    start_ms,
    end_ms,
    attributes: {
      ...(failed ? failedChatAttributes(call) : chatAttributes(random, good)),
      'traceloop.prompt.key': 'support-answer',
      'traceloop.prompt.version': '12',
      ...who,
    },
    ...(failed ? { error: pick(random, PROVIDER_ERRORS) } : { first_token_ms }),
  })
  return { end_ms, failed }
}
