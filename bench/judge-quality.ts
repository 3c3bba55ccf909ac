import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRuleJudges, judgesConfig, ruleJudgeLabels } from '../judges/catalogue.ts'
import { type Measured, measure, proportion } from './judge-quality-metrics.ts'
import { createAsk, decide, readRows, versionOf } from './judge-quality-rows.ts'
import { BENIGN_SETS, QUALITY_SETS } from './judge-quality-sets.ts'

/**
 * `npm run bench:judges -- [--data DIR] [--judge NAME] [--json]`: how good the rule judges are on labelled public data,
 * with 95 % intervals. `--json` prints one list of rows {judge, version, dataset, n, metric, value, low, high, interval}.
 * `flagged` is the share of benign spans that a judge fails. Sets that are absent are named on standard error.
 */
interface ResultRow extends Measured {
  readonly judge: string
  readonly version: string
  readonly dataset: string
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(import.meta.dirname, '../../shared/datasets') },
    judge: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const names = Object.keys(ruleJudgeLabels)
if (options.judge !== undefined && !names.includes(options.judge)) {
  console.error(`No rule judge is called ${options.judge}. There are: ${names.join(', ')}.`)
  process.exit(2)
}
const isAsked = (name: string) => options.judge === undefined || options.judge === name
const absent = new Set<string>()

function* labelled(): Generator<ResultRow> {
  for (const set of QUALITY_SETS.filter(({ judge }) => isAsked(judge))) {
    const rows = readRows(options.data, set.set)
    if (rows === null) {
      absent.add(set.set)
      continue
    }
    const dataset = set.variant === undefined ? set.set : `${set.set} (${set.variant})`
    const version = versionOf(set)
    for (const measured of measure(decide(set, rows))) yield { judge: set.judge, version, dataset, ...measured }
  }
}

/** All shipped judges on one scan, also those that are off by default: the figure says why they are. */
function* benign(): Generator<ResultRow> {
  const switchedOn = Object.fromEntries(names.map((name) => [name, { enabled: true }]))
  const judges = createRuleJudges(judgesConfig.parse(switchedOn))
  const ask = createAsk(judges)
  const all = judges.map(() => ({ judged: 0, failed: 0 }))
  for (const { set, spans } of BENIGN_SETS) {
    const rows = readRows(options.data, set)
    if (rows === null) {
      absent.add(set)
      continue
    }
    const counts = judges.map(() => ({ judged: 0, failed: 0 }))
    for (const span of spans(rows)) {
      ask(span).forEach((verdicts, index) => {
        if (verdicts === null) return
        for (const count of [counts[index]!, all[index]!]) {
          count.judged++
          if (verdicts.some(({ passed }) => passed === false)) count.failed++
        }
      })
    }
    yield* flagged(`benign ${set}`, counts)
  }
  yield* flagged('benign, all sets', all)

  function* flagged(dataset: string, counts: typeof all): Generator<ResultRow> {
    for (const [index, { judged, failed }] of counts.entries()) {
      const { name: judge, version } = judges[index]!
      if (judged > 0 && isAsked(judge)) yield { judge, version, dataset, ...proportion('flagged', failed, judged) }
    }
  }
}

const results = [...labelled(), ...benign()].sort((a, b) => names.indexOf(a.judge) - names.indexOf(b.judge))
if (options.json) {
  console.log(
    JSON.stringify(
      results.map(({ judge, version, dataset, n, metric, value, low, high, interval }) => ({
        judge,
        version,
        dataset,
        n,
        metric,
        value,
        low,
        high,
        interval,
      })),
    ),
  )
} else {
  const percent = (value: number | null) => (value === null ? '-' : value.toFixed(3))
  console.table(
    results.map(({ judge, dataset, n, metric, value, low, high }) => ({
      judge,
      dataset,
      n,
      metric,
      value: percent(value),
      '95 %': `${percent(low)} - ${percent(high)}`,
    })),
  )
}
if (absent.size > 0) console.error(`Not found in ${options.data}: ${[...absent].join(', ')}`)
