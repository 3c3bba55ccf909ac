import type { Release } from './chain-versions.ts'
import { type Ingest, startIngest } from './ingest.ts'
import { type Judging, startJudging } from './judging.ts'
import { createProcess, type Moment, type Process, type Role, type Step } from './machine.ts'
import type { World } from './world.ts'

/** Starts the two processes, and starts again what dies. */
export interface Supervisor {
  ingest(): Ingest | null
  judging(): Judging | null
  /** The living process of a role, also while it starts. */
  process(role: Role): Process | null
  kill(role: Role, reason: string): void
  /** Lets a process finish, then starts it again. */
  restart(role: Role): Promise<void>
  readonly release: Release
  /** Kills the process the n-th time from now on that it is at a step. */
  killAt(trigger: { role: Role; step: Step; nth: number; moment: Moment }): void
  start(): void
  /** Starts nothing any more. */
  close(): void
  readonly starts: number
}

const RESTART_MS = 200
/** A process that is drained has at most this long, as under the real supervisor. */
const DRAIN_LIMIT_MS = 15_000

interface Trigger {
  readonly role: Role
  readonly step: Step
  readonly moment: Moment
  left: number
}

export function createSupervisor(world: World): Supervisor {
  const { scheduler, truth, tell } = world
  const random = world.random('supervisor')
  const alive = new Map<Role, Process>()
  const release: Release = { version: 0, config: 0 }
  let ingest: Ingest | null = null
  let judging: Judging | null = null
  let triggers: Trigger[] = []
  let generation = 0
  let closed = false

  function onStep(process: Process, step: Step, moment: Moment): void {
    tell(`${process.role} ${process.generation}: ${moment} ${step}`)
    for (const trigger of triggers) {
      if (trigger.role !== process.role || trigger.moment !== moment || !step.startsWith(trigger.step)) continue
      trigger.left -= 1
      if (trigger.left > 0) continue
      triggers = triggers.filter((other) => other !== trigger)
      process.kill(`killed ${moment} ${step}`)
      return
    }
  }

  function onDeath(process: Process, reason: string): void {
    tell(`${process.role} ${process.generation}: dead: ${reason}`)
    if (ingest?.process === process) ingest = null
    if (judging?.process === process) judging = null
    if (alive.get(process.role) === process) alive.delete(process.role)
    startLater(process.role)
  }

  function startLater(role: Role): void {
    scheduler.after(RESTART_MS + random(300), null, () => {
      if (!closed && !alive.has(role)) spawn(role)
    })
  }

  function spawn(role: Role): void {
    const process = createProcess({ role, generation: generation++, onStep, onDeath })
    alive.set(role, process)
    tell(`${role} ${process.generation}: starting`)
    begin(process).then(
      () => tell(`${role} ${process.generation}: up`),
      (error: unknown) => {
        const { code } = error as { code?: string }
        tell(`${role} ${process.generation}: ${error instanceof Error ? error.message : String(error)}`)
        // A fault may keep a process from starting; damage that no fault explains is a loss.
        if (code === 'LOG_CORRUPT' && process.alive && !truth.expects_damage)
          truth.breach(`${role} does not start: ${error instanceof Error ? error.message : error}`)
        process.kill(`did not start: ${code}`)
      },
    )
  }

  async function begin(process: Process): Promise<void> {
    if (process.role === 'ingest') {
      const started = await startIngest(world, process)
      if (process.alive) ingest = started
    } else {
      const started = await startJudging(world, process, { ...release })
      if (process.alive) judging = started
    }
  }

  return {
    release,
    get starts() {
      return generation
    },
    ingest: () => ingest,
    judging: () => judging,
    process: (role) => alive.get(role) ?? null,
    kill: (role, reason) => alive.get(role)?.kill(reason),
    async restart(role) {
      const running = role === 'ingest' ? ingest : judging
      if (running === null) return
      scheduler.after(DRAIN_LIMIT_MS, null, () => running.process.kill('did not finish in time'))
      await running.drain().catch((error) => tell(`${role} did not finish well: ${error}`))
      running.process.kill('finished')
    },
    killAt({ nth, ...trigger }) {
      triggers.push({ ...trigger, left: nth })
    },
    start() {
      spawn('ingest')
      spawn('process')
    },
    close() {
      closed = true
    },
  }
}
