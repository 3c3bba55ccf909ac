import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMessage, aPart, aSpan } from '../schemas/a-span.ts'
import { SEVERITIES } from '../schemas/evaluation.ts'
import { type LlmSpan, SPAN_KINDS } from '../schemas/llm-span.ts'
import type { Judge, Scanned, SpanInput, TraceInput, TraceJudge, Verdict, Verdicts } from './judge.ts'
import { MAX_TRACE_SPANS } from './judge.ts'
import { createPatternSet } from './pattern-set.ts'
import { spanInput } from './span-texts.ts'

export interface JudgeUnderTest {
  readonly judge: Judge
  readonly labels: readonly string[]
  /** Spans that mean something to the judge; pieces of their texts are mixed into random ones. */
  readonly spans: readonly LlmSpan[]
  /** Its findings are values that must not be repeated. */
  readonly finds_values: boolean
}

/** What every judge of spans keeps to, whatever it looks for. */
export function judgeContract(name: string, { judge, labels, spans, finds_values }: JudgeUnderTest): void {
  const patterns = createPatternSet([judge])
  const signal = new AbortController().signal

  function scanned(span: LlmSpan): Scanned<SpanInput> {
    const input = spanInput(span)
    const { hits, cut } = patterns.scan(input.texts, () => true)
    return { input, hits: hits[0]!, cut }
  }

  function evaluate(inputs: readonly Scanned<SpanInput>[]): readonly Verdicts[] {
    const answers = judge.evaluate(inputs, signal)
    if (answers instanceof Promise) throw new TypeError('A rule judge answers at once.')
    return answers
  }

  const anySpan = arbitrarySpan(spans.flatMap((span) => spanInput(span).texts.map(({ text }) => text)))

  describe(`contract of ${name}`, () => {
    it('answers any spans with one list each, in order, the same alone and again', () => {
      fc.assert(
        fc.property(fc.array(anySpan, { maxLength: 4 }), (random) => {
          const inputs = random.map(scanned)
          const answers = evaluate(inputs)
          expect(answers).toHaveLength(inputs.length)
          expect(evaluate(inputs)).toEqual(answers)
          expect(evaluate([...inputs].reverse())).toEqual([...answers].reverse())
          for (let i = 0; i < inputs.length; i++) {
            expect(evaluate([inputs[i]!])[0]).toEqual(answers[i])
            expect(typeof judge.applies(inputs[i]!.input)).toBe('boolean')
            for (const verdict of answers[i]!) checkVerdict(verdict, inputs[i]!.input)
          }
        }),
        { numRuns: 150 },
      )
    })

    it('leaves its input as it is and points at real places in meaningful spans', () => {
      for (const span of spans) {
        const input = scanned(span)
        const before = structuredClone(span)
        const [verdicts] = evaluate([input])
        for (const verdict of verdicts!) checkVerdict(verdict, input.input)
        expect(span).toEqual(before)
      }
    })

    it('answers a text longer than the scan limit', () => {
      const long = 'All work and no play 12 34 56 @ :// key = '.repeat(8000)
      const [verdicts] = evaluate([scanned(aSpan({ output_messages: [aMessage('assistant', long, 'stop')] }))])
      expect(verdicts!.length).toBeGreaterThan(0)
    })

    it('names itself and its version', () => {
      expect(judge.name).toMatch(/^[a-z][a-z_]*$/)
      expect(judge.version).not.toBe('')
      expect(judge.unit).toBe('span')
    })
  })

  function checkVerdict(verdict: Verdict, input: SpanInput): void {
    checkForm(verdict, labels)
    for (const { path, start, end } of verdict.evidence) {
      const text = input.texts.find((one) => one.path === path)?.text
      expect(text, path).toBeDefined()
      const characters = Array.from(text!)
      expect(start).toBeGreaterThanOrEqual(0)
      expect(end).toBeGreaterThan(start)
      expect(end).toBeLessThanOrEqual(characters.length)
      const value = characters.slice(start, end).join('')
      if (finds_values && value.length >= 4) expect(verdict.explanation).not.toContain(value)
    }
  }
}

function checkForm(verdict: Verdict, labels: readonly string[]): void {
  expect(['', ...labels]).toContain(verdict.label)
  expect(SEVERITIES).toContain(verdict.severity)
  for (const number of [verdict.score, verdict.confidence]) {
    if (number === null) continue
    expect(number).toBeGreaterThanOrEqual(0)
    expect(number).toBeLessThanOrEqual(1)
  }
  expect(verdict.error).toBe('')
  if (verdict.label !== '') expect(verdict.explanation).not.toBe('')
}

export interface TraceJudgeUnderTest {
  readonly judge: TraceJudge
  readonly labels: readonly string[]
  /** Traces that mean something to the judge; their spans are mixed into random ones. */
  readonly traces: readonly TraceInput[]
}

