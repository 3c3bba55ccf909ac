import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker, OutgoingRecord } from '../adapters/broker/broker.ts'
import { createEmbeddedBroker } from '../adapters/broker/embedded/embedded-broker.ts'
import { systemClock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import { CONFIG_KEYS, PROJECT_CONFIGS } from '../schemas/topics.ts'
import { type ConfigError, parseConfig } from './config.ts'
import { type ConfigControl, startConfigControl } from './config-control.ts'
import { createConfigReader, KEPT_VERSIONS, readVersions, versionAt } from './config-topic.ts'

const KEY = { project: 'shop', sha256: 'a'.repeat(64) }
const REFUSAL_OFF = { judges: { refusal: { enabled: false } } }
const HOW = { note: '', dry_run: false, keys_only: false }

let directory: string
let broker: Broker

async function openBroker(segment_bytes?: number): Promise<Broker> {
  const opened = await createEmbeddedBroker({
    directory,
    writes: 'all',
    clock: systemClock,
    ...(segment_bytes && { segment_bytes }),
    on_fatal(error) {
      throw error
    },
  })
  await opened.ensureTopics([PROJECT_CONFIGS])
  return opened
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-config-control-'))
  broker = await openBroker()
})

afterEach(async () => {
  await broker.close()
  rmSync(directory, { recursive: true })
})

/** A process that starts with this file; what it was told to use, in order. */
async function started(
  values: object,
  given: { restarted?: boolean; broken?: boolean; over?: Broker } = {},
): Promise<ConfigControl & { readonly used: bigint[]; readonly warnings: string[] }> {
  const used: bigint[] = []
  const warnings: string[] = []
  const control = await startConfigControl({
    broker: given.over ?? broker,
    config: parseConfig(values),
    origin: { values, overrides: {} },
    restarted: given.restarted ?? false,
    follower: {
      async prepare() {
        if (given.broken && used.length > 0) throw new Error('out of memory')
        return { name: 'chain', process: () => ({ items: [], rejects: [] }) }
      },
      use: (_chain, config_offset) => void used.push(config_offset),
    },
    clock: systemClock,
    log: { info() {}, warn: (...line: unknown[]) => void warnings.push(String(line.at(-1))) },
    onInForce() {},
  })
  return Object.assign(control, { used, warnings })
}

const kept = async () => (await readVersions(broker)).versions

const isOn = (control: ConfigControl) => control.status().version.config.judges.refusal.enabled

