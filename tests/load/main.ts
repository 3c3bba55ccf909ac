/** `npm run test:isolation`: what a flooding project costs another one, for each kind of flood. */
import { parseArgs } from 'node:util'
import { FLOODS, type IsolationReport, measureIsolation, type Ratio } from './isolation.ts'
import { NOISY_LIMITS, startTwoProjects } from './two-projects.ts'

const { values } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '10' },
    window_ms: { type: 'string', default: '1500' },
    connections: { type: 'string', default: '16' },
    unlimited: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

function print({ kind, alone, beside, p50, p99, flood_answers, quiet_errors }: IsolationReport): void {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  const by = ({ median, at_least }: Ratio) => `× ${median.toFixed(2)}, at least ${at_least.toFixed(2)}`
  process.stdout.write(
    `${kind}: p99 ${ms(alone.p99)} alone, ${ms(beside.p99)} beside the flood (${by(p99)}); ` +
      `p50 ${ms(alone.p50)}, ${ms(beside.p50)} (${by(p50)}); ` +
      `the flood heard ${JSON.stringify(flood_answers)}, errors of the quiet project ${JSON.stringify(quiet_errors)}\n`,
  )
}

await using projects = await startTwoProjects(values.unlimited ? undefined : NOISY_LIMITS)
for (const kind of FLOODS) {
  if (values.kind !== undefined && !values.kind.includes(kind)) continue
  const report = await measureIsolation({
    ...projects,
    kind,
    connections: Number(values.connections),
    rounds: Number(values.rounds),
    window_ms: Number(values.window_ms),
  })
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else print(report)
}
