import type { LlmSpan, Message, MessagePart } from '../../schemas/llm-span.ts'
import { identify, longestCycle, mostRepeated } from './call-sequence.ts'

/** A call or a result, and where it stands. */
export interface PlacedPart {
  readonly part: MessagePart
  /** Index of its message among all messages of the span: the input's, then the output's. */
  readonly message: number
  /** Its place in the message. */
  readonly at: number
}

/** The calls and results of a span in order. Calls from `first_new` on were made in this span; the others are history. */
export interface ToolHistory {
  readonly span: LlmSpan
  readonly calls: readonly PlacedPart[]
  /** The same number for calls of the same tool with the same arguments. */
  readonly keys: readonly number[]
  readonly first_new: number
  readonly results: readonly PlacedPart[]
}

export interface HistoryProblem {
  readonly label: 'loop' | 'repeated_call' | 'unanswered_call' | 'orphan_result'
  /** Ends a sentence that begins with the call or the result. */
  readonly problem: string
  readonly place: PlacedPart
}

export interface HistoryLimits {
  readonly max_identical_calls: number
  readonly max_rounds: number
}

export const hasTools = ({ input_messages, output_messages }: LlmSpan) =>
  input_messages.some(hasToolPart) || output_messages.some(hasToolPart)
const hasToolPart = ({ parts }: Message) => parts.some(({ type }) => type === 'tool_call' || isResultType(type))
const isResultType = (type: MessagePart['type']) => type === 'tool_call_response'

export function toolHistory(span: LlmSpan): ToolHistory {
  const calls: PlacedPart[] = []
  const results: PlacedPart[] = []
  const offset = span.input_messages.length
  addParts(span.input_messages, 0, { calls, results })
  const first_new = calls.length
  addParts(span.output_messages, offset, { calls, results })
  return { span, calls, keys: keysOf(calls), first_new, results }
}

function keysOf(calls: readonly PlacedPart[]): readonly number[] {
  const known = new Map<string, Map<string, number>>()
  let keys = 0
  return calls.map(({ part: { name, content } }) => {
    let ofName = known.get(name)
    if (ofName === undefined) {
      ofName = new Map()
      known.set(name, ofName)
    }
    let key = ofName.get(content)
    if (key === undefined) {
      key = keys++
      ofName.set(content, key)
    }
    return key
  })
}

function addParts(
  messages: readonly Message[],
  offset: number,
  { calls, results }: { calls: PlacedPart[]; results: PlacedPart[] },
): void {
  for (let m = 0; m < messages.length; m++) {
    const { parts } = messages[m]!
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at]!
      if (part.type === 'tool_call') calls.push({ part, message: offset + m, at })
      else if (isResultType(part.type)) results.push({ part, message: offset + m, at })
    }
  }
}

/** The evidence path (schemas/evaluation.ts). */
export function pathOf({ input_messages }: LlmSpan, { message, at }: PlacedPart): string {
  const inputs = input_messages.length
  return message < inputs ? `input/${message}/${at}` : `output/${message - inputs}/${at}`
}

/** Repetition, and calls and results that do not belong together. */
export function historyProblems(history: ToolHistory, limits: HistoryLimits): readonly HistoryProblem[] {
  const repetition = repetitionOf(history, limits)
  const loose = history.results.length > 0 || history.first_new > 0 ? looseEnds(history) : []
  return repetition === null ? loose : [repetition, ...loose]
}

function repetitionOf(
  { calls, keys, results }: ToolHistory,
  { max_identical_calls, max_rounds }: HistoryLimits,
): HistoryProblem | null {
  const enough = 1 + Math.min(max_identical_calls, max_rounds)
  // Most conversations repeat nothing, whatever came back.
  if (calls.length < enough || mostRepeated(keys)!.count < enough) return null
  const resultOf = new Map(results.map(({ part }) => [part.id, part.content]))
  const ids = identify(
    calls.map(({ part }) => ({
      name: part.name,
      input: part.content,
      result: part.id === '' ? '' : (resultOf.get(part.id) ?? ''),
    })),
  )
  const cycle = longestCycle(ids, max_rounds + 1)
  if (cycle !== null) {
    const problem = `begins a round of ${cycle.period} calls that comes ${cycle.rounds} times with the same results`
    return { label: 'loop', problem, place: calls[cycle.first]! }
  }
  const most = mostRepeated(ids)
  if (most === null || most.count <= max_identical_calls) return null
  const problem = `comes ${most.count} times with the same arguments and result`
  return { label: 'repeated_call', problem, place: calls[most.last]! }
}

/** Said only where the sender shows which result belongs to which call. */
function looseEnds({ span, calls, first_new, results }: ToolHistory): readonly HistoryProblem[] {
  const called = new Set(calls.map(({ part }) => part.id))
  const answered = new Set(results.map(({ part }) => part.id))
  const unanswered = answered.has('')
    ? []
    : calls.filter(({ part }, c) => c < first_new && part.id !== '' && !answered.has(part.id))
  const orphans = results.filter(({ part }) => part.id !== '' && !called.has(part.id))
  if (unanswered.length === 0 && orphans.length === 0) return []
  const messages = [...span.input_messages, ...span.output_messages]
  return [...stayedUnanswered(unanswered, messages), ...orphansOf(orphans, messages)]
}

/** Calls of the history without a result, though the conversation went on. */
function stayedUnanswered(calls: readonly PlacedPart[], messages: readonly Message[]): readonly HistoryProblem[] {
  if (messages.some(isPlainResult)) return []
  const lastTurn = messages.findLastIndex(isTurn)
  const problem = 'was never answered, and the conversation went on'
  return calls
    .filter(({ message }) => message < lastTurn)
    .map((place) => ({ label: 'unanswered_call', problem, place }))
}

/** Some senders write a tool's result as plain text. */
const isPlainResult = ({ role, parts }: Message) => role === 'tool' && !parts.some(({ type }) => isResultType(type))

/** Somebody goes on: the user, or the model with its next turn. */
const isTurn = ({ role, parts }: Message) =>
  (role === 'user' || role === 'assistant') && parts.length > 0 && !parts.some(({ type }) => isResultType(type))

/**
 * Results for which no call was made. A request that continues a conversation kept elsewhere begins with results, so the
 * turn that should hold the call must be there, and hold something.
 */
function orphansOf(results: readonly PlacedPart[], messages: readonly Message[]): readonly HistoryProblem[] {
  let holds = false
  const follows = messages.map(({ role, parts }) => {
    const before = holds
    if (role === 'assistant') holds = parts.some(({ type, content }) => type === 'tool_call' || content !== '')
    return before
  })
  const problem = 'answers a call that is not in the conversation'
  return results
    .filter(({ message }) => follows[message] === true)
    .map((place) => ({ label: 'orphan_result', problem, place }))
}
