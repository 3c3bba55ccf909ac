/** `npm run fuzz`: hostile requests to every door of a running instance, and an account of what it promised. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { untilAskedToStop } from '../../app/instance.ts'
import { systemClock } from '../../core/clock.ts'
import { doorOf, randomOf } from './barrage.ts'
import { createDoors } from './doors.ts'
import { startHostileInstance } from './hostile-instance.ts'
import { contextOf, hostileRun } from './hostile-run.ts'
import { formatAnswer, formatRequest, formatResult } from './print.ts'
import { newState, type RunState, readState } from './run-state.ts'
import { createSenders } from './senders.ts'
import { violationOf } from './verdict.ts'

const HELP = `npm run fuzz -- [options]

  --seed <n>        the same seed sends the same requests (default 1)
  --requests <n>    how many (default 1000000)
  --work-dir <dir>  data, state and account of the run (default .evalforge/fuzz); removed when the run passed
  --resume          go on with the run in the work directory, after Ctrl-C or a crash
  --replay <index>  show one request of the seed, send it to an instance of its own, and show the answer
  --start-ms <n>    where the times in the requests lie, for a replay to the byte (default: now, to the hour)
  --neighbour <n>   valid requests a second of another project (default 20)
  --root <dir>      the program to run, if not this checkout
  --json            one JSON object instead of the table`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '1000000' },
    'work-dir': { type: 'string', default: '.evalforge/fuzz' },
    resume: { type: 'boolean', default: false },
    replay: { type: 'string' },
    'start-ms': { type: 'string' },
    neighbour: { type: 'string', default: '20' },
    root: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const HOUR_MS = 3_600_000
const CALM_MS = 10_000
const PROGRESS_MS = 10_000

function whole(name: 'seed' | 'requests' | 'neighbour' | 'replay' | 'start-ms', text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${name} must be a whole number of 0 or more; got ${text}.`)
}

function stateOfRun(directory: string): RunState {
  if (values.resume) return readState(directory)
  if (existsSync(join(directory, 'state.json')))
    throw new Error(`${directory} holds a run: go on with --resume, or remove it to begin another one.`)
  const start_ms =
    values['start-ms'] === undefined
      ? Math.floor(systemClock.now() / HOUR_MS) * HOUR_MS - HOUR_MS
      : whole('start-ms', values['start-ms'])
  return newState({ seed: whole('seed', values.seed), requests: whole('requests', values.requests), start_ms })
}

async function run(): Promise<void> {
  const directory = resolve(values['work-dir'])
  const state = stateOfRun(directory)
  const stop = new AbortController()
  void untilAskedToStop().then(() => stop.abort())
  const result = await hostileRun({
    state,
    directory,
    neighbour_requests_per_second: whole('neighbour', values.neighbour),
    calm_ms: CALM_MS,
    root: values.root,
    stop: stop.signal,
    progress: everyNowAndThen(),
  })
  console.log(values.json ? JSON.stringify(result) : `\n${formatResult(result)}`)
  if (result.failures.length > 0) process.exitCode = 1
  else if (result.complete) rmSync(directory, { recursive: true, force: true })
  process.exit()
}

function everyNowAndThen(): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY
  return (text) => {
    const now = systemClock.monotonic()
    if (now - last < PROGRESS_MS) return
    last = now
    process.stderr.write(`${text}\n`)
  }
}

async function replay(index: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'evalforge-fuzz-'))
  const state = stateOfRun(directory)
  const instance = await startHostileInstance({ directory, seed: state.seed, root: values.root })
  const senders = createSenders(instance.pipeline, systemClock)
  try {
    const doors = createDoors(contextOf(state, instance))
    const random = randomOf(state.seed, index)
    const door = doorOf(doors, random)
    const request = door.make(random, index)
    console.log(`request ${index} of seed ${state.seed}, for ${door.name}: ${formatRequest(request)}`)
    const answer = await senders.send(door.name, request)
    const problem = violationOf(door, request, answer, { texts: [instance.secret, ...Object.values(instance.keys)] })
    console.log(`\nanswer: ${formatAnswer(answer)}\nverdict: ${problem ?? 'as it must be'}`)
    console.log(`\nlog of the instance:\n${instance.pipeline.log()}`)
  } finally {
    senders.close()
    await instance.pipeline.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

if (values.help) console.log(HELP)
else if (values.replay !== undefined) await replay(whole('replay', values.replay))
else await run()
