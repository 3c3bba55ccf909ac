import type { Clock } from '../../core/clock.ts'
import { createRandom, type Random } from '../../core/random.ts'
import type { Account } from './account.ts'
import type { Answer, Door, HostileRequest } from './hostile-request.ts'
import { addViolation, count, type RunState, type Violation } from './run-state.ts'
import { AT_ONCE, type Senders } from './senders.ts'
import { isAcknowledged, isAmbiguous, type Secrets, violationOf } from './verdict.ts'

export interface BarrageOptions {
  readonly state: RunState
  readonly doors: readonly Door[]
  readonly senders: Senders
  readonly account: Account
  readonly secrets: Secrets
  readonly clock: Clock
  /** At the end of everything that is on its way, nothing more is sent. */
  readonly stop: AbortSignal
  /** Called now and then, when `state` and the account agree. */
  readonly checkpoint: () => void
}

/** Requests of a door that are on their way at once, beside the ordinary ones: some cost much, some only wait. */
const RARE_AT_ONCE = { heavy: 3, raw: 24 } as const
/** How far ahead of the oldest request that is not done others may be: what is remembered of them is bounded. */
const WINDOW = 50_000
const BACKLOG = 2_000
const HELD = 500
const CHECKPOINT_MS = 2_000
/** A valid request behind a hostile one may be told to wait, because the hostile project's share is in flight. */
const PATIENCE_MS = 60_000
const AGAIN_MS = 200
/** Numbers of the valid requests behind hostile ones begin here. */
const CANARIES = 2 ** 40

/** The numbers that request `index` of a run is made of: they depend on nothing else. */
export function randomOf(seed: number, index: number): Random {
  return createRandom((Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) | 0)
}

/** Draws the door of a request, the first of its numbers. */
export function doorOf(doors: readonly Door[], random: Random): Door {
  let draw = random(doors.reduce((sum, { weight }) => sum + weight, 0))
  for (const door of doors) {
    draw -= door.weight
    if (draw < 0) return door
  }
  throw new Error('There is no door.')
}

interface Job {
  readonly index: number
  readonly random: Random
}

type Class = 'plain' | 'raw' | 'heavy'

interface Lane {
  readonly door: Door
  readonly backlog: Job[]
  /** Made, and waiting until fewer of their class are on their way. */
  readonly held: Record<Exclude<Class, 'plain'>, { readonly index: number; readonly request: HostileRequest }[]>
  readonly under_way: Record<Class, number>
}

function newLane(door: Door): Lane {
  return { door, backlog: [], held: { raw: [], heavy: [] }, under_way: { plain: 0, raw: 0, heavy: 0 } }
}

function classOf({ kind, heavy = false }: HostileRequest): Class {
  if (heavy) return 'heavy'
  return kind === 'raw' ? 'raw' : 'plain'
}

/** Sends what is left of a run over all doors at once, and judges every answer. Resolves when all have theirs. */
export async function barrage(options: BarrageOptions): Promise<void> {
  const { state, doors, senders, account, secrets, clock, stop, checkpoint } = options
  const lanes = new Map(doors.map((door) => [door, newLane(door)]))
  const done = new Set(state.done)
  let drawn = state.next
  let waiting = 0
  const finished = Promise.withResolvers<void>()

  type Problem = Omit<Violation, 'index' | 'door' | 'what'>

  /** Checks an answer, and enters what it promises into the account. */
  async function judge(door: Door, request: HostileRequest, answer: Answer): Promise<Problem[]> {
    const { status } = answer
    const problem = violationOf(door, request, answer, secrets)
    const problems = problem === null ? [] : [{ answer: status, problem }]
    const { payload } = request
    if (payload === undefined) return problems
    if (isAmbiguous(request, answer)) await account.ambiguous(payload)
    if (!isAcknowledged(request, answer)) return problems
    const unreadable = await account.acknowledged(payload).then(
      () => [],
      () => [{ answer: status, problem: 'acknowledged what cannot be read' }],
    )
    return [...problems, ...unreadable]
  }

  /** After what could have hurt: the next valid request is served. */
  async function checkServed(door: Door, index: number): Promise<Problem[]> {
    const canary = door.good(CANARIES + index)
    const deadline = clock.monotonic() + PATIENCE_MS
    let answer = await senders.send(door.name, canary)
    while (answer.retryable && clock.monotonic() < deadline) {
      await clock.sleep(AGAIN_MS)
      answer = await senders.send(door.name, canary)
    }
    const problems = await judge(door, canary, answer)
    if (problems.length === 0 && answer.status === canary.expect) return []
    return [{ answer: answer.status, problem: 'the next valid request is not served' }]
  }

  async function run({ door }: Lane, index: number, request: HostileRequest): Promise<void> {
    const answer = await senders.send(door.name, request)
    const problems = await judge(door, request, answer)
    if (classOf(request) !== 'plain') problems.push(...(await checkServed(door, index)))
    // At once, so that whoever writes the state down finds a request done and counted, or neither.
    const { what } = request
    count(state, door.name, { what, answer: answer.status })
    for (const problem of problems) addViolation(state, { index, door: door.name, what, ...problem })
    done.add(index)
    while (done.delete(state.next)) state.next++
  }

  function start(lane: Lane, index: number, request: HostileRequest): void {
    const kind = classOf(request)
    if (kind !== 'plain' && lane.under_way[kind] >= RARE_AT_ONCE[kind])
      return void lane.held[kind].push({ index, request })
    lane.under_way[kind]++
    run(lane, index, request).then(
      () => {
        lane.under_way[kind]--
        pump()
      },
      (error: unknown) => finished.reject(error),
    )
  }

  function draw(): void {
    while (!stop.aborted && drawn < state.requests && waiting < BACKLOG && drawn - state.next < WINDOW) {
      const index = drawn++
      if (done.has(index)) continue
      const random = randomOf(state.seed, index)
      lanes.get(doorOf(doors, random))!.backlog.push({ index, random })
      waiting++
    }
  }

  function pumpLane(lane: Lane): void {
    const { door, held, under_way, backlog } = lane
    for (const kind of ['raw', 'heavy'] as const) {
      while (held[kind].length > 0 && under_way[kind] < RARE_AT_ONCE[kind]) {
        const { index, request } = held[kind].shift()!
        start(lane, index, request)
      }
    }
    while (backlog.length > 0 && under_way.plain < AT_ONCE[door.name] && held.heavy.length + held.raw.length < HELD) {
      const { index, random } = backlog.shift()!
      waiting--
      start(lane, index, door.make(random, index))
    }
  }

  function pump(): void {
    draw()
    let left = 0
    for (const lane of lanes.values()) {
      if (stop.aborted) for (const unsent of [lane.backlog, lane.held.raw, lane.held.heavy]) unsent.length = 0
      pumpLane(lane)
      left += lane.backlog.length + lane.under_way.plain + lane.under_way.raw + lane.under_way.heavy
    }
    if (left === 0 && (stop.aborted || drawn >= state.requests)) finished.resolve()
  }

  const over = new AbortController()
  const began = clock.monotonic()
  const sent_before_ms = state.sending_ms
  async function writeDown(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(CHECKPOINT_MS, over.signal).catch(() => {})
      state.done = [...done]
      state.sending_ms = sent_before_ms + clock.monotonic() - began
      checkpoint()
    }
  }
  const writing = writeDown()
  stop.addEventListener('abort', () => pump(), { once: true })
  try {
    pump()
    await finished.promise
  } finally {
    over.abort()
    await writing
  }
}
