import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import type {
  Chain,
  ChainVersion,
  ChainVersions,
  Delivery,
  PartitionSource,
  Position,
  Range,
  RangeIdentity,
  SourceRecord,
} from './component.ts'
import { CodedError } from './errors.ts'
import { type PipelineOptions, runPipeline } from './pipeline.ts'

interface Item {
  readonly id: string
  readonly version: string
}

const nameOf = ({ pipeline_version, config_offset }: RangeIdentity) => `${pipeline_version}/${config_offset}`

/** A seeded world: one partition, an idempotent store, and faults at any step. Any failure replays from its seed. */
function createWorld(seed: number, recordCount: number) {
  let state = seed >>> 0
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const records: SourceRecord[] = Array.from({ length: recordCount }, (_, index) => ({
    topic: 't',
    partition: 0,
    offset: BigInt(index),
    timestamp_ms: 1_000 + index,
    key: null,
    value: Buffer.from(String(index)),
    headers: {},
  }))
  const stored = new Map<string, string>()
  const tokens = new Map<string, string>()
  const letters = new Set<string>()
  const ledger = new Map<string, Range>()
  const problems: string[] = []
  let applied = 1n
  let committed: Position | null = null
  let crashed = false
  let faults = 0

  /** Every outside system takes its own time, so that nothing is right by being first. */
  async function aWhile(): Promise<void> {
    for (let ticks = Math.floor(random() * 20); ticks >= 0; ticks--) await new Promise(setImmediate)
  }

  /** Fails before or after the effect, or takes the whole process down. */
  function withFaults(effect: () => void): void {
    const roll = faults < 60 ? random() : 1
    if (roll < 0.2) faults++
    if (crashed) throw new Error('a dead process does nothing')
    if (roll < 0.05) throw new CodedError('STORE_UNAVAILABLE')
    if (roll < 0.08) crashed = true
    if (crashed) throw new Error('crash before')
    effect()
    if (roll >= 0.08 && roll < 0.13) throw new CodedError('STORE_UNAVAILABLE', 'the answer was lost')
    if (roll >= 0.13 && roll < 0.16) {
      crashed = true
      throw new Error('crash after')
    }
  }

  function createSource(): PartitionSource {
    let next = committed?.offset ?? 0n
    return {
      topic: 't',
      partition: 0,
      committed,
      async poll() {
        await new Promise(setImmediate)
        const count = 1 + Math.floor(random() * 7)
        const batch = records.slice(Number(next), Number(next) + count)
        next += BigInt(batch.length)
        return batch
      },
      seek(offset) {
        next = offset
      },
      async commit(position) {
        if (crashed) throw new Error('a dead process does not commit')
        withFaultsOnCommit(() => {
          committed = position
        })
      },
    }
  }

  function withFaultsOnCommit(effect: () => void): void {
    const roll = faults < 60 ? random() : 1
    if (roll < 0.06) {
      faults++
      crashed = true
      if (roll < 0.03) effect()
      throw new Error('crash at commit')
    }
    effect()
  }

  /** Says in its items which version made them, as judges stamp theirs. */
  const chainOf = (version: string): Chain<Item> => ({
    name: 'chain',
    process(record) {
      const text = record.value!.toString()
      if (Number(text) % 11 === 3) throw new Error('poison')
      if (Number(text) % 7 === 2) {
        const value = record.value!
        return { items: [], rejects: [{ code: 'SPAN_INVALID', message: 'no', component: 'chain', value, index: 0 }] }
      }
      return { items: [`${text}a`, `${text}b`].map((id) => ({ id, version })), rejects: [] }
    },
  })

  /** The configuration changes whenever it likes; one in three old versions cannot be had any more. */
  function createVersions(pipeline_version: string): ChainVersions<Item> {
    const versionOf = (config_offset: bigint): ChainVersion<Item> => {
      const identity = { pipeline_version, config_offset }
      return { identity, chain: chainOf(nameOf(identity)) }
    }
    let inForce = versionOf(applied)
    return {
      current() {
        if (random() < 0.04) applied++
        if (inForce.identity.config_offset !== applied) inForce = versionOf(applied)
        return inForce
      },
      async find(identity) {
        await aWhile()
        if (identity.pipeline_version !== pipeline_version || identity.config_offset % 3n === 2n) return null
        return versionOf(identity.config_offset)
      },
    }
  }

  const delivery = (name: string, write: (range: Range, items: readonly Item[]) => void): Delivery<Item> => ({
    name,
    open(identity) {
      const items: Item[] = []
      return {
        add: (item) => void items.push(item),
        async deliver(range) {
          await aWhile()
          if (nameOf(identity) !== nameOf(range)) problems.push(`opened as ${nameOf(identity)}, not ${nameOf(range)}`)
          withFaults(() => write(range, items))
        },
      }
    },
  })

  const store = delivery('store', (range, items) => {
    const token = `${range.start}:${range.end}:${nameOf(range)}`
    const rows = items.map(({ id }) => id).join()
    const before = tokens.get(token)
    if (before !== undefined && before !== rows) problems.push(`token ${token} came with other rows`)
    tokens.set(token, rows)
    for (const { id, version } of items) {
      if (version !== nameOf(range)) problems.push(`${id} was made by ${version} and stamped ${nameOf(range)}`)
      stored.set(id, version)
    }
  })
  const witness = delivery('ledger', (range, items) => {
    for (const { id } of items) if (!stored.has(id)) problems.push(`the ledger came before ${id} was stored`)
    ledger.set(String(range.start), range)
  })

  return {
    createVersions,
    store,
    witness,
    stored,
    letters,
    ledger,
    problems,
    random,
    createSource,
    dead_letters: {
      async deliver(rejects: readonly { index: number }[], record: SourceRecord) {
        for (let round = 0; round < 4; round++) await aWhile()
        withFaults(() => rejects.forEach(({ index }) => void letters.add(`${record.offset}:${index}`)))
      },
    },
    committed: () => committed,
    revive: () => {
      const was = crashed
      crashed = false
      return was
    },
  }
}