describe('the configuration in force', () => {
  it('is published at the first start, and no second time where the file says the same', async () => {
    const first = await started(REFUSAL_OFF)
    expect(first.status().version).toMatchObject({ sequence: 1, source: 'start', rolled_back_to: null })
    const second = await started({ judges: { refusal: { enabled: false, severity: 'medium' } } })
    expect(second.status().version.sequence).toBe(1)
    expect(second.used).toEqual(first.used)
    expect((await versionAt(broker, second.used[0]!))?.config).toEqual(second.status().version.config)
  })

  it('changes with a file that is applied, and says what changed and what waits', async () => {
    const control = await started({})
    const values = { ...REFUSAL_OFF, admin: { port: 1234 }, store: { retention_days: 5 } }
    const dry = await control.apply(values, { ...HOW, dry_run: true })
    expect(dry).toMatchObject({ sequence: 1, changed: false })
    const done = await control.apply(values, { ...HOW, note: 'too many' })
    expect(done).toMatchObject({ sequence: 2, changed: true, changes: dry.changes, needs_restart: dry.needs_restart })
    expect(done.changes).toEqual([{ path: 'judges.refusal.enabled', before: 'true', after: 'false' }])
    expect(done.needs_restart.map(({ path }) => path)).toEqual(['admin.port', 'store.retention_days'])
    expect(control.used).toHaveLength(2)
    expect(control.status().version).toMatchObject({ note: 'too many', config: { store: { retention_days: 90 } } })
    expect(await control.apply(values, HOW)).toMatchObject({ sequence: 2, changed: false, changes: [] })
  })

  it.each([
    ['wrong', { judges: { refusal: { enabled: 'no' } }, colour: 1 }, ['', 'judges.refusal.enabled']],
    ['wrong for a project', { projects: { a: { judges: { pii: { allow: 1 } } } } }, ['projects.a.judges.pii.allow']],
    ['no mapping', 'hello', ['']],
  ])('stays as it is where a file is %s', async (_, values, paths) => {
    const control = await started({})
    const error = await control.apply(values, HOW).catch((caught: unknown) => caught)
    expect((error as ConfigError).problems.map(({ path }) => path).toSorted()).toEqual(paths)
    expect([control.used.length, (await kept()).length]).toEqual([1, 1])
  })

  it('stays as it is where its judges cannot be made, or the log takes nothing', async () => {
    const broken = await started({}, { broken: true })
    await expect(broken.apply(REFUSAL_OFF, HOW)).rejects.toThrow('out of memory')
    const full: Broker = { ...broker, produce: () => Promise.reject(new CodedError('LOG_WRITE_FAILED')) }
    const refused = await started({}, { over: full })
    await expect(refused.apply(REFUSAL_OFF, HOW)).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    for (const control of [broken, refused]) expect([isOn(control), control.used.length]).toEqual([true, 1])
    expect(await kept()).toHaveLength(1)
  })

  it('is what stands on the log where the answer of a write was lost', async () => {
    const deaf: Broker = {
      ...broker,
      async produce(...given) {
        await broker.produce(...given)
        throw new CodedError('LOG_WRITE_FAILED')
      },
    }
    const control = await started({}, { over: deaf })
    expect(await control.apply(REFUSAL_OFF, HOW)).toMatchObject({ sequence: 2, changed: true })
    expect(isOn(control)).toBe(false)
  })

  it('outlives the process: the next one goes on with it, not with the file the instance was started with', async () => {
    const first = await started({})
    await first.apply({ ...REFUSAL_OFF, keys: [KEY] }, HOW)
    const next = await started({}, { restarted: true })
    expect([isOn(next), next.status().keys, next.used]).toEqual([false, [KEY], [first.used[1]]])
  })

  it('goes back to what held before, and forth, without bringing back a key', async () => {
    const control = await started({ keys: [KEY] })
    await control.apply({ ...REFUSAL_OFF, keys: [KEY] }, HOW)
    await control.apply({ ...REFUSAL_OFF, keys: [] }, { ...HOW, keys_only: true })
    const back = await control.rollback(null, { note: 'oops', dry_run: false })
    expect(back.changes).toEqual([{ path: 'judges.refusal.enabled', before: 'false', after: 'true' }])
    expect(control.status()).toMatchObject({
      version: { source: 'rollback', rolled_back_to: 1, note: 'oops' },
      keys: [],
    })
    await expect(control.rollback(null, HOW)).rejects.toMatchObject({ code: 'CONFIG_VERSION_UNKNOWN' })
    await expect(control.rollback(77, HOW)).rejects.toMatchObject({ code: 'CONFIG_VERSION_UNKNOWN' })
    expect(await control.rollback(2, HOW)).toMatchObject({ sequence: 5 })
    expect([isOn(control), control.status().keys]).toEqual([false, []])
  })

  it('is not overrun by the bad file after a rollback and a restart, but by a mended one', async () => {
    const good = await started({})
    await good.apply(REFUSAL_OFF, HOW)
    await good.rollback(null, HOW)
    const again = await started(REFUSAL_OFF)
    expect([isOn(again), again.status().version.sequence]).toEqual([true, 3])
    expect(again.warnings).toEqual([expect.stringContaining('evalforge config diff')])
    const days = await started({ ...REFUSAL_OFF, store: { retention_days: 7 }, keys: [KEY] })
    expect([isOn(days), days.status().version.sequence, days.status().keys]).toEqual([true, 4, [KEY]])
    expect(days.status().version.config.store.retention_days).toBe(7)
    const mended = await started({ judges: { refusal: { severity: 'low' } } })
    expect(mended.status().version).toMatchObject({ sequence: 5, rolled_back_to: null })
    expect(mended.warnings).toEqual([])
  })

  it('changes keys alone where that is asked', async () => {
    const control = await started({})
    const { changes } = await control.apply({ ...REFUSAL_OFF, keys: [KEY] }, { ...HOW, keys_only: true })
    expect([isOn(control), control.status().keys]).toEqual([true, [KEY]])
    expect(changes.map(({ path }) => path)).toEqual(['keys.aaaaaaaaaaaa.project'])
    expect((await kept()).at(-1)?.api_keys).toEqual(['shop/aaaaaaaaaaaa'])
  })

  it('opens no door that was closed before the next start', async () => {
    const control = await started({ keys: [KEY] })
    const { needs_restart } = await control.apply({}, HOW)
    expect([needs_restart.map(({ path }) => path), control.status().keys]).toEqual([['keys'], []])
    expect((await started({}, { restarted: true })).status().keys).toEqual([])
    expect((await started({})).status().keys).toBeNull()
  })

  it('takes changes one after the other', async () => {
    const control = await started({})
    const done = await Promise.all(
      [1, 2, 3, 4].map((days) => control.apply({ judges: { pii: { min_confidence: days / 10 } } }, HOW)),
    )
    expect(done.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5])
  })

  it('keeps the last versions through compaction, and the one in force always', async () => {
    await broker.close()
    broker = await openBroker(1 << 16)
    const control = await started({})
    const offsets = [...control.used]
    for (let round = 0; round < KEPT_VERSIONS + 20; round++) {
      await control.apply({ judges: { pii: { allow: [`value ${round}`] } } }, HOW)
      offsets.push(control.used.at(-1)!)
    }
    await broker.close()
    broker = await openBroker(1 << 16)
    const versions = await kept()
    expect(versions).toHaveLength(KEPT_VERSIONS)
    expect(versions.map(({ sequence }) => sequence)).toEqual(Array.from({ length: KEPT_VERSIONS }, (_, n) => n + 22))
    for (const { sequence, config_offset } of versions) expect(config_offset).toBe(offsets[sequence - 1])
    expect(await versionAt(broker, offsets.at(-5)!)).not.toBeNull()
    const next = await started({}, { restarted: true })
    expect(next.used).toEqual([offsets.at(-1)])
  })

  it('is the last one that was written whole: a version whose write a crash cut off never was', async () => {
    const control = await started({})
    let written: readonly OutgoingRecord[] = []
    const torn: Broker = {
      ...broker,
      async produce(topic, records) {
        written = records
        await broker.produce(topic, records.slice(0, -1))
        throw new CodedError('LOG_WRITE_FAILED')
      },
    }
    const dying = await started({}, { over: torn })
    await expect(dying.apply(REFUSAL_OFF, HOW)).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    expect(written.at(-1)?.key?.toString()).toBe(CONFIG_KEYS.in_force)
    const next = await started({}, { restarted: true })
    expect([isOn(next), next.status().version.sequence, next.used.length]).toEqual([true, 2, 1])
    expect((await kept())[1]).toMatchObject({ config: control.status().version.config, config_offset: next.used[0] })
    const later = await started({}, { restarted: true })
    expect(later.used).toEqual(next.used)
  })

  it('lets nobody in, and begins anew, where what lies on the topic cannot be read', async () => {
    await started({ keys: [KEY] })
    const garbage = (key: string) => ({
      key: Buffer.from(key),
      value: Buffer.from('{"entries": 7, "sequence": '),
      headers: {},
    })
    await broker.produce(PROJECT_CONFIGS.name, [garbage(CONFIG_KEYS.api_keys), garbage(CONFIG_KEYS.in_force)])
    const reader = createConfigReader(broker)
    await reader.refresh()
    expect([reader.apiKeys(), reader.inForce()]).toEqual([[], null])
    const next = await started({ keys: [KEY] }, { restarted: true })
    expect(next.status()).toMatchObject({ version: { sequence: 2 }, keys: [KEY] })
  })
})
