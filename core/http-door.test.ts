import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { aCertificate, anAuthority, aTlsDirectory, type Pair } from '../tests/certificates.ts'
import { createApiKey } from './api-keys.ts'
import type { HttpCollector } from './http-collector.ts'
import { firstAnswer, startHttpDoor, untilClosed } from './http-door.samples.ts'
import { httpDoorConfig } from './http-door.ts'
import { aCollector, type CollectorOptions } from './source.samples.ts'

type DoorConfig = Parameters<typeof startHttpDoor>[2]

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/** Answers with its name and what it was told, and reads nothing. */
function aHttpCollector(name: string, prefix: string): HttpCollector & { stopped: boolean } {
  const answer = (status: number, body: string) => ({ status, headers: { 'content-type': 'text/plain' }, body })
  return {
    stopped: false,
    takes: ({ path }) => path.startsWith(prefix),
    answer: async ({ method, path }) => answer(200, `${name} ${method} ${path}`),
    refuse: (_, { code }) => answer(403, `${name} ${code}`),
    stop() {
      this.stopped = true
    },
  }
}

async function start(config: DoorConfig = {}, options: CollectorOptions = {}) {
  const { deps, lines } = aCollector(options)
  const [first, last] = [aHttpCollector('first', '/first'), aHttpCollector('last', '/last')]
  const door = await startHttpDoor([first, last], deps, config)
  const drain = () => door.drain(500)
  stops.push(drain)
  const ask = async (given: Parameters<typeof door.post>[0]) => {
    const { status, headers, body } = await door.post({ method: 'GET', ...given })
    return { status, headers, text: body.toString() }
  }
  return { ...door, ask, lines, first, last, drain }
}

