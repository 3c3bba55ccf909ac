import type { LlmSpan, Message } from '../../schemas/llm-span.ts'
import type { Call } from './call-sequence.ts'

/** One call of a tool or a model in a trace. */
export interface TraceCall extends Call {
  readonly span: LlmSpan
  /** The whole input, where `input` is only its key. */
  readonly messages: readonly Message[]
}

const HEAD = 256
const TAIL = 512

/** Calls of models whose input was captured, in the order of the spans. */
export function modelCalls(spans: readonly LlmSpan[]): readonly TraceCall[] {
  const calls: TraceCall[] = []
  for (const span of spans) {
    if (!span.is_call) continue
    const input = inputKey(span)
    const messages = span.input_messages
    if (input !== '') calls.push({ span, name: callName(span), input, result: resultOf(span), messages })
  }
  return calls
}

/** Calls of tools: their own spans, or where there are none the calls that the answers of models hold. */
export function toolCalls(spans: readonly LlmSpan[]): readonly TraceCall[] {
  const calls: TraceCall[] = []
  for (const span of spans) {
    if (span.kind !== 'tool') continue
    const input = inputKey(span)
    // Without arguments nobody knows whether two calls are the same.
    const messages = span.input_messages
    if (input !== '') calls.push({ span, name: callName(span), input, result: resultOf(span), messages })
  }
  if (calls.length > 0) return calls
  for (const span of spans) {
    if (!span.is_call) continue
    for (const { parts } of span.output_messages) {
      for (const { type, name, content } of parts) {
        if (type !== 'tool_call' || content === '') continue
        calls.push({ span, name, input: textKey(content), result: '', messages: [] })
      }
    }
  }
  return calls
}

export const callName = ({ kind, tool_name, request_model, name }: LlmSpan) =>
  (kind === 'tool' ? tool_name : request_model) || name

/** Stands for what a call was given; '' where that was not captured. */
export const inputKey = ({ input_messages, system_instructions }: LlmSpan) =>
  textsKey(input_messages, system_instructions.length)

/** What came back; a failure is the same as any other failure of its type. */
function resultOf({ status, error_type, output_messages }: LlmSpan): string {
  return status === 'error' ? `failed ${error_type}` : textsKey(output_messages, 0)
}

/**
 * Stands for all texts of messages: their number and length, the beginning of the first and the end of the last. A
 * conversation differs where it ends; `offset` adds what else distinguishes it. '' where there is no text.
 */
function textsKey(messages: readonly Message[], offset: number): string {
  let length = 0
  let count = 0
  let first = ''
  let last = ''
  for (const { parts } of messages) {
    for (const { content } of parts) {
      if (content === '') continue
      if (count === 0) first = content
      last = content
      length += content.length
      count++
    }
  }
  if (count === 0) return ''
  return `${offset} ${count} ${length} ${first.slice(0, HEAD)} ${last.slice(-TAIL)}`
}

const textKey = (text: string) => `${text.length} ${text.slice(0, HEAD)} ${text.slice(-TAIL)}`

/** Whether the inputs of two calls hold the same text from beginning to end: keys are shorter than texts. */
export function isSameInput({ messages: one }: TraceCall, { messages: other }: TraceCall): boolean {
  return (
    one.length === other.length &&
    one.every(({ parts }, m) => {
      const others = other[m]!.parts
      return parts.length === others.length && parts.every(({ content }, p) => content === others[p]!.content)
    })
  )
}

/** Names of what was called, each once; what is no identifier came from nowhere and is not repeated. */
export function titles(calls: readonly TraceCall[]): string {
  const names = [...new Set(calls.map(({ name }) => (/^[\w.:/-]{1,64}$/.test(name) ? name : 'unnamed')))]
  return names.slice(0, 8).join(', ')
}

const MAX_IDS = 5

/** For explanations: where a trace judge points at, since a trace has no text of its own. */
export function spanIds(spans: readonly LlmSpan[]): string {
  const ids = [...new Set(spans.map(({ span_id }) => span_id))]
  const more = ids.length > MAX_IDS ? ` and ${ids.length - MAX_IDS} more` : ''
  return `${ids.length === 1 ? 'span' : 'spans'} ${ids.slice(0, MAX_IDS).join(', ')}${more}`
}
