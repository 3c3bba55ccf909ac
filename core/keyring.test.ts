import { describe, expect, it } from 'vitest'
import { type ApiKeyEntry, createApiKey, keyId } from './api-keys.ts'
import { createKeyring } from './keyring.ts'

const END = Date.UTC(2026, 11, 1)
const shop = createApiKey((bytes) => Buffer.alloc(bytes, 1))
const blog = createApiKey((bytes) => Buffer.alloc(bytes, 2))
const shopEntry: ApiKeyEntry = { project: 'shop', sha256: shop.sha256 }
const blogEntry: ApiKeyEntry = { project: 'blog', sha256: blog.sha256 }
const clock = { now: () => END - 1 }

const code = (expected: string, says = '') =>
  expect.objectContaining({ code: expected, message: expect.stringContaining(says) })

describe('createKeyring', () => {
  it('names the project of a key', () => {
    const keyring = createKeyring([shopEntry, blogEntry], clock)
    expect(keyring.open).toBe(false)
    expect(keyring.admit([shop.key], 'traces')).toEqual({ project: 'shop', key_id: keyId(shop.sha256) })
    expect(keyring.admit(['wrong', blog.key], 'logs')).toMatchObject({ project: 'blog' })
  })

  it.each([[[]], [['']], [[shop.sha256]], [[shop.key.slice(0, -1)]], [[`${shop.key} `]], [['x'.repeat(100_000)]]])(
    'lets nobody in with anything else (%#)',
    (presented) => {
      const keyring = createKeyring([shopEntry, blogEntry], clock)
      expect(() => keyring.admit(presented, 'traces')).toThrow(code('UNAUTHENTICATED'))
    },
  )

  it('lets a key in until it expires, and tells only its owner', () => {
    let now = END - 1
    const keyring = createKeyring([{ ...shopEntry, expires_at: new Date(END).toISOString() }], { now: () => now })
    expect(keyring.admit([shop.key], 'traces')).toMatchObject({ project: 'shop' })
    now = END
    expect(() => keyring.admit([shop.key], 'traces')).toThrow(code('KEY_EXPIRED', '2026-12-01'))
    expect(() => keyring.admit(['wrong'], 'traces')).toThrow(code('UNAUTHENTICATED'))
  })

  it('lets a key send what its scopes name', () => {
    const keyring = createKeyring([{ ...shopEntry, scopes: ['logs'] }, blogEntry], clock)
    expect(keyring.admit([shop.key], 'logs')).toMatchObject({ project: 'shop' })
    expect(() => keyring.admit([shop.key], 'traces')).toThrow(code('SCOPE_MISSING', 'may send logs, not traces'))
    // One key of several that is good enough is enough.
    expect(keyring.admit([shop.key, blog.key], 'traces')).toMatchObject({ project: 'blog' })
  })

  it('lets everyone in as `default` where keys were never asked for, and nobody with an empty list', () => {
    const open = createKeyring(null, clock)
    expect(open.open).toBe(true)
    expect(open.admit([], 'traces')).toEqual({ project: 'default', key_id: '' })
    expect(open.admit(['anything'], 'logs')).toEqual({ project: 'default', key_id: '' })
    const closed = createKeyring([], clock)
    expect(closed.open).toBe(false)
    expect(() => closed.admit(['anything'], 'traces')).toThrow(code('UNAUTHENTICATED'))
  })

  it('follows its entries: a revoked key is out at once, and a new one in', () => {
    const keyring = createKeyring([shopEntry], clock)
    keyring.replace([blogEntry])
    expect(() => keyring.admit([shop.key], 'traces')).toThrow(code('UNAUTHENTICATED'))
    expect(keyring.admit([blog.key], 'traces')).toMatchObject({ project: 'blog' })
  })

  it('closes with the first key, and does not open again without one', () => {
    const keyring = createKeyring(null, clock)
    keyring.replace(null)
    expect(keyring.open).toBe(true)
    keyring.replace([shopEntry])
    expect(keyring.open).toBe(false)
    expect(() => keyring.admit([], 'traces')).toThrow(code('UNAUTHENTICATED'))
    for (const nothing of [[], null]) {
      keyring.replace(nothing)
      expect(keyring.open).toBe(false)
      expect(() => keyring.admit([shop.key], 'traces')).toThrow(code('UNAUTHENTICATED'))
    }
  })
})
