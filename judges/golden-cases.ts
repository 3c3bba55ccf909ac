import { readFileSync } from 'node:fs'
import { aMessage, aPart, aSpan } from '../schemas/a-span.ts'
import type { LlmSpan, Message } from '../schemas/llm-span.ts'
import type { Judge, TraceInput, TraceJudge, Verdicts } from './judge.ts'
import { createPatternSet } from './pattern-set.ts'
import { spanInput } from './span-texts.ts'

/** One labelled case of a judge: a span in short form, and the labels that must fail it ([] for a pass). */
export interface GoldenCase {
  readonly name: string
  readonly labels: readonly string[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly system?: string
  readonly input?: string
  readonly output?: string
  readonly query?: string
  readonly document?: string
  readonly tool_call?: string
  readonly tool_result?: string
  /** Turns before and after the model spoke, behind the ones above. */
  readonly history?: readonly GoldenTurn[]
  readonly answer?: readonly GoldenTurn[]
  /** The tool definitions as JSON, or as text. */
  readonly tools?: unknown
  /** From the start of the span to its end; default a second. */
  readonly duration_ms?: number
  /** Fields of the span as they are; `attributes` as an object. */
  readonly span?: Partial<Omit<LlmSpan, 'attributes'>> & { readonly attributes?: Readonly<Record<string, string>> }
}

/** One labelled case of a trace judge: the spans of a trace in the order of their start, each in short form. */
export interface GoldenTrace extends Pick<GoldenCase, 'name' | 'labels' | 'config'> {
  readonly trace: readonly GoldenSpan[]
}

type GoldenSpan = Omit<GoldenCase, 'name' | 'labels' | 'config'> & {
  readonly id: string
  readonly parent?: string
  /** After the start of the trace; default one second after the span before. */
  readonly at_ms?: number
  /** So many spans like this one follow each other, with ids of their own. */
  readonly times?: number
}

/** A message: of one text, or of one call or result of a tool. */
export interface GoldenTurn {
  readonly role: string
  readonly text?: string
  readonly call?: string
  readonly arguments?: string
  readonly result?: string
  readonly id?: string
}

function messageOf({ role, text, call, arguments: content = '', result, id = '' }: GoldenTurn): Message {
  if (call !== undefined) return aMessage(role, [aPart({ type: 'tool_call', name: call, content, id })])
  if (result !== undefined) return aMessage(role, [aPart({ type: 'tool_call_response', content: result, id })])
  return aMessage(role, text === undefined ? [] : plain(text))
}

/** `{}` is taken out of texts: it keeps scanners of repositories from taking a case for a leaked key. */
const plain = (text: string) => text.replaceAll('{}', '')

export function readGoldenCases(judge: string): readonly GoldenCase[] {
  return readCases(judge) as readonly GoldenCase[]
}

export function readGoldenTraces(judge: string): readonly GoldenTrace[] {
  return readCases(judge) as readonly GoldenTrace[]
}

function readCases(judge: string): unknown {
  return JSON.parse(readFileSync(new URL(`./rules/${judge.replaceAll('_', '-')}.cases.json`, import.meta.url), 'utf8'))
}

const SECOND_MS = 1000

export function traceOf({ trace }: GoldenTrace): TraceInput {
  const first = aSpan().start_time
  let next = 0
  const spans = trace.flatMap(({ id, parent = '', at_ms, times = 1, duration_ms = SECOND_MS, ...golden }) =>
    Array.from({ length: times }, (_, n) => {
      const start = (n === 0 ? at_ms : undefined) ?? next
      next = start + SECOND_MS
      const start_time = first + BigInt(start * 1e6)
      const fields = { span_id: n === 0 ? id : `${id}${n}`, parent_span_id: parent, start_time }
      return { ...spanOf(golden), ...fields, end_time: start_time + BigInt(duration_ms * 1e6) }
    }),
  )
  return { project: 'default', trace_id: aSpan().trace_id, spans, span_count: spans.length, cut: false }
}

export function spanOf(golden: Omit<GoldenCase, 'name' | 'labels' | 'config'>): LlmSpan {
  const { system, input, output, query, document, tool_call, tool_result, history = [], answer = [] } = golden
  const { tools, duration_ms = SECOND_MS, span = {} } = golden
  const outputs = [
    ...(output === undefined ? [] : [aMessage('assistant', plain(output))]),
    ...(tool_call === undefined
      ? []
      : [aMessage('assistant', [aPart({ type: 'tool_call', content: plain(tool_call) })])]),
  ]
  const inputs = [
    ...(input === undefined ? [] : [aMessage('user', plain(input))]),
    ...(tool_result === undefined
      ? []
      : [aMessage('tool', [aPart({ type: 'tool_call_response', content: plain(tool_result) })])]),
  ]
  return aSpan({
    system_instructions: plain(system ?? ''),
    input_messages: [...inputs, ...history.map(messageOf)],
    output_messages: [...outputs, ...answer.map(messageOf)],
    end_time: aSpan().start_time + BigInt(duration_ms * 1e6),
    tool_definitions: tools === undefined ? '' : typeof tools === 'string' ? tools : JSON.stringify(tools),
    query: plain(query ?? ''),
    documents: document === undefined ? [] : [{ id: '', content: plain(document), score: null }],
    ...span,
    attributes: new Map(Object.entries(span.attributes ?? {})),
    parameters: { ...aSpan().parameters, ...span.parameters },
  })
}

/** What a judge alone says about a span; [] where it does not apply. */
export function judgeOne(judge: Judge, span: LlmSpan): Verdicts {
  const input = spanInput(span)
  if (!judge.applies(input)) return []
  const { hits, cut } = createPatternSet([judge]).scan(input.texts, () => true)
  const answers = judge.evaluate([{ input, hits: hits[0]!, cut }], new AbortController().signal)
  if (answers instanceof Promise) throw new TypeError(`${judge.name} does not answer at once.`)
  return answers[0]!
}

/** What a judge of traces says about one; [] where it does not apply. */
export function judgeTrace(judge: TraceJudge, input: TraceInput): Verdicts {
  if (!judge.applies(input)) return []
  const answers = judge.evaluate([{ input, hits: [], cut: input.cut }], new AbortController().signal)
  if (answers instanceof Promise) throw new TypeError(`${judge.name} does not answer at once.`)
  return answers[0]!
}
