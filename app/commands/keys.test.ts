import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ApiKeyEntry, createApiKey, hashKey, keyId } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { loadConfig } from '../config.ts'
import { createKey, listKeys, revokeKey, rotateKey } from './keys.ts'

const DAY_MS = 86_400_000

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-keys-'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

/** An instance that runs on this machine has another address: these commands find none. */
const contextOf = (path: string) => ({ file: { path, required: true }, overrides: { 'admin.host': '127.83.12.7' } })
const create = (path: string, more: Partial<Parameters<typeof createKey>[1]> = {}) =>
  createKey(contextOf(path), { project: 'shop', name: '', ...more })
const keysIn = (path: string) => loadConfig({ path, required: true }).keys ?? []
const aFile = (text: string) => {
  const path = join(directory, 'evalforge.yaml')
  writeFileSync(path, text)
  return path
}
const printed = () => vi.mocked(console.log).mock.calls.map(([text]) => String(text))
const said = () => vi.mocked(console.error).mock.calls.map(([text]) => String(text))

const entryOf = (fill: number, more: Partial<ApiKeyEntry> = {}): ApiKeyEntry => ({
  project: 'shop',
  sha256: createApiKey((bytes) => Buffer.alloc(bytes, fill)).sha256,
  ...more,
})
const lineOf = (entry: ApiKeyEntry) => `  - ${JSON.stringify(entry)}\n`
const idOf = ({ sha256 }: ApiKeyEntry) => keyId(sha256)

