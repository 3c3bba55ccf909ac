import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import type { Chain, Delivery, PartitionSource, Position, Range, SourceRecord } from './component.ts'
import { CodedError } from './errors.ts'
import { type PipelineOptions, runPipeline } from './pipeline.ts'

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

  const chain: Chain<string> = {
    name: 'chain',
    process(record) {
      const text = record.value!.toString()
      if (Number(text) % 11 === 3) throw new Error('poison')
      if (Number(text) % 7 === 2) {
        const value = record.value!
        return { items: [], rejects: [{ code: 'SPAN_INVALID', message: 'no', component: 'chain', value, index: 0 }] }
      }
      return { items: [`${text}a`, `${text}b`], rejects: [] }
    },
  }

  const delivery = (name: string, write: (range: Range, items: readonly string[]) => void): Delivery<string> => ({
    name,
    open() {
      const items: string[] = []
      return {
        add: (item) => void items.push(item),
        async deliver(range) {
          await aWhile()
          withFaults(() => write(range, items))
        },
      }
    },
  })

  const store = delivery('store', (range, items) => {
    const token = `${range.start}:${range.end}:${range.pipeline_version}`
    const rows = items.join()
    const before = tokens.get(token)
    if (before !== undefined && before !== rows) problems.push(`token ${token} came with other rows`)
    tokens.set(token, rows)
    for (const item of items) stored.set(item, range.pipeline_version)
  })
  const witness = delivery('ledger', (range, items) => {
    for (const item of items) if (!stored.has(item)) problems.push(`the ledger came before ${item} was stored`)
    ledger.set(String(range.start), range)
  })

  return {
    chain,
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
    const options: PipelineOptions<string> = {
      chain: world.chain,
      deliveries: [world.store],
      witness: world.witness,
      dead_letters: world.dead_letters,
      identity: { pipeline_version: `v${Math.floor(world.random() * 2)}`, config_offset: 0n },
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
  it('loses and doubles nothing under any schedule of faults, crashes and new versions', async () => {
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
        chain: { name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) },
        deliveries: [],
        witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
        dead_letters: { async deliver() {} },
        identity: { pipeline_version: 'v', config_offset: 0n },
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

  it('keeps the neighbours of an item that cannot be written, and the record as a dead letter', async () => {
    const world = createWorld(3, 1)
    const kept: string[] = []
    const letters: string[] = []
    const committed = Promise.withResolvers<Range>()
    const running = runPipeline<string>(world.createSource(), {
      chain: { name: 'chain', process: () => ({ items: ['a', 'broken', 'b'], rejects: [] }) },
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
      identity: { pipeline_version: 'v', config_offset: 0n },
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

  it('rebuilds exactly the range whose intent stands', async () => {
    const world = createWorld(1, 30)
    const metadata = JSON.stringify({ start: '0', end: '17', pipeline_version: 'v', config_offset: '0' })
    const source: PartitionSource = { ...world.createSource(), committed: { offset: 0n, metadata } }
    const ranges: Range[] = []
    const first = Promise.withResolvers<void>()
    const running = runPipeline<string>(source, {
      chain: { name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) },
      deliveries: [],
      witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
      dead_letters: { async deliver() {} },
      identity: { pipeline_version: 'v', config_offset: 0n },
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
    expect(ranges[0]).toMatchObject({ start: 0n, end: 17n, items: 17 })
    expect(ranges[1]?.start ?? 17n).toBe(17n)
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
        chain: { name: 'chain', process: (record) => ({ items: [String(record.offset)], rejects: [] }) },
        deliveries: [],
        witness: { name: 'none', open: () => ({ add() {}, async deliver() {} }) },
        dead_letters: { async deliver() {} },
        identity: { pipeline_version: 'v', config_offset: 0n },
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