/** What every judge of traces keeps to, whatever it looks for. */
export function traceJudgeContract(name: string, { judge, labels, traces }: TraceJudgeUnderTest): void {
  const signal = new AbortController().signal
  const answersOf = (inputs: readonly TraceInput[]): readonly Verdicts[] => {
    const answers = judge.evaluate(
      inputs.map((input) => ({ input, hits: [], cut: input.cut })),
      signal,
    )
    if (answers instanceof Promise) throw new TypeError('A rule judge answers at once.')
    return answers
  }

  describe(`contract of ${name}`, () => {
    it('answers any traces with one list each, in order, the same alone and again', () => {
      const anyTrace = arbitraryTrace(traces.flatMap(({ spans }) => spans.slice(0, 20)))
      fc.assert(
        fc.property(fc.array(anyTrace, { maxLength: 3 }), (random) => {
          const answers = answersOf(random)
          expect(answers).toHaveLength(random.length)
          expect(answersOf([...random].reverse())).toEqual([...answers].reverse())
          for (let i = 0; i < random.length; i++) {
            expect(answersOf([random[i]!])[0]).toEqual(answers[i])
            expect(typeof judge.applies(random[i]!)).toBe('boolean')
            for (const verdict of answers[i]!) {
              checkForm(verdict, labels)
              // A trace has no text of its own to point at: explanations name spans.
              expect(verdict.evidence).toEqual([])
            }
          }
        }),
        { numRuns: 150 },
      )
    })

    it('leaves its input as it is', () => {
      for (const trace of traces) {
        const before = structuredClone(trace)
        answersOf([trace])
        expect(trace).toEqual(before)
      }
    })

    it('answers a trace of 10,000 spans in bounded time, whatever their parents', () => {
      const meaningful = traces.flatMap(({ spans }) => spans)
      const spans = Array.from({ length: MAX_TRACE_SPANS }, (_, i) => ({
        ...meaningful[i % meaningful.length]!,
        span_id: String(i),
        parent_span_id: String((i * 7919 + 1) % MAX_TRACE_SPANS),
      }))
      const trace = { ...traces[0]!, spans, span_count: spans.length + 1, cut: true }
      const began = performance.now()
      expect(answersOf([trace])[0]!.length).toBeGreaterThan(0)
      // About 20 ms.
      expect(performance.now() - began).toBeLessThan(1000)
    })

    it('names itself, its version and its unit', () => {
      expect(judge.name).toMatch(/^[a-z][a-z_]*$/)
      expect(judge.version).not.toBe('')
      expect(judge.unit).toBe('trace')
    })
  })
}

function arbitraryTrace(meaningful: readonly LlmSpan[]): fc.Arbitrary<TraceInput> {
  const id = fc.constantFrom('', 'a', 'b', 'c', 'd')
  const span = fc
    .record({
      base: fc.oneof(fc.constantFrom(...meaningful), arbitrarySpan([])),
      span_id: id,
      parent_span_id: id,
      kind: fc.constantFrom(...SPAN_KINDS),
      is_call: fc.boolean(),
      error_type: fc.constantFrom('', '429', 'ValueError'),
      start_time: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      duration: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      cost_usd: fc.oneof(fc.constant(null), fc.double({ noNaN: true })),
    })
    .map(({ base, duration, ...fields }) => ({ ...base, ...fields, end_time: fields.start_time + duration }))
  return fc
    .tuple(fc.array(span, { maxLength: 30 }), fc.boolean())
    .map(([spans, cut]) => ({ project: 'default', trace_id: 't', spans, span_count: spans.length, cut }))
}

/** Any code units at all: lone surrogates, control characters, right-to-left marks. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units))

function arbitrarySpan(meaningful: readonly string[]): fc.Arbitrary<LlmSpan> {
  const text = fc
    .array(fc.oneof(anyText, fc.constantFrom('', ...meaningful), fc.string({ unit: 'grapheme', maxLength: 40 })), {
      maxLength: 4,
    })
    .map((pieces) => pieces.join(''))
  const part = fc.record({
    type: fc.constantFrom(
      'text',
      'reasoning',
      'tool_call',
      'tool_call_response',
      'refusal',
      'generic',
      'media' as const,
    ),
    content: text,
  })
  const message = fc
    .tuple(fc.constantFrom('user', 'assistant', 'tool', 'system', ''), fc.array(part, { maxLength: 3 }))
    .map(([role, parts]) =>
      aMessage(
        role,
        parts.map((fields) => aPart(fields)),
      ),
    )
  return fc
    .record({
      kind: fc.constantFrom(...SPAN_KINDS),
      status: fc.constantFrom('unset', 'ok', 'error' as const),
      system_instructions: text,
      query: text,
      input_messages: fc.array(message, { maxLength: 2 }),
      output_messages: fc.array(message, { maxLength: 2 }),
      documents: fc.array(
        text.map((content) => ({ id: '', content, score: null })),
        { maxLength: 2 },
      ),
      finish_reasons: fc.array(fc.constantFrom('stop', 'length', 'content_filter', 'tool_calls', ''), { maxLength: 2 }),
      output_captured: fc.boolean(),
      attributes: fc
        .dictionary(fc.constantFrom('ai.schema', 'response_format', 'llm.invocation_parameters'), text)
        .map((attributes) => new Map(Object.entries(attributes))),
    })
    .map((fields) => aSpan(fields))
}
