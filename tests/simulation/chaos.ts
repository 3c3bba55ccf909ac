/**
 * Breaks the pipeline on purpose and counts what became of what was sent. Exits with 1 where a promise was broken.
 * Usage: npm run chaos -- [--seed N] [--minutes M | --schedules N] [--layer simulation] [--json]
 *        npm run chaos -- --replay <seed>
 */
import { parseArgs } from 'node:util'
import type { Layer, LayerReport } from './layers/layer.ts'
import { simulationLayer } from './layers/simulation.ts'

const LAYERS: readonly Layer[] = [simulationLayer]
const NO_END = Number.POSITIVE_INFINITY

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number, not ${text}.`)
  return value
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      schedules: { type: 'string' },
      layer: { type: 'string', default: simulationLayer.name },
      replay: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const layer = LAYERS.find(({ name }) => name === values.layer)
  if (!layer) throw new RangeError(`There is no layer ${values.layer}; there are: ${LAYERS.map(({ name }) => name)}.`)
  const minutes = values.minutes === undefined ? (values.schedules === undefined ? 1 : NO_END) : Number(values.minutes)
  if (!(minutes > 0)) throw new RangeError(`--minutes takes a number above 0, not ${values.minutes}.`)
  return {
    layer,
    minutes,
    seed: wholeNumber('seed', values.seed),
    schedules: wholeNumber('schedules', values.schedules ?? '0'),
    replay: values.replay === undefined ? null : wholeNumber('replay', values.replay),
    json: values.json,
  }
}

function print({ failures, faults, ...totals }: LayerReport): void {
  console.log(
    Object.entries(totals)
      .map(([name, value]) => `${name.padEnd(22)} ${value}`)
      .join('\n'),
  )
  console.log('faults')
  for (const [kind, count] of Object.entries(faults)) console.log(`  ${kind.padEnd(20)} ${count}`)
  for (const { seed, name, breaches, schedule } of failures) {
    console.log(
      `\nseed ${seed} (${name}) broke ${breaches.length}:\n  ${breaches.slice(0, 5).join('\n  ')}\n  ${schedule}`,
    )
    console.log(`  again: npm run chaos -- --replay ${seed}`)
  }
}

async function main(): Promise<void> {
  const { layer, seed, minutes, schedules, replay, json } = readOptions()
  const report =
    replay === null
      ? await layer.run({ seed, minutes, schedules, onProgress: (line) => console.error(line) })
      : await layer.replay(replay, (event) => console.error(event))
  if (json) console.log(JSON.stringify(report))
  else print(report)
  process.exitCode = report.failures.length > 0 ? 1 : 0
}

await main().catch((error: unknown) => {
  console.error(error instanceof RangeError ? error.message : error)
  process.exitCode = 2
})