/** A version that says the offset of each record. */
const offsets = (config_offset: bigint): ChainVersion<string> => ({
  identity: { pipeline_version: 'v', config_offset },
  chain: { name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) },
})

/** One version that never changes. */
function always(chain: Chain<string>): ChainVersions<string> {
  const version = { identity: { pipeline_version: 'v', config_offset: 0n }, chain }
  return { current: () => version, find: async () => version }
}

const silent = { info() {}, warn() {}, error() {} }

/** Time that passes by itself, a little at every look. */
function createFastClock(): Clock {
  let now = 0
  return {
    now: () => now,
    monotonic: () => {
      now += 3
      return now
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        setImmediate(() => {
          now += ms
          if (signal?.aborted) reject(signal.reason)
          else resolve()
        })
      }),
  }
}

async function runToEnd(world: ReturnType<typeof createWorld>, recordCount: number): Promise<void> {
  for (let life = 0; life < 400 && (world.committed()?.offset ?? 0n) < BigInt(recordCount); life++) {
    const stopped = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const options: PipelineOptions<Item> = {
      versions: world.createVersions(`v${Math.floor(world.random() * 2)}`),
      deliveries: [world.store],
      witness: world.witness,
      dead_letters: world.dead_letters,
      limits: { max_items: 12, max_bytes: 1 << 20, flush_interval_ms: 200 },
      clock: createFastClock(),
      log: silent,
      onCommitted: (range) => range.end === BigInt(recordCount) && done.resolve(),
      onStopped: () => stopped.resolve(),
    }
    const running = runPipeline(world.createSource(), options)
    await Promise.race([stopped.promise, done.promise])
    await running.stop(1_000)
    world.revive()
  }
}

