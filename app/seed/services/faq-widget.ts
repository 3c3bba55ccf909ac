import { faqTurn } from '../knowledge-texts.ts'
import { chatAttributes, createTrace } from '../trace.ts'
import { skewed } from '../words.ts'
import { type BuildTrace, visitorOf } from './build-trace.ts'

export const faqTrace: BuildTrace = (given) => {
  const { random, start_ms, active, hit } = given
  const trace = createTrace(random, given.trace_id)
  const { user, session } = visitorOf(given, 'visitor')
  const turn = faqTurn(random)
  const end_ms = start_ms + skewed(random, 300, 2_500)
  const {
    'gen_ai.input.messages': input,
    'gen_ai.output.messages': output,
    ...rest
  } = chatAttributes(random, {
    provider: 'openai',
    model: 'gpt-4o-mini',
    response_model: 'gpt-4o-mini-2024-07-18',
    input: turn.question,
    output: turn.answer,
  })
  const late = active('late_logs')
  const content = late ? {} : { 'gen_ai.input.messages': input!, 'gen_ai.output.messages': output! }
  const id = trace.add({
    name: 'chat gpt-4o-mini',
    kind: 3,
    start_ms,
    end_ms,
    attributes: { ...rest, ...content, 'gen_ai.conversation.id': session, 'user.id': user },
  })
  if (late) {
    hit('late_logs', 2)
    trace.addLog(id, 'gen_ai.user.message', { content: turn.question }, start_ms)
    trace.addLog(id, 'gen_ai.choice', { index: 0, message: { content: turn.answer } }, end_ms)
  }
  return trace
}
