import type { Clock } from '../../core/clock.ts'
import { boundedLabel, type Metrics } from '../../core/metrics.ts'
import type { Hit, Judge, Scanned, SpanInput, Verdicts } from '../../judges/judge.ts'
import { combineOutcome } from '../../judges/outcome.ts'
import { createPatternSet, type PatternSet } from '../../judges/pattern-set.ts'
import { spanInput } from '../../judges/span-texts.ts'
import { PASS } from '../../judges/verdicts.ts'
import type { Evaluation, SpanOutcome } from '../../schemas/evaluation.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { evaluate, evaluationOf, failure } from './ask.ts'
import { createTally } from './tally.ts'

const NO_HITS: readonly Hit[] = Object.freeze([])
/** The judges that apply to a span are kept as bits of one number. */
const MAX_JUDGES = 50
export const MAX_PROJECT_LABELS = 500

export interface JudgeRulesOptions {
  /** Rule judges only: they answer synchronously. Names are unique. */
  readonly judges: readonly Judge[]
  readonly metrics: Pick<Metrics, 'judgeDuration' | 'evaluations' | 'textsCut'>
  readonly clock: Clock
  /** Compiled before, of the same judges in the same order: sets of judges may differ and share their patterns. */
  readonly patterns?: PatternSet
  /** Bounds the values of the label `project`; shared by all who count into the same metrics. */
  readonly projectLabel?: (project: string) => string
}

export type JudgeRules = (spans: readonly LlmSpan[]) => JudgedSpan[]

/** What one judge looks at in a batch, and which spans these are. */
interface Share {
  readonly inputs: Scanned<SpanInput>[]
  readonly spans: number[]
}

interface Answer {
  readonly evaluations: readonly Evaluation[]
  readonly outcome: SpanOutcome
}

/** Verdicts other than a pass, by span and judge. */
type Findings = (Map<number, Verdicts> | undefined)[]

/**
 * Tier 1: every span, every rule. One scan per text for the patterns of all judges, then every judge once per batch.
 * Same length and order as the spans; spans are not changed; equal input gives equal output.
 * A judge that throws, answers late or answers too little gets an error verdict on the spans concerned, and only there.
 */
export function createJudgeRules(options: JudgeRulesOptions): JudgeRules {
  const { judges, metrics, clock, projectLabel = boundedLabel(MAX_PROJECT_LABELS) } = options
  if (judges.length > MAX_JUDGES)
    throw new RangeError(`At most ${MAX_JUDGES} rule judges can run; got ${judges.length}.`)
  const patterns = options.patterns ?? createPatternSet(judges)
  const passed = judges.map((judge) => Object.freeze(evaluationOf(judge, PASS)))
  const passedBySet = new Map<number, Answer>()
  const tally = createTally(metrics.evaluations, projectLabel)
  const { signal } = new AbortController()
  /** Of the span at hand: 1 for each judge that applies. */
  const isReady = new Uint8Array(judges.length)
  const wanted = (owner: number) => isReady[owner] === 1

  return function judgeRules(spans: readonly LlmSpan[]): JudgedSpan[] {
    if (spans.length === 0) return []
    let since = clock.monotonic()
    const findings: Findings = new Array(spans.length)
    const shares = judges.map((): Share => ({ inputs: [], spans: [] }))
    const applied = spans.map((span, index) => share(spanInput(span), index, { shares, findings }))
    since = observe('patterns', since, spans.length)
    for (let j = 0; j < judges.length; j++) {
      const { inputs, spans: indexes } = shares[j]!
      if (inputs.length === 0) continue
      const verdicts = evaluate(judges[j]!, inputs, signal)
      for (let i = 0; i < verdicts.length; i++) if (verdicts[i] !== PASS) note(findings, indexes[i]!, j, verdicts[i]!)
      since = observe(judges[j]!.name, since, inputs.length)
    }
    return spans.map((span, index) => {
      const answer = answerOf(applied[index]!, findings[index])
      tally.add(span.project, answer.evaluations)
      if (index === spans.length - 1) tally.flush()
      return { span, evaluations: answer.evaluations, outcome: answer.outcome }
    })
  }

  /** Scans a span's texts and hands it to the judges that apply; returns these as bits. */
  function share(input: SpanInput, index: number, into: { shares: readonly Share[]; findings: Findings }): number {
    let ready = 0
    let broken = 0
    for (let j = 0; j < judges.length; j++) {
      try {
        isReady[j] = 0
        if (!judges[j]!.applies(input)) continue
        isReady[j] = 1
        ready += BITS[j]!
      } catch (error) {
        broken += BITS[j]!
        note(into.findings, index, j, failure(judges[j]!, error))
      }
    }
    if (ready === 0) return broken
    const { hits, cut } = patterns.scan(input.texts, wanted)
    if (cut) metrics.textsCut.inc()
    // One for all judges without hits, which are nearly all.
    const plain: Scanned<SpanInput> = { input, hits: NO_HITS, cut }
    for (let j = 0; j < judges.length; j++) {
      if (isReady[j] === 0) continue
      into.shares[j]!.inputs.push(hits[j]!.length === 0 ? plain : { input, hits: hits[j]!, cut })
      into.shares[j]!.spans.push(index)
    }
    return ready + broken
  }

  function answerOf(applied: number, findings: Map<number, Verdicts> | undefined): Answer {
    if (findings === undefined) return passedAnswer(applied)
    const evaluations: Evaluation[] = []
    for (let j = 0; j < judges.length; j++) {
      if (!hasBit(applied, j)) continue
      const verdicts = findings.get(j)
      if (verdicts?.length === 0) continue
      evaluations.push(verdicts === undefined ? passed[j]! : evaluationOf(judges[j]!, verdicts))
    }
    return { evaluations, outcome: combineOutcome(evaluations) }
  }

  /** Spans that passed the same judges share one answer. */
  function passedAnswer(applied: number): Answer {
    const known = passedBySet.get(applied)
    if (known !== undefined) return known
    const evaluations = Object.freeze(passed.filter((_, j) => hasBit(applied, j)))
    const answer = { evaluations, outcome: Object.freeze(combineOutcome(evaluations)) }
    passedBySet.set(applied, answer)
    return answer
  }

  function observe(judge: string, since: number, spans: number): number {
    const now = clock.monotonic()
    metrics.judgeDuration.observe({ judge }, (now - since) / 1000 / spans)
    return now
  }
}

/** Powers of two, as numbers: there are more judges than an integer has bits. */
const BITS = Array.from({ length: MAX_JUDGES }, (_, index) => 2 ** index)
const hasBit = (bits: number, index: number) => Math.floor(bits / BITS[index]!) % 2 === 1

function note(findings: Findings, span: number, judge: number, verdicts: Verdicts): void {
  const ofSpan = findings[span] ?? new Map<number, Verdicts>()
  ofSpan.set(judge, verdicts)
  findings[span] = ofSpan
}
