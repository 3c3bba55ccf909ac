import { describe, expect, it } from 'vitest'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import {
  mergeEvaluations,
  readAnnotations,
  readEvalAttribute,
  readLangwatchEvaluation,
  readReportedEvaluation,
} from './reported-evaluation.ts'

const otel = (values: Record<string, AttributeValue>) =>
  readReportedEvaluation(
    new Map(
      Object.entries(values).map(([key, value]) => [key.includes('error') ? key : `gen_ai.evaluation.${key}`, value]),
    ),
  )
const verdict = (values: Record<string, AttributeValue>) => otel(values)?.verdicts[0]

describe('an evaluation that another system reports', () => {
  it('carries the name, the version, and one verdict', () => {
    const attributes = { name: 'Relevance', 'score.value': 0.9, 'score.label': 'relevant', explanation: 'on topic' }
    expect(otel(attributes)).toEqual({
      judge: 'Relevance',
      judge_version: 'unknown',
      tier: 'external',
      track: 'live',
      verdicts: [
        {
          label: 'relevant',
          score: 0.9,
          passed: null,
          severity: 'none',
          confidence: null,
          explanation: 'on topic',
          evidence: [],
          cost_usd: null,
          error: '',
        },
      ],
    })
    expect(otel({ name: 'X', 'evaluator.version': 'v2' })?.judge_version).toBe('v2')
  })

  it.each([
    ['pass', true],
    ['PASSED', true],
    ['true', true],
    ['fail', false],
    ['Failed', false],
    ['false', false],
    ['yes', null],
    ['neutral', null],
  ])('decides from the label %s: %s', (label, passed) => {
    expect(verdict({ name: 'X', 'score.label': label })).toMatchObject({ label, passed })
  })

  it('decides from a boolean score, and reads a number that was sent as text', () => {
    expect(verdict({ name: 'X', 'score.value': false })).toMatchObject({ score: 0, passed: false })
    expect(verdict({ name: 'X', 'score.value': true })).toMatchObject({ score: 1, passed: true })
    expect(verdict({ name: 'X', 'score.value': '0.25' })).toMatchObject({ score: 0.25, passed: null })
  })

  it('tells a score of another scale in the explanation', () => {
    expect(verdict({ name: 'X', 'score.value': 5 })).toMatchObject({ score: null, explanation: 'Score 5.' })
    expect(verdict({ name: 'X', 'score.value': -1, explanation: 'bad' })).toMatchObject({
      score: null,
      explanation: 'bad (score -1)',
    })
  })

  it('never passes where judging failed', () => {
    const failed = {
      name: 'X',
      'error.type': 'EvaluatorFailure',
      'score.label': 'pass',
      'score.value': 1,
      explanation: 'boom',
    }
    expect(verdict(failed)).toMatchObject({
      score: null,
      passed: null,
      explanation: 'boom',
      error: "EvaluatorFailure: the sender's evaluator failed",
    })
  })

  it('keeps what has no name, and nothing that says nothing', () => {
    expect(otel({ 'score.value': 0.5 })?.judge).toBe('unnamed')
    expect(otel({})).toBeUndefined()
  })

  it('reads the lists of OpenInference', () => {
    const read = readAnnotations([
      { evaluation: { name: 'hallucination', label: 'factual', score: 1, identifier: 'judge-v2' } },
      { annotation: { name: 'thumb', score: 0 } },
      { name: 'plain' },
      'nothing',
    ])
    expect(read.map(({ judge, judge_version, verdicts }) => [judge, judge_version, verdicts[0]?.score])).toEqual([
      ['hallucination', 'judge-v2', 1],
      ['thumb', 'unknown', 0],
      ['plain', 'unknown', null],
    ])
    expect(readAnnotations([{ evaluation: { name: 'x' } }], 'trace.')[0]?.judge).toBe('trace.x')
  })

  it('reads what LangWatch reports', () => {
    const said = { name: 'toxicity', score: 0.95, passed: true, label: 'safe', details: 'fine', status: 'processed' }
    expect(readLangwatchEvaluation(said)?.verdicts[0]).toMatchObject({
      score: 0.95,
      passed: true,
      label: 'safe',
      explanation: 'fine',
    })
    const failed = { name: 'x', status: 'error', error: { type: 'Timeout', message: 'too slow' } }
    expect(readLangwatchEvaluation(failed)?.verdicts[0]).toMatchObject({
      passed: null,
      explanation: 'too slow',
      error: "Timeout: the sender's evaluator failed",
    })
    expect(readLangwatchEvaluation({ name: 'x', status: 'skipped' })?.verdicts[0]?.label).toBe('skipped')
    expect(readLangwatchEvaluation('text')).toBeUndefined()
  })

  it('reads a number below gen_ai.eval as a score', () => {
    expect(readEvalAttribute('groundedness', 0.7)?.verdicts[0]?.score).toBe(0.7)
    expect(readEvalAttribute('note', 'a text')).toBeUndefined()
  })

  it('makes one evaluation of several by the same judge and version', () => {
    const merged = mergeEvaluations([
      otel({ name: 'A' })!,
      otel({ name: 'A' })!,
      otel({ name: 'A', 'evaluator.version': '2' })!,
    ])
    expect(merged.map(({ judge_version, verdicts }) => [judge_version, verdicts.length])).toEqual([
      ['unknown', 2],
      ['2', 1],
    ])
  })
})
