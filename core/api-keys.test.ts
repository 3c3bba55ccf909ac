import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { apiKeyEntry, createApiKey, createKeyring, keyId, presentedKeys, projectName } from './api-keys.ts'

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

describe('createKeyring', () => {
  const shop = createApiKey(fixed(1))
  const blog = createApiKey(fixed(2))
  const keyring = createKeyring([
    { project: 'shop', sha256: shop.sha256 },
    { project: 'blog', sha256: blog.sha256 },
  ])

  it('names the project of a key', () => {
    expect(keyring.open).toBe(false)
    expect(keyring.resolve([shop.key])).toEqual({ project: 'shop', key_id: keyId(shop.sha256) })
    expect(keyring.resolve(['wrong', blog.key])).toMatchObject({ project: 'blog' })
  })

  it.each([[[]], [['']], [[shop.sha256]], [[shop.key.slice(0, -1)]], [[`${shop.key} `]], [['x'.repeat(100_000)]]])(
    'lets nobody in with anything else (%#)',
    (presented) => expect(keyring.resolve(presented)).toBeNull(),
  )

  it('lets everyone in as `default` where no keys are configured', () => {
    const open = createKeyring([])
    expect(open.open).toBe(true)
    expect(open.resolve([])).toEqual({ project: 'default', key_id: '' })
    expect(open.resolve(['anything'])).toEqual({ project: 'default', key_id: '' })
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
