import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Broker, LogRecord } from '../adapters/broker/broker.ts'
import type { ApiKeys } from '../core/api-keys.ts'
import { systemClock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import { parseConfig } from './config.ts'
import { type ConfigControl, type ConfigStatus, startConfigControl } from './config-control.ts'
import { followConfig } from './config-follower.ts'
import { liveOf } from './live-config.ts'

const JUDGES = [{}, { refusal: { enabled: false } }, { pii: { allow: ['a'] } }, { pii: { allow: ['a', 'b'] } }]
const KEYS = ['a', 'b', 'c'].map((digit) => ({ project: 'shop', sha256: digit.repeat(64) }))
const CONFIGS = JUDGES.map((judges) => liveOf(parseConfig({ judges })))

/** What becomes of one write: how many of its records reach the log, and whether the writer hears of it. */
interface Fate {
  readonly written: number
  readonly heard: boolean
  /** Where it failed, the process dies of it. */
  readonly fatal: boolean
}

const WHOLE: Fate = { written: 99, heard: true, fatal: false }

/** project_configs in memory, with a fate for each write. */
function createTopic() {
  const records: LogRecord[] = []
  let fate = WHOLE
  const broker: Pick<Broker, 'fetch' | 'offsets' | 'produce'> = {
    offsets: async () => [{ partition: 0, start: 0n, end: BigInt(records.length) }],
    fetch: async (_topic, _partition, start, { end }) =>
      records.slice(Number(start), Number(end ?? records.length)).slice(0, 2),
    async produce(topic, given) {
      const { written, heard } = fate
      fate = WHOLE
      const positions = given.slice(0, written).map((record) => {
        const position = { partition: 0, offset: BigInt(records.length), timestamp_ms: 0 }
        records.push({ ...record, ...position, topic })
        return position
      })
      if (!heard || written < given.length) throw new CodedError('LOG_WRITE_FAILED')
      return positions
    },
  }
  return {
    broker,
    /** Of the next write only. */
    setFate(given: Fate) {
      fate = given
    },
  }
}

const fates = fc.record({ written: fc.constantFrom(0, 1, 2, 99, 99, 99), heard: fc.boolean(), fatal: fc.boolean() })
const steps = fc.oneof(
  fc.record({ kind: fc.constant('apply' as const), config: fc.nat(3), keys: fc.subarray([0, 1, 2]), fate: fates }),
  fc.record({ kind: fc.constant('keys' as const), config: fc.nat(3), keys: fc.subarray([0, 1, 2]), fate: fates }),
  fc.record({ kind: fc.constant('rollback' as const), fate: fates }),
  fc.record({ kind: fc.constant('crash' as const) }),
)

type Topic = ReturnType<typeof createTopic>
type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never

const STARTED = { values: { judges: JUDGES[0], keys: KEYS }, config: parseConfig({ judges: JUDGES[0], keys: KEYS }) }
const HOW = { note: '', dry_run: false, keys_only: false }

/** A process that takes the place of one that died. */
async function aProcess({ broker }: Topic): Promise<ConfigControl> {
  const { values, config } = STARTED
  return startConfigControl({
    broker,
    config,
    origin: { values, overrides: {} },
    restarted: true,
    follower: { prepare: async () => ({ name: '', process: () => ({ items: [], rejects: [] }) }), use() {} },
    clock: systemClock,
    log: { info() {}, warn() {} },
    onInForce() {},
  })
}

/** `ingest`, which began before anything changed. */
async function anIngest({ broker }: Topic) {
  const looks: (() => void)[] = []
  const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => void looks.push(resolve)) }
  const { signal } = new AbortController()
  const live = await followConfig({ broker, config: STARTED.config, clock, signal, log: { warn() {} } })
  live.follow(() => {})
  const waiting = async () => {
    while (looks.length === 0) await new Promise(setImmediate)
  }
  return {
    /** What it works by once it has looked. */
    async looks() {
      await waiting()
      looks.shift()!()
      await waiting()
      return live.config()
    },
  }
}

/** What a step asks for; null where only the history knows. */
function askedBy(step: Step, before: ConfigStatus): { readonly judges: unknown; readonly keys: ApiKeys } {
  const { judges } = before.version.config
  if (step.kind === 'rollback') return { judges: null, keys: before.keys }
  if (step.kind === 'crash') return { judges, keys: before.keys }
  const keys = step.keys.map((index) => KEYS[index]!)
  return { judges: step.kind === 'keys' ? judges : CONFIGS[step.config]!.judges, keys }
}

async function take(step: Step, control: ConfigControl): Promise<void> {
  if (step.kind === 'rollback') await control.rollback(null, HOW)
  if (step.kind !== 'apply' && step.kind !== 'keys') return
  const values = { judges: JUDGES[step.config], keys: step.keys.map((index) => KEYS[index]!) }
  await control.apply(values, { ...HOW, keys_only: step.kind === 'keys' })
}

it('every change holds as a whole or not at all, everywhere, and no rollback brings back a key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 10 }), async (script) => {
      const topic = createTopic()
      let control = await aProcess(topic)
      const ingest = await anIngest(topic)
      for (const step of script) {
        const before = control.status()
        const asked = askedBy(step, before)
        if (step.kind === 'crash') control = await aProcess(topic)
        else topic.setFate(step.fate)
        const failure = await take(step, control).then(
          () => '',
          ({ code }: CodedError) => code,
        )
        topic.setFate(WHOLE)
        const after = control.status()
        if (failure === '') {
          expect(after.keys).toEqual(asked.keys)
          if (asked.judges !== null) expect(after.version.config.judges).toEqual(asked.judges)
        } else {
          // Settings are the old ones. Keys may be the new ones already, and never any others.
          expect(after.version).toEqual(before.version)
          expect([before.keys, asked.keys]).toContainEqual(after.keys)
        }
        // Whoever asks again, or takes the place of who died, brings everybody to the same.
        if (failure === 'LOG_WRITE_FAILED') {
          if (step.kind === 'crash' || step.fate.fatal) control = await aProcess(topic)
          else await take(step, control)
        }
        const settled = control.status()
        const followed = await ingest.looks()
        expect([followed.judges, followed.keys]).toEqual([settled.version.config.judges, settled.keys])
        const next = (await aProcess(topic)).status()
        expect([next.version, next.keys]).toEqual([settled.version, settled.keys])
      }
    }),
    { numRuns: 40 },
  )
})