describe('pipeline', () => {
  it('loses and doubles nothing under any schedule of faults, crashes, new versions and new configurations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 120 }), async (seed, recordCount) => {
        const world = createWorld(seed, recordCount)
        await runToEnd(world, recordCount)
        expect(world.problems).toEqual([])
        expect(world.committed()).toEqual({ offset: BigInt(recordCount), metadata: '' })
        for (let index = 0; index < recordCount; index++) {
          const poisoned = index % 11 === 3
          const refused = !poisoned && index % 7 === 2
          expect(world.letters.has(`${index}:${poisoned ? -1 : 0}`)).toBe(poisoned || refused)
          expect(world.stored.has(`${index}a`) && world.stored.has(`${index}b`)).toBe(!poisoned && !refused)
        }
        const ranges = [...world.ledger.values()].sort((a, b) => Number(a.start - b.start))
        expect(ranges[0]?.start).toBe(0n)
        for (const [index, range] of ranges.entries())
          expect(ranges[index + 1]?.start ?? BigInt(recordCount)).toBe(range.end)
        const configs = ranges.map(({ config_offset }) => Number(config_offset))
        expect(configs).toEqual(configs.toSorted((a, b) => a - b))
      }),
      { numRuns: 150 },
    )
  })

  it('commits what was read when its partition is revoked', async () => {
    const world = createWorld(7, 3)
    const source = world.createSource()
    let polls = 0
    const commits: Position[] = []
    const committed = Promise.withResolvers<void>()
    const running = runPipeline<string>(
      {
        ...source,
        async poll(options) {
          polls++
          if (polls > 1) throw new CodedError('PARTITION_FENCED')
          return source.poll(options)
        },
        async commit(position) {
          commits.push(position)
        },
      },
      {
        versions: always({ name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) }),
        deliveries: [],
        witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
        dead_letters: { async deliver() {} },
        clock: createFastClock(),
        log: silent,
        onCommitted: () => committed.resolve(),
      },
    )
    await committed.promise
    await running.stop(1_000)
    expect(commits.at(-1)).toMatchObject({ metadata: '' })
    expect(commits.at(-1)!.offset).toBeGreaterThan(0n)
  })

  it('commits what was read before a damaged record, then stops', async () => {
    const world = createWorld(7, 3)
    const source = world.createSource()
    const commits: Position[] = []
    const stopped = Promise.withResolvers<unknown>()
    const running = runPipeline<string>(
      {
        ...source,
        async poll(options) {
          const batch = await source.poll(options)
          if (batch.length === 0) throw new CodedError('LOG_CORRUPT')
          return batch
        },
        async commit(position) {
          commits.push(position)
        },
      },
      {
        versions: always({ name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) }),
        deliveries: [],
        witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
        dead_letters: { async deliver() {} },
        clock: createFastClock(),
        log: silent,
        onStopped: stopped.resolve,
      },
    )
    expect(await stopped.promise).toMatchObject({ code: 'LOG_CORRUPT' })
    await running.stop(1_000)
    expect(commits.at(-1)).toEqual({ offset: 3n, metadata: '' })
  })

  it('keeps the neighbours of an item that cannot be written, and the record as a dead letter', async () => {
    const world = createWorld(3, 1)
    const kept: string[] = []
    const letters: string[] = []
    const committed = Promise.withResolvers<Range>()
    const running = runPipeline<string>(world.createSource(), {
      versions: always({ name: 'chain', process: () => ({ items: ['a', 'broken', 'b'], rejects: [] }) }),
      deliveries: [
        {
          name: 'picky',
          open: () => ({
            add(item) {
              if (item === 'broken') throw new TypeError('no row')
              kept.push(item)
            },
            async deliver() {},
          }),
        },
      ],
      witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
      dead_letters: {
        async deliver(rejects) {
          letters.push(...rejects.map(({ code, message }) => `${code}: ${message}`))
        },
      },
      clock: createFastClock(),
      log: silent,
      onCommitted: (range) => committed.resolve(range),
    })
    const range = await committed.promise
    await running.stop(1_000)
    expect(kept).toEqual(['a', 'b'])
    expect(letters).toEqual(['UNEXPECTED: chain threw TypeError'])
    expect(range).toMatchObject({ items: 2, rejects: 1 })
  })

  it.each([
    ['with the version it was begun with', '4', 4n],
    ['with the one in force where that is gone', '3', 5n],
  ])('rebuilds exactly the range whose intent stands, %s', async (_, config_offset, made_with) => {
    const world = createWorld(1, 30)
    const metadata = JSON.stringify({ start: '0', end: '17', pipeline_version: 'v', config_offset })
    const source: PartitionSource = { ...world.createSource(), committed: { offset: 0n, metadata } }
    const ranges: Range[] = []
    const first = Promise.withResolvers<void>()
    const inForce = offsets(5n)
    const running = runPipeline<string>(source, {
      versions: {
        current: () => inForce,
        find: async (identity) => (identity.config_offset === 4n ? offsets(4n) : null),
      },
      deliveries: [],
      witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
      dead_letters: { async deliver() {} },
      limits: { max_items: 5, max_bytes: 1 << 20, flush_interval_ms: 50 },
      clock: createFastClock(),
      log: silent,
      onCommitted: (range) => {
        ranges.push(range)
        first.resolve()
      },
      onStopped: () => first.resolve(),
    })
    await first.promise
    await running.stop(1_000)
    expect(ranges[0]).toMatchObject({ start: 0n, end: 17n, items: 17, config_offset: made_with })
    for (const { config_offset } of ranges.slice(1)) expect(config_offset).toBe(5n)
    expect(ranges[1]?.start ?? 17n).toBe(17n)
  })

  it('closes the open range before a record of another version enters', async () => {
    const source: PartitionSource = { ...createWorld(1, 9).createSource(), async commit() {} }
    let processed = 0
    const counting = (version: ChainVersion<string>): ChainVersion<string> => ({
      ...version,
      chain: {
        name: 'chain',
        process: (record) => {
          processed++
          return version.chain.process(record)
        },
      },
    })
    const [old, fresh] = [counting(offsets(1n)), counting(offsets(2n))]
    const ranges: Range[] = []
    const running = runPipeline<string>(source, {
      versions: { current: () => (processed < 5 ? old : fresh), find: async () => null },
      deliveries: [],
      witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
      dead_letters: { async deliver() {} },
      limits: { max_items: 1_000, max_bytes: 1 << 20, flush_interval_ms: 1e9 },
      clock: createFastClock(),
      log: silent,
      onCommitted: (range) => ranges.push(range),
    })
    while (processed < 9) await new Promise(setImmediate)
    await running.stop(1_000)
    expect(ranges).toMatchObject([
      { start: 0n, end: 5n, items: 5, config_offset: 1n },
      { start: 5n, end: 9n, items: 4, config_offset: 2n },
    ])
  })

  it('tries a failed commit again, and says what keeps it', async () => {
    const world = createWorld(1, 3)
    const source = world.createSource()
    const commits: Position[] = []
    let refusals = 12
    const committed = Promise.withResolvers<void>()
    const failed = Promise.withResolvers<void>()
    let trouble = ''
    const running = runPipeline<string>(
      {
        ...source,
        async commit(position) {
          if (refusals-- > 0) {
            trouble ||= running.trouble()
            throw new CodedError('LOG_WRITE_FAILED', 'The disk is full.')
          }
          commits.push(position)
        },
      },
      {
        versions: always({ name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) }),
        deliveries: [],
        witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
        dead_letters: { async deliver() {} },
        clock: createFastClock(),
        log: silent,
        onCommitted: () => committed.resolve(),
        onStopped: failed.reject,
      },
    )
    await Promise.race([committed.promise, failed.promise])
    expect(trouble).toBe('t/0: committing: LOG_WRITE_FAILED: The disk is full.')
    expect(running.trouble()).toBe('')
    await running.stop(1_000)
    expect(commits.at(-1)).toEqual({ offset: 3n, metadata: '' })
  })
})
