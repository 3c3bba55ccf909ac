import { KNOWLEDGE_PROMPT, type KnowledgeTurn, knowledgeTurn } from '../knowledge-texts.ts'
import { createTrace, type Trace, tokensOf } from '../trace.ts'
import { chance, skewed } from '../words.ts'
import { type BuildTrace, type TraceGiven, visitorOf } from './build-trace.ts'

export const docsTrace: BuildTrace = (given) => {
  const { random, start_ms, active, hit } = given
  const trace = createTrace(random, given.trace_id)
  const { user, session } = visitorOf(given, 'employee')
  const poisoned = active('injection_wave') && chance(random, 5)
  // The passage stands in what was found and in what the model is told.
  if (poisoned) hit('injection_wave', 2)
  const turn = knowledgeTurn(random, poisoned)
  const who = { 'session.id': session, 'user.id': user }
  const root = trace.newSpanId()
  const embed_end = start_ms + 20 + skewed(random, 30, 300)
  trace.add({
    name: 'embeddings text-embedding-3-small',
    kind: 3,
    parent: root,
    start_ms: start_ms + 10,
    end_ms: embed_end,
    attributes: {
      'openinference.span.kind': 'EMBEDDING',
      'embedding.model_name': 'text-embedding-3-small',
      'llm.provider': 'openai',
      'llm.token_count.prompt': tokensOf(turn.question),
      'embedding.embeddings.0.embedding.text': turn.question,
      ...who,
    },
  })
  const retrieved = embed_end + skewed(random, 10, 200)
  trace.add({
    name: 'retrieve handbook',
    kind: 1,
    parent: root,
    start_ms: embed_end,
    end_ms: retrieved,
    attributes: {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': turn.question,
      ...documentsOf(turn.documents),
      ...who,
    },
  })
  const answered = answer({ given, trace, root, turn, who }, retrieved)
  trace.add(
    {
      name: 'answer question',
      kind: 1,
      start_ms,
      end_ms: answered + 3,
      attributes: {
        'openinference.span.kind': 'CHAIN',
        'input.value': turn.question,
        'output.value': turn.answer,
        ...who,
      },
    },
    root,
  )
  return trace
}

interface Asked {
  readonly given: TraceGiven
  readonly trace: Trace
  readonly root: string
  readonly turn: KnowledgeTurn
  readonly who: Readonly<Record<string, string>>
}

/** The model answers from the passages. Returns when it is done. */
function answer({ given, trace, root, turn, who }: Asked, start_ms: number): number {
  const { random, active, hit } = given
  const slow = active('slow_model')
  if (slow) hit('slow_model')
  const first_token_ms = skewed(random, 180, 900) * (slow ? 8 : 1)
  const end_ms = start_ms + first_token_ms + skewed(random, 600, 4_000) * (slow ? 4 : 1)
  const passages = turn.documents.map(({ id, content }) => `[${id}] ${content}`).join('\n')
  trace.add({
    name: 'ChatCompletion',
    kind: 3,
    parent: root,
    start_ms,
    end_ms,
    first_token_ms,
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'openai',
      'llm.model_name': 'gpt-5.4-mini',
      'llm.input_messages.0.message.role': 'system',
      'llm.input_messages.0.message.content': KNOWLEDGE_PROMPT,
      'llm.input_messages.1.message.role': 'user',
      'llm.input_messages.1.message.content': `${turn.question}\n\n${passages}`,
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': turn.answer,
      'llm.finish_reason': 'stop',
      'llm.token_count.prompt': tokensOf(KNOWLEDGE_PROMPT + turn.question + passages),
      'llm.token_count.completion': tokensOf(turn.answer),
      ...who,
    },
  })
  return end_ms
}

function documentsOf(documents: KnowledgeTurn['documents']): Record<string, string | number> {
  const attributes: Record<string, string | number> = {}
  documents.forEach(({ id, content, score }, index) => {
    const at = `retrieval.documents.${index}.document`
    attributes[`${at}.id`] = id
    attributes[`${at}.content`] = content
    attributes[`${at}.score`] = score
  })
  return attributes
}
