import { areaUnderRoc, bootstrapInterval, type Interval, wilsonInterval } from '../core/statistics.ts'
import type { Decision } from './judge-quality-rows.ts'

export const METRICS = ['precision', 'recall', 'f1', 'auroc', 'false_positive_rate', 'flagged'] as const
export type Metric = (typeof METRICS)[number]

/** One measured number with its 95 % interval. */
export interface Measured {
  readonly metric: Metric
  /** Rows the number rests on: predicted positives for precision, positives for recall, and so on. */
  readonly n: number
  /** null where it is not defined: precision where nothing was flagged. */
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly interval: 'wilson' | 'bootstrap_by_group'
}

const RESAMPLES = 1000
const SEED = 20_261_120

/**
 * Proportions with Wilson's interval; F1 and AUROC with a percentile bootstrap that draws groups (rows of one prompt,
 * template or file stay together). A set without positives says only how often it was flagged, one without negatives
 * only its recall.
 */
export function measure(decisions: readonly Decision[], { resamples = RESAMPLES } = {}): readonly Measured[] {
  const positives = decisions.filter(({ positive }) => positive)
  const negatives = decisions.filter(({ positive }) => !positive)
  const flagged = decisions.filter(({ failed }) => failed)
  if (positives.length === 0) return [proportion('flagged', flagged.length, decisions.length)]
  const found = positives.filter(({ failed }) => failed).length
  const recall = proportion('recall', found, positives.length)
  if (negatives.length === 0) return [recall]
  const groups = [...Map.groupBy(decisions, ({ group }) => group).values()]
  const bootstrap = (statistic: (drawn: readonly Decision[]) => number) =>
    bootstrapInterval(groups, (drawn) => statistic(drawn.flat()), { resamples, seed: SEED })
  return [
    proportion('precision', found, flagged.length),
    recall,
    resampled('f1', decisions, bootstrap(f1Of)),
    resampled('auroc', decisions, bootstrap(aurocOf)),
    proportion('false_positive_rate', flagged.length - found, negatives.length),
  ]
}

export function proportion(metric: Metric, part: number, n: number): Measured {
  const { low, high } = wilsonInterval(part, n)
  return {
    metric,
    n,
    value: n === 0 ? null : rounded(part / n),
    low: rounded(low),
    high: rounded(high),
    interval: 'wilson',
  }
}

function resampled(metric: 'f1' | 'auroc', decisions: readonly Decision[], { low, high }: Interval): Measured {
  const value = metric === 'f1' ? f1Of(decisions) : aurocOf(decisions)
  return {
    metric,
    n: decisions.length,
    value: Number.isNaN(value) ? null : rounded(value),
    low: Number.isNaN(low) ? null : rounded(low),
    high: Number.isNaN(high) ? null : rounded(high),
    interval: 'bootstrap_by_group',
  }
}

const rounded = (value: number) => Math.round(value * 10_000) / 10_000

/** 2 true positives / (2 true positives + false ones + missed ones): 0 where nothing was found. */
function f1Of(decisions: readonly Decision[]): number {
  let found = 0
  let wrong = 0
  for (const { positive, failed } of decisions) {
    if (positive && failed) found++
    else if (positive !== failed) wrong++
  }
  return (2 * found) / (2 * found + wrong)
}

const aurocOf = (decisions: readonly Decision[]): number =>
  areaUnderRoc(decisions.map(({ risk, positive }) => ({ score: risk, positive })))
