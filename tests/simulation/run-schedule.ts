import { pino } from 'pino'
import { checkPromises, type Findings, staleHours } from './check.ts'
import type { Ingest } from './ingest.ts'
import { startOperator } from './operator.ts'
import type { Program } from './program.ts'
import type { Schedule } from './schedule.ts'
import { startSenders } from './senders.ts'
import { createSupervisor } from './supervisor.ts'
import { createWorld, type Mutant, type World } from './world.ts'

export interface RunOptions {
  readonly program: Program
  readonly mutant?: Mutant
  /** Told of everything that happens, in order, with the virtual time. */
  readonly onEvent?: (event: string) => void
}

export interface Result extends Findings {
  readonly schedule: Schedule
  readonly events: number
  readonly virtual_ms: number
  readonly starts: number
}

/** After the last fault everything must be stored within this. */
const SETTLE_LIMIT_MS = 10 * 60_000
const LOOK_MS = 400

/** Runs one schedule to its end and says which promises were broken. The same schedule gives the same result, event by event. */
export async function runSchedule(schedule: Schedule, options: RunOptions): Promise<Result> {
  const { program, mutant, onEvent } = options
  const log = (tell: (event: string) => void) =>
    pino({ level: onEvent ? 'info' : 'silent', base: null, timestamp: false }, { write: (line) => tell(line.trim()) })
  const world = createWorld({ schedule, program, log, ...(onEvent && { onEvent }), ...(mutant && { mutant }) })
  const { scheduler, tell } = world
  const supervisor = createSupervisor(world)
  supervisor.start()
  const senders = startSenders(world, supervisor)
  const operator = startOperator(world, supervisor)
  const last_ms = Math.max(
    0,
    ...schedule.faults.map(({ at_ms }) => at_ms),
    ...schedule.requests.map((one) => one.at_ms),
  )
  const findings: { value: Findings | null } = { value: null }

  /** Looks now and then, as an operator would, from outside. */
  async function finish(): Promise<void> {
    const give_up = last_ms + SETTLE_LIMIT_MS
    let settled = false
    while (!settled && scheduler.now() < give_up) {
      await pause(world, LOOK_MS)
      settled = senders.open() === 0 && operator.open() === 0 && isIdle(supervisor.ingest()) && (await isCaughtUp())
    }
    // The rollup of hours looks every 10 s, and more rarely where it took long.
    do await pause(world, LOOK_MS)
    while (settled && staleHours(world).length > 0 && scheduler.now() < give_up)
    const left = [senders.open(), operator.open()]
    const ingest = supervisor.ingest()
    if (!settled) {
      const why = supervisor.judging()?.trouble() || 'nobody says why'
      const collector = ingest === null ? 'down' : JSON.stringify(ingest.inFlight())
      world.truth.breach(`not settled: ${left[0]} requests open, collector ${collector}, ${why}`)
    }
    tell('settled')
    supervisor.close()
    if (world.random('end')(2) === 0) await stopGently()
    supervisor.kill('process', 'the end')
    supervisor.kill('ingest', 'the end')
    findings.value = await checkPromises(world)
  }

  async function isCaughtUp(): Promise<boolean> {
    const judging = supervisor.judging()
    if (judging === null) return false
    // A process that dies meanwhile never answers.
    const asked = judging.lag().catch(() => null)
    const lag = await Promise.race([asked, pause(world, LOOK_MS).then(() => null)])
    return lag === 0n && judging.process.alive
  }

  async function stopGently(): Promise<void> {
    await Promise.race([
      Promise.all([supervisor.restart('process'), supervisor.restart('ingest')]),
      pause(world, 60_000),
    ])
  }

  const finishing = finish().catch((error: unknown) => {
    world.truth.breach(`nothing more can be checked: ${error instanceof Error ? error.stack : error}`)
    findings.value = { lost: 0, duplicated: 0, breaches: world.truth.breaches, totals: null }
  })
  await scheduler.run(() => findings.value !== null, Number.POSITIVE_INFINITY)
  if (findings.value === null) throw new Error(`schedule ${schedule.seed} came to a standstill`)
  await finishing
  return {
    ...findings.value,
    schedule,
    events: scheduler.events(),
    virtual_ms: scheduler.now(),
    starts: supervisor.starts,
  }
}

/** Up, and no request holds anything. */
function isIdle(ingest: Ingest | null): boolean {
  return ingest !== null && ingest.inFlight().requests + ingest.inFlight().bytes === 0
}

function pause({ scheduler }: World, ms: number): Promise<void> {
  return new Promise((resolve) => scheduler.after(ms, null, resolve))
}