describe('keys create', () => {
  it('makes the file, adds to it, and keeps comments and what else stands there', async () => {
    const path = join(directory, 'evalforge.yaml')
    await create(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeFileSync(path, `# ours\nadmin: { port: 9999 } # busy\n${readFileSync(path, 'utf8')}`)
    await create(path)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/^# ours\nadmin: { port: 9999 } # busy\n/)
    expect(keysIn(path)).toHaveLength(2)
  })

  it('prints the key alone on stdout, and keeps its hash, its end and its scopes', async () => {
    const path = join(directory, 'evalforge.yaml')
    await create(path, { name: 'backend', expires_in_ms: 90 * DAY_MS, scopes: ['logs'] })
    const [entry] = keysIn(path)
    const [key = ''] = printed()
    expect(entry).toMatchObject({
      name: 'backend',
      project: 'shop',
      scopes: ['logs'],
      sha256: hashKey(key).toString('hex'),
    })
    expect(Date.parse(entry!.expires_at!) - Date.parse(entry!.created_at!)).toBe(90 * DAY_MS)
    expect(printed()).toEqual([key])
    expect(readFileSync(path, 'utf8')).not.toContain(key)
    expect(said().join('\n')).toMatch(/first key[\s\S]*Nothing runs here/)
  })

  it('writes through a link, and keeps the mode of the file', async () => {
    const [target, path] = [join(directory, 'real.yaml'), join(directory, 'evalforge.yaml')]
    writeFileSync(target, '', { mode: 0o640 })
    symlinkSync(target, path)
    await create(path)
    expect(readFileSync(target, 'utf8')).toContain('project: shop')
    expect(statSync(target).mode & 0o777).toBe(0o640)
  })

  it.each(['hello', '[1]', 'keys: { a: 1 }', 'keys: [', 'a: 1\n---\nb: 2', 'unknown: 1'])(
    'changes nothing in a file that is not valid: %j',
    async (text) => {
      const path = aFile(text)
      await expect(create(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      expect(readFileSync(path, 'utf8')).toBe(text)
      expect(console.log).not.toHaveBeenCalled()
      // Nothing is left that would be in the way of the next command.
      writeFileSync(path, '')
      await create(path)
    },
  )

  it('shows no key that could not be kept, and changes no file that another command is changing', async () => {
    const path = join(directory, 'evalforge.yaml')
    const busy = { code: 'CONFIG_INVALID', message: expect.stringContaining('being changed by another command') }
    writeFileSync(`${path}.new`, '')
    await expect(create(path)).rejects.toMatchObject(busy)
    rmSync(`${path}.new`)
    mkdirSync(`${path}.new`)
    await expect(create(path)).rejects.toMatchObject(busy)
    expect(console.log).not.toHaveBeenCalled()
  })
})

describe('keys rotate', () => {
  it('makes a key of the same rights and as long a life, and lets the old one end after the grace', async () => {
    const old = entryOf(1, {
      name: 'backend',
      scopes: ['traces'],
      rate_limits: { requests_per_second: 5, burst_seconds: 10 },
      created_at: '2026-01-01T00:00:00Z',
      expires_at: '2999-01-01T00:00:00Z',
    })
    const path = aFile(`# of the shop\nkeys:\n  # the first\n${lineOf(old)}`)
    await rotateKey(contextOf(path), { id: idOf(old).slice(0, 6), grace_ms: DAY_MS })
    const [before, after] = keysIn(path)
    const { sha256: _, created_at: made_at, expires_at, ...rights } = after!
    expect(rights).toEqual({ name: old.name, project: 'shop', scopes: old.scopes, rate_limits: old.rate_limits })
    const life = (from: string, to: string) => Date.parse(to) - Date.parse(from)
    expect(life(made_at!, expires_at!)).toBe(life(old.created_at!, old.expires_at!))
    expect(before).toMatchObject({ sha256: old.sha256, replaced_by: idOf(after!) })
    expect(life(made_at!, before!.expires_at!)).toBe(DAY_MS)
    expect(after!.sha256).toBe(hashKey(printed()[0] ?? '').toString('hex'))
    expect(readFileSync(path, 'utf8')).toMatch(/^# of the shop\nkeys:\n {2}# the first\n/)
    const again = rotateKey(contextOf(path), { id: idOf(old), grace_ms: DAY_MS })
    await expect(again).rejects.toMatchObject({ code: 'KEY_REPLACED', message: expect.stringContaining(idOf(after!)) })
  })

  it('never lengthens the life of the old key', async () => {
    const old = entryOf(1, { expires_at: '2002-01-01T00:00:00.000Z' })
    const path = aFile(`keys:\n${lineOf(old)}`)
    await rotateKey(contextOf(path), { id: idOf(old), grace_ms: DAY_MS })
    expect(keysIn(path)[0]?.expires_at).toBe(old.expires_at)
    expect(keysIn(path)[1]).not.toHaveProperty('expires_at')
  })
})

describe('keys revoke', () => {
  it('forgets the key, and keeps the others with their comments', async () => {
    const [first, second] = [entryOf(1), entryOf(2)]
    const path = aFile(`keys:\n${lineOf(first)}  # theirs\n${lineOf(second)}`)
    await revokeKey(contextOf(path), { id: idOf(first) })
    expect(keysIn(path)).toEqual([second])
    expect(readFileSync(path, 'utf8')).toContain('# theirs')
  })

  it('leaves an empty list behind the last key: nobody gets in without one', async () => {
    const only = entryOf(1)
    const path = aFile(`keys:\n${lineOf(only)}`)
    await revokeKey(contextOf(path), { id: idOf(only) })
    expect(loadConfig({ path, required: true }).keys).toEqual([])
    expect(said().join('\n')).toContain('nobody can send')
  })

  it.each([
    ['an unknown id', 'ffffffffffff'],
    ['digits that several keys begin with', ''],
    ['too few digits', '1'],
  ])('changes nothing for %s', async (_, id) => {
    const text = `keys:\n${lineOf(entryOf(1))}${lineOf(entryOf(2))}`
    const path = aFile(text)
    await expect(revokeKey(contextOf(path), { id })).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

describe('keys list', () => {
  const entries = [
    entryOf(1, { name: 'backend' }),
    entryOf(2, { scopes: ['logs'], created_at: '2001-01-01T00:00:00Z', expires_at: '2002-01-01T00:00:00Z' }),
  ]

  it('shows ids, rights and states', async () => {
    const path = aFile(`keys:\n${entries.map(lineOf).join('')}`)
    await listKeys(contextOf(path))
    const [, first, second] = printed().join('\n').split('\n')
    expect(first?.trim().split(/ {2,}/)).toEqual([idOf(entries[0]!), 'shop', 'all', '-', 'never', 'active', 'backend'])
    const times = ['2001-01-01 00:00', '2002-01-01 00:00', 'expired']
    expect(second?.trim().split(/ {2,}/)).toEqual([idOf(entries[1]!), 'shop', 'logs', ...times])
    expect(printed().join()).not.toContain(entries[0]!.sha256)
  })

  it.each([
    [90, 'active'],
    [3.5, 'expires in 3 d'],
    [1.5, 'expires in 36 h'],
    [0.01, 'expires in 14 min'],
    [0, 'expired'],
  ])('says how a key with %f days left stands', async (days, state) => {
    // A little more than asked for: so long this test may take.
    const expires_at = new Date(systemClock.now() + days * DAY_MS + (days > 0 ? 25_000 : 0)).toISOString()
    await listKeys(contextOf(aFile(`keys:\n${lineOf(entryOf(1, { expires_at }))}`)), { json: true })
    expect(JSON.parse(printed()[0] ?? '').keys[0].state).toBe(state)
  })

  it('prints one object for programs, and tells no keys from an empty list', async () => {
    const path = aFile(`keys:\n${lineOf(entries[0]!)}`)
    await listKeys(contextOf(path), { json: true })
    expect(JSON.parse(printed()[0] ?? '')).toEqual({
      keys_required: true,
      keys: [{ id: idOf(entries[0]!), name: 'backend', project: 'shop', state: 'active' }],
    })
    await listKeys(contextOf(aFile('')))
    await listKeys(contextOf(aFile('keys: []')))
    expect(printed().slice(1)).toEqual([
      expect.stringContaining('loopback only'),
      expect.stringContaining('nobody can send'),
    ])
  })
})
