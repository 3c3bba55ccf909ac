import { SQL_PROMPT, sqlTurn } from '../knowledge-texts.ts'
import { chatAttributes, createTrace } from '../trace.ts'
import { skewed } from '../words.ts'
import { type BuildTrace, visitorOf } from './build-trace.ts'

export const sqlTrace: BuildTrace = (given) => {
  const { random, start_ms, active, hit } = given
  const trace = createTrace(random, given.trace_id)
  const { user, session } = visitorOf(given, 'employee')
  const turn = sqlTurn(random)
  const who = { 'gen_ai.conversation.id': session, 'user.id': user }
  const root = trace.newSpanId()
  const cut = active('truncated_answers')
  const limits = cut ? { max_tokens: 16, finish: 'length' } : { max_tokens: 1_024 }
  const shorten = (text: string) => (cut ? text.slice(0, 64) : text)
  if (cut) hit('truncated_answers', 2)
  const model = { provider: 'openai', model: 'gpt-4.1', response_model: 'gpt-4.1-2025-04-14' }
  const call = (from_ms: number, input: string, output: string): number => {
    const end_ms = from_ms + skewed(random, 500, 4_000)
    trace.add({
      name: 'chat gpt-4.1',
      kind: 3,
      parent: root,
      start_ms: from_ms,
      end_ms,
      attributes: {
        ...chatAttributes(random, {
          ...model,
          ...limits,
          system: SQL_PROMPT,
          input,
          output: shorten(output),
        }),
        ...who,
      },
    })
    return end_ms
  }
  const written = call(start_ms + 8, turn.question, turn.sql)
  const executed = written + skewed(random, 20, 900)
  trace.add({
    name: 'execute_tool run_sql',
    kind: 1,
    parent: root,
    start_ms: written,
    end_ms: executed,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'run_sql',
      'gen_ai.tool.call.arguments': JSON.stringify({ sql: shorten(turn.sql) }),
      'gen_ai.tool.call.result': JSON.stringify({ rows: 1 + random(40), elapsed_ms: executed - written }),
      ...who,
    },
  })
  const end_ms = call(executed, `${turn.question}\nThe query returned ${1 + random(40)} rows.`, turn.answer)
  trace.add(
    {
      name: 'invoke_agent sql-copilot',
      kind: 1,
      start_ms,
      end_ms: end_ms + 2,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'sql-copilot', ...who },
    },
    root,
  )
  return trace
}
