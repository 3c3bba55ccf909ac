import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { apiKeyEntries, apiKeyEntry, createApiKey, keysAfter, presentedKeys, projectName } from './api-keys.ts'

const fixed = (fill: number) => (bytes: number) => Buffer.alloc(bytes, fill)
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
const headers = (given: Record<string, string>) => presentedKeys((name) => given[name])

describe('createApiKey', () => {
  it('makes a url-safe key of 256 bits and the hash of exactly this text', () => {
    const { key, sha256 } = createApiKey(fixed(255))
    expect(key).toMatch(/^ef_[A-Za-z0-9_-]{43}$/)
    expect(sha256).toBe(createHash('sha256').update(key).digest('hex'))
    expect(apiKeyEntry.parse({ project: 'shop', sha256 })).toEqual({ project: 'shop', sha256 })
  })
})

describe('apiKeyEntries', () => {
  it('takes scopes and an end, and no key twice', () => {
    const { sha256 } = createApiKey(fixed(1))
    const entry = { project: 'shop', sha256, scopes: ['logs'], expires_at: '2026-12-01T00:00:00Z' }
    expect(apiKeyEntries.parse([entry])).toEqual([entry])
    const twice = apiKeyEntries.safeParse([entry, { ...entry, project: 'blog' }])
    expect(twice.error?.issues).toEqual([expect.objectContaining({ path: [1, 'sha256'] })])
    for (const wrong of [{ scopes: [] }, { scopes: ['metrics'] }, { expires_at: 'tomorrow' }])
      expect(apiKeyEntries.safeParse([{ ...entry, ...wrong }]).success).toBe(false)
  })
})

describe('keysAfter', () => {
  it('never opens what was closed', () => {
    const entry = { project: 'shop', sha256: '0'.repeat(64) }
    expect([keysAfter(null, null), keysAfter([entry], null), keysAfter([], null)]).toEqual([null, [], []])
    expect([keysAfter(null, [entry]), keysAfter([entry], [])]).toEqual([[entry], []])
  })
})

describe('presentedKeys', () => {
  it.each([
    [{ authorization: 'Bearer ef_a' }, ['ef_a']],
    [{ authorization: 'bearer  ef_a ' }, ['ef_a']],
    [{ 'x-api-key': ' ef_a ' }, ['ef_a']],
    [{ authorization: basic('pk-lf-1:ef_a') }, ['ef_a']],
    [{ authorization: basic('pk:ef_a:b') }, ['ef_a:b']],
    [{ authorization: basic('ef_a:') }, ['ef_a']],
    [{ authorization: basic('ef_a') }, ['ef_a']],
    [{ authorization: 'Bearer other', 'x-api-key': 'ef_a' }, ['other', 'ef_a']],
    [{ authorization: 'Digest ef_a' }, []],
    [{ authorization: 'ef_a' }, []],
    [{}, []],
  ])('%j', (given, keys) => expect(headers(given)).toEqual(keys))
})

describe('projectName', () => {
  it.each(['a', '0-a_b', 'a'.repeat(63)])('takes %s', (name) => expect(projectName.parse(name)).toBe(name))
  it.each(['', '-a', 'A', 'a/b', 'a b', 'ä', 'a'.repeat(64), 'a\n'])('refuses %j', (name) =>
    expect(projectName.safeParse(name).success).toBe(false),
  )
})
