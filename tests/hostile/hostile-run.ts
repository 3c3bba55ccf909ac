import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { accountFor } from '../../app/bench/accounting.ts'
import { createRequestSource } from '../../app/bench/requests.ts'
import { untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { openAccount } from './account.ts'
import { barrage } from './barrage.ts'
import { prepareBombs } from './bombs.ts'
import { createDoors } from './doors.ts'
import { HOSTILE, type HostileInstance, QUIET, residentBytes, startHostileInstance } from './hostile-instance.ts'
import type { RunContext } from './hostile-request.ts'
import { errorLines, type HostileResult, resultOf } from './hostile-result.ts'
import { NEIGHBOUR_REQUEST, type Neighbour, type NeighbourReport, startNeighbour } from './neighbour.ts'
import { type RunState, writeState } from './run-state.ts'
import { loadSeeds } from './seeds.ts'
import { createSenders } from './senders.ts'
import { settle } from './settlement.ts'

export interface HostileRunOptions {
  readonly state: RunState
  /** Data, state and account lie here. */
  readonly directory: string
  readonly neighbour_requests_per_second: number
  /** How long the neighbour is measured alone, before and after. */
  readonly calm_ms: number
  readonly root?: string | undefined
  readonly stop: AbortSignal
  readonly progress: (text: string) => void
}

/** Sends what is left of a run to an instance of its own, and settles the account. */
export async function hostileRun(options: HostileRunOptions): Promise<HostileResult> {
  const { state, directory, root, progress } = options
  const clock = systemClock
  mkdirSync(directory, { recursive: true })
  const instance = await startHostileInstance({ directory, seed: state.seed, root })
  // Another one for each part of a run: its requests are numbered from 0 each time.
  const neighbour_seed = (state.seed ^ state.next) >>> 0
  const neighbour = startNeighbour({
    otlp_http: instance.pipeline.otlp_http,
    key: instance.keys.quiet,
    requests_per_second: options.neighbour_requests_per_second,
    seed: neighbour_seed,
  })
  try {
    return await sendAndSettle({ ...options, instance, neighbour, neighbour_seed, clock })
  } finally {
    neighbour.kill()
    progress('stopping the instance')
    await instance.pipeline.stop()
  }
}

interface Running extends HostileRunOptions {
  readonly instance: HostileInstance
  readonly neighbour: Neighbour
  readonly neighbour_seed: number
  readonly clock: Clock
}

async function sendAndSettle(running: Running): Promise<HostileResult> {
  const { state, directory, instance, neighbour, clock, stop, calm_ms, progress } = running
  const { pipeline, limits } = instance
  const account = openAccount({ path: join(directory, 'account.bin'), bytes: state.account_bytes, limits })
  const senders = createSenders(pipeline, clock)
  prepareBombs()
  const writeDown = () => {
    state.account_bytes = account.flush()
    writeState(directory, state)
    progress(`${state.next} of ${state.requests}, violations ${state.violations_total}`)
  }
  try {
    const calm = async () => {
      neighbour.enter('calm')
      if (!stop.aborted) await clock.sleep(calm_ms)
    }
    await calm()
    const ingest = (await pipeline.processes()).find(({ role }) => role === 'ingest')!.pid!
    const base_bytes = residentBytes(ingest).now
    neighbour.enter('hostile')
    const context = contextOf(state, instance)
    const secrets = { texts: [instance.secret, instance.keys.hostile, instance.keys.quiet] }
    await barrage({ state, doors: createDoors(context), senders, account, secrets, clock, stop, checkpoint: writeDown })
    const peak_bytes = residentBytes(ingest).peak
    await calm()
    neighbour.enter('off')
    const report = await neighbour.end()
    state.restarts += (await pipeline.processes()).reduce((sum, { restarts }) => sum + restarts, 0)
    writeDown()
    progress('waiting until everything is stored')
    await untilCaughtUp(pipeline, 600_000)
    const promised = account.read()
    const complete = state.next >= state.requests
    const settlement = complete
      ? await settle({ pipeline, data_dir: instance.data_dir, project: HOSTILE, promised, limits })
      : null
    const memory = { base_bytes, peak_bytes, allowed_bytes: 2 * (base_bytes + limits.max_bytes_in_flight) }
    const neighbour_lost = await lostOf(running, report)
    const log_errors = errorLines(pipeline.log())
    return resultOf({ state, report, neighbour_lost, memory, settlement, log_errors })
  } finally {
    senders.close()
    account.close()
  }
}

export function contextOf({ seed, start_ms }: RunState, { keys, secret_file }: HostileInstance): RunContext {
  return { seeds: loadSeeds(), seed, start_ms, key: keys.hostile, secret_file }
}

/** Requests of the neighbour that were acknowledged and are not all there. */
async function lostOf({ instance, neighbour_seed }: Running, { acknowledged }: NeighbourReport): Promise<number> {
  const source = createRequestSource({ ...NEIGHBOUR_REQUEST, seed: neighbour_seed })
  const { clickhouse } = instance.pipeline
  return (await accountFor({ clickhouse, project: QUIET, source, acknowledged, unanswered: [] })).lost
}
