import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMessage, aPart, aSpan } from '../schemas/a-span.ts'
import { SEVERITIES } from '../schemas/evaluation.ts'
import { type LlmSpan, SPAN_KINDS } from '../schemas/llm-span.ts'
import type { Judge, Scanned, SpanInput, Verdict, Verdicts } from './judge.ts'
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
    expect(['', ...labels]).toContain(verdict.label)
    expect(SEVERITIES).toContain(verdict.severity)
    for (const number of [verdict.score, verdict.confidence]) {
      if (number === null) continue
      expect(number).toBeGreaterThanOrEqual(0)
      expect(number).toBeLessThanOrEqual(1)
    }
    expect(verdict.error).toBe('')
    if (verdict.label !== '') expect(verdict.explanation).not.toBe('')
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
