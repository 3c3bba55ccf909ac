import type { LlmSpan, Message } from '../schemas/llm-span.ts'
import type { SpanInput, SpanText, TextField } from './judge.ts'

/** A span with its texts in the order a reader meets them: system, input, query, documents, output. Absent texts are left out. */
export function spanInput(span: LlmSpan): SpanInput {
  const texts: SpanText[] = []
  if (span.system_instructions !== '') {
    texts.push({ path: 'system', field: 'system', role: 'system', text: span.system_instructions })
  }
  addMessages(texts, span.input_messages, 'input')
  if (span.query !== '') texts.push({ path: 'query', field: 'query', role: '', text: span.query })
  for (let i = 0; i < span.documents.length; i++) {
    const text = span.documents[i]!.content
    if (text !== '') texts.push({ path: `document/${i}`, field: 'document', role: '', text })
  }
  addMessages(texts, span.output_messages, 'output')
  return { span, texts }
}

function addMessages(texts: SpanText[], messages: readonly Message[], side: 'input' | 'output'): void {
  for (let m = 0; m < messages.length; m++) {
    const message = messages[m]!
    for (let p = 0; p < message.parts.length; p++) {
      const part = message.parts[p]!
      if (part.content === '' || part.type === 'media') continue
      const field = fieldOf(part.type, message.role, side)
      texts.push({ path: `${side}/${m}/${p}`, field, role: message.role, text: part.content })
    }
  }
}

function fieldOf(type: string, role: string, side: 'input' | 'output'): TextField {
  switch (type) {
    case 'reasoning':
      return 'reasoning'
    case 'tool_call':
      return 'tool_call'
    case 'tool_call_response':
      return 'tool_response'
    default:
      if (side === 'output') return 'output'
      if (role === 'system' || role === 'developer') return 'system'
      // Some SDKs send a tool's result as plain text of a tool message.
      return role === 'tool' || role === 'function' ? 'tool_response' : 'input'
  }
}
