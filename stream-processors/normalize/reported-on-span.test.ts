import { describe, expect, it } from 'vitest'
import { anEvent, rowOf } from './testing/builders.ts'
import type { Values } from './testing/span-cases.ts'

describe('evaluations reported on a span', () => {
  it('reads what others said of a span, from its events and its attributes', () => {
    const row = rowOf(
      {
        'openinference.span.kind': 'LLM',
        'evaluations.0.evaluation.name': 'hallucination',
        'evaluations.0.evaluation.score': 1,
        'annotations.0.annotation.name': 'thumb',
        'annotations.0.annotation.label': 'pass',
        'trace.evaluations.0.evaluation.name': 'whole',
      },
      {
        events: [
          anEvent('gen_ai.evaluation.result', {
            'gen_ai.evaluation.name': 'Relevance',
            'gen_ai.evaluation.score.value': 0.9,
          }),
          anEvent('langwatch.evaluation.custom', { json_encoded_event: '{"name":"toxicity","passed":true}' }),
        ],
      },
    )
    expect(
      row.reported_evaluations.map(({ judge, tier, verdicts }) => [
        judge,
        tier,
        verdicts[0]?.score,
        verdicts[0]?.passed,
      ]),
    ).toEqual([
      ['Relevance', 'external', 0.9, null],
      ['toxicity', 'external', null, true],
      ['hallucination', 'external', 1, null],
      ['thumb', 'external', null, true],
      ['trace.whole', 'external', null, null],
    ])
  })

  it('reads evaluations from single attributes: the conventions, OpenLIT, feedback of Logfire', () => {
    const judgesOf = (values: Values) =>
      rowOf(values).reported_evaluations.map(({ judge, verdicts }) => [
        judge,
        verdicts[0]?.score,
        verdicts[0]?.explanation,
      ])
    expect(judgesOf({ 'gen_ai.evaluation.name': 'X', 'gen_ai.evaluation.score.value': 0.5 })).toEqual([['X', 0.5, '']])
    expect(judgesOf({ 'gen_ai.eval.groundedness': 0.7, 'gen_ai.eval.note': 'text' })).toEqual([
      ['groundedness', 0.7, ''],
    ])
    const feedback = { 'logfire.feedback.name': 'factuality', factuality: 0.1, 'logfire.feedback.comment': 'it lied' }
    expect(judgesOf(feedback)).toEqual([['factuality', 0.1, 'it lied']])
  })
})
