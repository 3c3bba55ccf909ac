import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../adapters/broker/broker.ts'
import { createEmbeddedBroker } from '../adapters/broker/embedded/embedded-broker.ts'
import { systemClock } from '../core/clock.ts'
import { PROJECT_CONFIGS } from '../schemas/topics.ts'
import { type Config, parseConfig } from './config.ts'
import { startConfigControl } from './config-control.ts'
import { createBundleFiles, pinning, requireCustomJudges } from './custom-judges.ts'
import type { LiveConfig } from './live-config.ts'

const HOW = { note: '', dry_run: false, keys_only: false }
const BROKEN = 'export const = 1'

let directory: string
let broker: Broker

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-pinned-judges-'))
  broker = await createEmbeddedBroker({
    directory: join(directory, 'log'),
    writes: 'all',
    clock: systemClock,
    on_fatal(error) {
      throw error
    },
  })
  await broker.ensureTopics([PROJECT_CONFIGS])
})
afterEach(async () => {
  await broker.close()
  rmSync(directory, { recursive: true })
})

const write = (text: string, name = 'tone.mjs') => writeFileSync(join(directory, name), text)
const labelled = (label: string) =>
  `export const judge = { version: '1', evaluate: (inputs) => inputs.map(() => [{ label: '${label}' }]) }`
const values = (fields: object = {}, rest: object = {}) => ({
  judges: { custom: [{ name: 'tone', file: 'tone.mjs', ...fields }] },
  ...rest,
})
const hashOf = ({ judges }: Pick<LiveConfig, 'judges'>) => judges.custom[0]?.sha256
const bundleFiles = () => createBundleFiles(join(directory, 'judges'))

async function started(said: object) {
  const told: string[] = []
  const log = { error: (fields: object) => void told.push(JSON.stringify(fields)) }
  const bundles = bundleFiles()
  const control = await startConfigControl({
    broker,
    config: parseConfig(said),
    origin: { values: said, overrides: {} },
    restarted: false,
    follower: { prepare: async () => null, use() {} },
    pin: pinning(bundles, { log, clock: systemClock, directory }),
    clock: systemClock,
    log: { info() {}, warn() {} },
    onInForce() {},
  })
  return { control, told, bundles, config: () => control.status().config as Config }
}

describe('the code of a judge of the user', () => {
  it('belongs to the version: a changed file waits for `apply`, and a rollback brings the old code back', async () => {
    write(labelled('before'))
    const { control, config, bundles } = await started(values())
    const before = hashOf(config())!
    expect(bundles.text(before)).toContain('before')
    write(labelled('after'))
    expect(hashOf(config())).toBe(before)
    const { changed, changes } = await control.apply(values(), HOW)
    expect([changed, changes.map(({ path }) => path)]).toEqual([true, ['judges.custom[0].sha256']])
    const after = hashOf(config())!
    expect(bundles.text(after)).toContain('after')
    expect((await control.apply(values(), HOW)).changed).toBe(false)
    await control.rollback(null, HOW)
    expect(hashOf(config())).toBe(before)
    expect(bundles.text(before)).toContain('before')
  })

  it('cannot be applied while it does not load, and nothing changes', async () => {
    write(labelled('before'))
    const { control, config } = await started(values())
    write(BROKEN)
    await expect(control.apply(values(), HOW)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'judges.custom[0]', message: expect.stringMatching(/^tone\.mjs: SyntaxError/) }],
    })
    expect(control.status().version.sequence).toBe(1)
    expect(hashOf(config())).toBeDefined()
  })

  it('goes on at a start that finds it broken, and is told; without any it starts all the same', async () => {
    write(labelled('before'))
    const before = hashOf((await started(values())).config())
    write(BROKEN)
    const again = await started(values())
    expect(hashOf(again.config())).toBe(before)
    expect(again.told.join()).toMatch(/judges\.custom\[0\].*SyntaxError/)
    const other = await started(values({ config: { a: 1 } }))
    expect(other.config().judges.custom).toMatchObject([{ name: 'tone' }])
    expect(hashOf(other.config())).toBeUndefined()
  })

  it('is kept for the lists of projects too, and those that are switched off are not loaded', async () => {
    write(labelled('common'))
    write(labelled('shop'), 'shop.mjs')
    const own = [
      { name: 'mine', file: 'shop.mjs' },
      { name: 'later', file: 'missing.mjs', enabled: false },
    ]
    const { config, told } = await started(values({}, { projects: { shop: { judges: { custom: own } } } }))
    const [mine, later] = config().projects.shop!.judges!.custom as { sha256?: string }[]
    expect(bundleFiles().text(mine!.sha256!)).toContain('shop')
    expect(later!.sha256).toBeUndefined()
    expect(told).toEqual([])
  })

  it('must be the code whose hash the file names', async () => {
    write(labelled('before'))
    const { control, config } = await started(values())
    const sha256 = hashOf(config())!
    expect((await control.apply(values({ sha256 }), HOW)).changed).toBe(false)
    write(labelled('after'))
    await expect(control.apply(values({ sha256 }), HOW)).rejects.toThrow(/not the one that is written here/)
  })

  it('is checked with the file, everything wrong at once', async () => {
    write(BROKEN)
    const config = parseConfig({
      judges: { custom: ['a', 'b'].map((name) => ({ name, file: name === 'a' ? 'tone.mjs' : 'missing.mjs' })) },
    })
    const checking = requireCustomJudges(config, { source: 'evalforge.yaml', clock: systemClock, directory })
    await expect(checking).rejects.toMatchObject({
      problems: [{ path: 'judges.custom[0]' }, { path: 'judges.custom[1]' }],
    })
  })
})

describe('createBundleFiles', () => {
  it('gives back only what is whole, and keeps only what is named', () => {
    const files = bundleFiles()
    const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    files.keepOnly(() => true)
    files.keep(sha256, '')
    expect(files.text(sha256)).toBe('')
    mkdirSync(join(directory, 'judges'), { recursive: true })
    writeFileSync(join(directory, 'judges', `${'a'.repeat(64)}.json`), 'something else')
    expect(files.text('a'.repeat(64))).toBeNull()
    files.keepOnly((name) => name === sha256)
    expect(readdirSync(join(directory, 'judges'))).toEqual([`${sha256}.json`])
  })
})

describe('parseConfig', () => {
  it('bounds the judges of all projects together', () => {
    const projects = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `p${i}`,
          { judges: { custom: [0, 1, 2, 3].map((n) => ({ name: `own${n}`, file: `${i}-${n}.mjs` })) } },
        ]),
      )
    expect(parseConfig({ projects: projects(4) }).projects).toHaveProperty('p3')
    expect(() => parseConfig({ projects: projects(5) })).toThrow(/20 different judges of your own/)
  })
})
