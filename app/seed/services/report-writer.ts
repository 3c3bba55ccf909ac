import { REPORT_PROMPT, reportText } from '../knowledge-texts.ts'
import { type CallGiven, chatAttributes, createTrace } from '../trace.ts'
import { chance, skewed } from '../words.ts'
import type { BuildTrace } from './build-trace.ts'

const DAY_MS = 86_400_000
const RUNAWAY_SESSION = 'report-runaway'

export const reportTrace: BuildTrace = (given) => {
  const { random, start_ms, active, hit } = given
  const trace = createTrace(random, given.trace_id)
  const runaway = active('cost_spike') && chance(random, 50)
  const session = runaway ? RUNAWAY_SESSION : `report-${Math.floor(start_ms / DAY_MS)}-${random(50)}`
  const who = {
    'gen_ai.conversation.id': session,
    'gen_ai.agent.name': 'report-writer',
    'user.id': `team-${random(30)}`,
  }
  const root = trace.newSpanId()
  const model = runaway ? 'claude-opus-4-1' : 'claude-haiku-4-5'
  const rounds = runaway ? 12 : 2 + random(3)
  let now = start_ms + 10
  for (let round = 0; round < rounds; round++) {
    const input = `Tickets and figures, part ${round + 1}. ${reportText(random, runaway ? 8 : 5)}`
    const call: CallGiven = {
      provider: 'anthropic',
      model,
      system: REPORT_PROMPT,
      input,
      output: reportText(random, 4),
      finish: 'end_turn',
      max_tokens: 4_096,
      extra_input_tokens: runaway ? 9_000 * (round + 1) : 1_500,
    }
    const end_ms = now + skewed(random, 2_000, 9_000)
    if (runaway) hit('cost_spike')
    trace.add({
      name: `chat ${model}`,
      kind: 3,
      parent: root,
      start_ms: now,
      end_ms,
      attributes: { ...chatAttributes(random, call), ...who },
    })
    now = end_ms + 5
  }
  trace.add(
    {
      name: 'invoke_agent report-writer',
      kind: 1,
      start_ms,
      end_ms: now,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', ...who },
    },
    root,
  )
  return trace
}
