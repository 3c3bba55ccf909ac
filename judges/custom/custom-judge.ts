import { serialize } from 'node:v8'
import type { Judge, Scanned, SpanInput, TraceJudge, Verdicts } from '../judge.ts'
import { errorVerdicts, judgeVersion } from '../verdicts.ts'
import { createSelector } from '../where.ts'
import { verdictsOf } from './answers.ts'
import type { Manifest } from './bundle.ts'
import type { CustomJudgeEntry } from './custom-config.ts'
import type { CustomJudgeLane, LaneJudge } from './lane.ts'
import type { SandboxBatch } from './sandbox-messages.ts'

export const MAX_BATCH_SPANS = 200
/** Characters of one batch; a single span may be larger. */
const MAX_BATCH_CHARACTERS = 4 << 20

export type CustomJudgeFailure = 'CUSTOM_JUDGE_TIMEOUT' | 'CUSTOM_JUDGE_FAILED'

/** Whether a judge may still be asked; shared by all that run the same code with the same configuration. */
export interface CustomJudgeHealth {
  isDisabled(): boolean
  answered(): void
  failed(code: CustomJudgeFailure, problem: string): void
}

export interface CustomJudgeOptions {
  readonly entry: CustomJudgeEntry
  readonly manifest: Manifest
  readonly lane: CustomJudgeLane
  readonly judge: LaneJudge
  readonly health: CustomJudgeHealth
}

/**
 * A user's judge as one of ours. Its answers come out of a sandbox and are checked; where it gives none in time, or its
 * process ends, every span of the batch gets an error verdict. Applies to nothing once it is disabled.
 */
export function createCustomJudge(options: CustomJudgeOptions): Judge {
  const { entry, manifest, health } = options
  const isSelected = createSelector(entry.where)
  return {
    name: entry.name,
    version: versionOf(options),
    tier: 'rule',
    unit: 'span',
    patterns: manifest.patterns,
    applies: ({ span }) => !health.isDisabled() && isSelected(span),
    evaluate(inputs) {
      const answers: Verdicts[] = []
      for (const batch of batchesOf(inputs)) {
        const spans = batch.map(({ input: { span }, hits, cut }) => ({ span, hits, cut }))
        const raw = answers.length > 0 && health.isDisabled() ? null : askLane(options, { spans }, batch.length)
        for (let i = 0; i < batch.length; i++)
          answers.push(raw === null ? gaveNone(entry.name) : verdictOfOne(raw, i, options, batch[i]!.input))
      }
      return answers
    },
  }
}

/** The same for judges of whole traces, which see all of them. */
export function createCustomTraceJudge(options: CustomJudgeOptions): TraceJudge {
  const { entry, health } = options
  const isSelected = createSelector(entry.where)
  return {
    name: entry.name,
    version: versionOf(options),
    tier: 'rule',
    unit: 'trace',
    wants: { traces: 'all', from: { spans: 2 } },
    applies: ({ spans }) => !health.isDisabled() && spans.some(isSelected),
    evaluate: (inputs) =>
      inputs.map(({ input }) => verdictOfOne(askLane(options, { traces: [input] }, 1), 0, options, null)),
  }
}

/** Its own version, and all else that its verdicts come from: the code, where it looks, its configuration. */
function versionOf({ entry, manifest }: CustomJudgeOptions): string {
  const { name, sha256, config, where } = entry
  return judgeVersion(manifest.version, { name, sha256, config, where })
}

type LaneResult = readonly unknown[] | { readonly failure: Verdicts }

function verdictOfOne(raw: LaneResult, index: number, options: CustomJudgeOptions, input: SpanInput | null): Verdicts {
  if ('failure' in raw) return raw.failure
  return verdictsOf(raw[index], { name: options.entry.name, labels: options.manifest.labels }, input)
}

function askLane({ lane, judge, health, entry }: CustomJudgeOptions, batch: SandboxBatch, count: number): LaneResult {
  const answer = lane.ask(judge, serialize(batch))
  if (!answer.ok) {
    const code = answer.kind === 'timeout' ? 'CUSTOM_JUDGE_TIMEOUT' : 'CUSTOM_JUDGE_FAILED'
    health.failed(code, answer.problem)
    return { failure: errorVerdicts(`${code}: the judge ${entry.name}: ${answer.problem}.`) }
  }
  const raw = answersIn(answer.body)
  if (raw?.length === count) {
    health.answered()
    return raw
  }
  const problem = 'its process did not answer with one answer per input'
  health.failed('CUSTOM_JUDGE_FAILED', problem)
  return { failure: errorVerdicts(`CUSTOM_JUDGE_FAILED: the judge ${entry.name}: ${problem}.`) }
}

function answersIn(body: Uint8Array): readonly unknown[] | null {
  try {
    const answers: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
    return Array.isArray(answers) ? answers : null
  } catch {
    return null
  }
}

const gaveNone = (name: string) =>
  errorVerdicts(`CUSTOM_JUDGE_FAILED: the judge ${name} was disabled before this span.`)

function batchesOf(inputs: readonly Scanned<SpanInput>[]): Scanned<SpanInput>[][] {
  const batches: Scanned<SpanInput>[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const scanned of inputs) {
    const own = scanned.input.texts.reduce((sum, { text }) => sum + text.length, 0)
    const last = batches.at(-1)
    if (last !== undefined && last.length < MAX_BATCH_SPANS && characters + own <= MAX_BATCH_CHARACTERS) {
      last.push(scanned)
      characters += own
    } else {
      batches.push([scanned])
      characters = own
    }
  }
  return batches
}