describe('the HTTP port of several collectors', () => {
  it('names every request in its answer, as its sender does or by a name of its own', async () => {
    const { ask } = await start()
    const named = await ask({ path: '/last', headers: { 'x-request-id': 'order-7' } })
    expect(named.headers['x-correlation-id']).toBe('order-7')
    const refused = await ask({ path: '/last', headers: { origin: 'https://elsewhere.example' } })
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.headers['x-correlation-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  it('gives a request to the first that takes it, and what no one takes to the last', async () => {
    const { ask } = await start()
    expect(await ask({ path: '/first/a?b=/last' })).toMatchObject({ status: 200, text: 'first GET /first/a' })
    expect(await ask({ path: '/last' })).toMatchObject({ text: 'last GET /last' })
    expect(await ask({ path: '/nobody', method: 'POST' })).toMatchObject({ text: 'last POST /nobody' })
    expect(await ask({ path: '/%zz/first' })).toMatchObject({ status: 403, text: 'last ROUTE_NOT_FOUND' })
  })

  it('stops them all when it drains', async () => {
    const { drain, first, last } = await start()
    await drain()
    expect([first.stopped, last.stopped]).toEqual([true, true])
  })

  it('puts security headers on every answer, and tells nobody what serves it', async () => {
    const { ask, port } = await start()
    for (const path of ['/first', '/nobody', '/%zz']) {
      const { headers } = await ask({ path })
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
      for (const absent of ['server', 'x-powered-by', 'strict-transport-security'])
        expect(headers).not.toHaveProperty(absent)
    }
    expect(await firstAnswer(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*nosniff/)
  })

  /** The first collector answers nothing until it is let go. */
  async function startHeld() {
    const started = await start()
    const let_go = Promise.withResolvers<void>()
    const seen: string[] = []
    const arrived = Promise.withResolvers<void>()
    const { answer } = started.first
    started.first.answer = async (...given) => {
      seen.push(given[0].path)
      arrived.resolve()
      await let_go.promise
      return answer(...given)
    }
    return { ...started, seen, arrived: arrived.promise, letGo: let_go.resolve }
  }

  it('takes no more from a connection that sends and sends without hearing of anything', async () => {
    const { port, seen, arrived, letGo } = await startHeld()
    const answers = untilClosed(port, 'GET /first HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(2000))
    await arrived
    letGo()
    expect((await answers).match(/HTTP\/1\.1 200 /g)).toHaveLength(32)
    expect(seen).toHaveLength(32)
  })

  it('answers a good request before it refuses the bad one behind it', async () => {
    const { port, arrived, letGo } = await startHeld()
    const good = 'GET /first HTTP/1.1\r\nhost: localhost\r\n\r\n'
    const answers = untilClosed(port, `${good}GET /first HTTP/1.1\r\nhost: localhost\r\nodd: \u0001\r\n\r\n`)
    await arrived
    letGo()
    expect((await answers).match(/HTTP\/1\.1 \d+ /g)).toEqual(['HTTP/1.1 200 ', 'HTTP/1.1 400 '])
  })

  it('answers those that are sent behind each other in turn', async () => {
    const { port } = await start()
    const request = (connection: string) =>
      `GET /first HTTP/1.1\r\nhost: localhost\r\nconnection: ${connection}\r\n\r\n`
    const answers = await untilClosed(port, request('keep-alive').repeat(31) + request('close'))
    expect(answers.match(/HTTP\/1\.1 200 /g)).toHaveLength(32)
  })
})

describe('web pages', () => {
  const page = 'https://app.example.com'
  const preflight = {
    origin: page,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const { sha256 } = createApiKey((bytes) => Buffer.alloc(bytes, 1))

  it('answers the preflight of a listed page without a key', async () => {
    const { ask } = await start({ cors: { origins: [page] } }, { keys: { shop: sha256 } })
    const answer = await ask({ method: 'OPTIONS', path: '/last', headers: preflight })
    expect(answer).toMatchObject({ status: 204, text: '' })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
      'cache-control': 'no-store',
    })
    expect(answer.headers.vary).toMatch(/Origin/i)
    const sent = await ask({ method: 'POST', path: '/last', headers: { origin: page } })
    expect(sent).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': page } })
    expect(sent.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it.each([
    ['another page', { cors: { origins: [page] } }, 'https://app.example.com.evil.example'],
    ['the same page on another port', { cors: { origins: [page] } }, `${page}:8443`],
    ['any page where none is listed', {}, page],
  ])('leaves %s without permission', async (_, config, origin) => {
    const { ask } = await start(config, { keys: { shop: sha256 } })
    for (const method of ['OPTIONS', 'POST']) {
      const { headers, text } = await ask({ method, path: '/last', headers: { ...preflight, origin } })
      expect(text).toBe(`last ${method} /last`)
      expect(headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  it('takes nothing from other pages where there are no keys', async () => {
    const { ask } = await start({ cors: { origins: [page] } })
    const from = async (origin: string) => (await ask({ path: '/first', headers: { origin } })).status
    expect([await from(page), await from('http://localhost:3000'), await from('http://127.0.0.1')]).toEqual([
      200, 200, 200,
    ])
    expect([await from('https://example.com'), await from('null')]).toEqual([403, 403])
  })

  it.each([
    ['*'],
    ['app.example.com'],
    ['https://app.example.com/'],
    ['https://APP.example.com'],
    ['null'],
    ['file:///a'],
  ])('refuses %s as an origin in the configuration', (origin) =>
    expect(httpDoorConfig.safeParse({ cors: { origins: [origin] } }).success).toBe(false),
  )
})

describe('TLS', () => {
  let authority: Pair
  let pair: Pair
  beforeAll(async () => {
    authority = await anAuthority()
    pair = await aCertificate(authority)
  })

  interface Asked {
    readonly client?: Pair
    readonly ca?: string
    readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  }

  /** What one request over a new connection gets; 0 and the reason where there is no connection. */
  function ask(port: number, { client, ca = authority.cert, maxVersion }: Asked = {}) {
    return new Promise<{ status: number; hsts: string; protocol: string }>((resolve) => {
      const old = maxVersion === 'TLSv1.1' && { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
      const options = {
        port,
        host: '127.0.0.1',
        path: '/first',
        agent: false,
        ca,
        ...client,
        ...old,
        ...(maxVersion && { maxVersion }),
      }
      const sent = request(options, (response) => {
        const { statusCode, headers } = response
        const protocol = (response.socket as TLSSocket).getProtocol() ?? ''
        response
          .resume()
          .on('end', () =>
            resolve({ status: statusCode ?? 0, hsts: headers['strict-transport-security'] ?? '', protocol }),
          )
      })
      sent.on('error', (error: NodeJS.ErrnoException) => resolve({ status: 0, hsts: '', protocol: error.message }))
      sent.end()
    })
  }

  it('speaks TLS 1.2 and 1.3, nothing older, and no plain HTTP', async () => {
    using directory = aTlsDirectory(pair)
    const { port, lines } = await start({ tls: directory.files })
    expect(await ask(port)).toEqual({ status: 200, hsts: 'max-age=31536000', protocol: 'TLSv1.3' })
    expect(await ask(port, { maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200, protocol: 'TLSv1.2' })
    expect(await ask(port, { maxVersion: 'TLSv1.1' })).toMatchObject({
      status: 0,
      protocol: expect.stringContaining('protocol version'),
    })
    const plain = await fetch(`http://127.0.0.1:${port}/first`).catch((error: Error) => error)
    expect(plain).toBeInstanceOf(Error)
    expect(lines.join('')).toContain('a TLS handshake failed')
  })

  it('closes a connection that does not finish its handshake', async () => {
    using directory = aTlsDirectory(pair)
    const { port } = await start({ tls: directory.files, headers_timeout_ms: 100 })
    const silent = connectPlain(port, '127.0.0.1')
    await new Promise((resolve) => silent.once('close', resolve).resume())
  }, 30_000)

  it('asks senders for a certificate where it knows who signs theirs', async () => {
    using directory = aTlsDirectory(pair)
    const client_ca_file = directory.write('ca.pem', authority.cert)
    const { port } = await start({ tls: { ...directory.files, client_ca_file } })
    const stranger = await aCertificate(await anAuthority('another authority'))
    expect(await ask(port, { client: await aCertificate(authority, 'a-sender') })).toMatchObject({ status: 200 })
    expect(await ask(port)).toMatchObject({ status: 0 })
    expect(await ask(port, { client: stranger })).toMatchObject({ status: 0 })
  })

  it('serves a changed certificate to new connections, and lets open ones go on', async () => {
    using directory = aTlsDirectory(pair)
    const { port } = await start({ tls: directory.files })
    const serialOf = (host: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port, host, ca: authority.cert, servername: 'localhost' }, () => {
          resolve(socket.getPeerX509Certificate()?.serialNumber ?? '')
          socket.destroy()
        })
        socket.on('error', reject)
      })
    const before = await serialOf('127.0.0.1')
    const open = connect({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' })
    await new Promise((resolve) => open.once('secureConnect', resolve))
    directory.replace(await aCertificate(authority))
    await expect.poll(() => serialOf('127.0.0.1'), { timeout: 20_000 }).not.toBe(before)
    const answered = new Promise<string>((resolve) => open.once('data', (data) => resolve(data.toString())))
    open.write('GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(await answered).toMatch(/^HTTP\/1\.1 200 /)
    open.destroy()
  }, 30_000)
})
