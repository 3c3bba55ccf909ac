import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { createKeyring } from './keyring.ts'
import { isLoopback, listenError, requireKeysBeyondLoopback } from './listen.ts'

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s', (host) =>
    expect(isLoopback(host)).toBe(true),
  )
  it.each(['0.0.0.0', '::', '', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '::ffff:10.0.0.1'])(
    'not %j',
    (host) => expect(isLoopback(host)).toBe(false),
  )
})

describe('requireKeysBeyondLoopback', () => {
  it('refuses a host that others reach, until there is a key', () => {
    const open = createKeyring(null, systemClock)
    const refused = expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('a.host is ::,'),
    })
    expect(() => requireKeysBeyondLoopback('::', open, 'a.host')).toThrow(refused)
    expect(() => requireKeysBeyondLoopback('127.0.0.1', open, 'a.host')).not.toThrow()
    const keyring = createKeyring([{ project: 'shop', sha256: '0'.repeat(64) }], systemClock)
    expect(() => requireKeysBeyondLoopback('::', keyring, 'a.host')).not.toThrow()
  })
})

describe('listenError', () => {
  const where = { host: '127.0.0.1', port: 4318, path: 'ingest.otlp_http' }

  it('decides by code', () => {
    expect(listenError(Object.assign(new Error(), { code: 'EADDRINUSE' }), where)).toMatchObject({ code: 'PORT_BUSY' })
    const denied = listenError(Object.assign(new Error(), { code: 'EACCES' }), where)
    expect(denied).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('EACCES') })
  })
})
