import { connect, type SecureVersion } from 'node:tls'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { aCollector, aTraces } from '../../core/source.samples.ts'
import type { TlsConfig } from '../../core/tls.ts'
import { aCertificate, anAuthority, aTlsDirectory, type Pair } from '../../tests/certificates.ts'
import { TRACES } from './otlp-grpc.samples.ts'
import { createOtlpGrpc, otlpGrpcConfig } from './otlp-grpc.ts'

const one = aTraces([{}])
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

let authority: Pair
let pair: Pair
beforeAll(async () => {
  authority = await anAuthority()
  pair = await aCertificate(authority)
})

async function start(tls: TlsConfig) {
  const { deps, appended } = aCollector()
  const listener = createOtlpGrpc({ config: otlpGrpcConfig.parse({ port: 0, tls }), deps })
  stops.push(() => listener.drain(500))
  return { ...(await listener.listen()), appended }
}

interface Sending {
  readonly client?: Pair
  readonly ca?: string
  readonly plain?: boolean
}

/** One export over a connection of its own: '' or the status it got. */
function send(port: number, { client, ca = authority.cert, plain = false }: Sending = {}): Promise<string> {
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  const channel = plain
    ? credentials.createInsecure()
    : credentials.createSsl(pem(ca), pem(client?.key), pem(client?.cert))
  // A pool of channels is shared by the whole process; a changed certificate shows only on a new connection.
  const sender = new Client(`localhost:${port}`, channel, { 'grpc.use_local_subchannel_pool': 1 })
  const bytes = (message: Buffer) => message
  return new Promise((resolve) => {
    sender.makeUnaryRequest(TRACES, bytes, bytes, one, (error: ServiceError | null) => {
      sender.close()
      resolve(error === null ? '' : `${error.code} ${error.details}`)
    })
  })
}

describe('otlp-grpc over TLS', () => {
  it('takes spans from who trusts its certificate, and no plain gRPC', async () => {
    using directory = aTlsDirectory(pair)
    const { port, tls, appended } = await start(directory.files)
    expect([tls, await send(port)]).toEqual([true, ''])
    expect(await send(port, { plain: true })).toMatch(/^14 /)
    expect(await send(port, { ca: (await anAuthority('another')).cert })).toMatch(/^14 /)
    expect(appended).toHaveLength(1)
  })

  it('speaks no TLS older than 1.2', async () => {
    using directory = aTlsDirectory(pair)
    const { port } = await start(directory.files)
    const spoken = (maxVersion: SecureVersion) =>
      new Promise<string>((resolve) => {
        const old = { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
        const options = { port, host: '127.0.0.1', ca: authority.cert, ALPNProtocols: ['h2'], ...old, maxVersion }
        const socket = connect(options, () => {
          resolve(socket.getProtocol() ?? '')
          socket.destroy()
        })
        socket.on('error', (error) => resolve(error.message))
      })
    expect([await spoken('TLSv1.3'), await spoken('TLSv1.2')]).toEqual(['TLSv1.3', 'TLSv1.2'])
    expect(await spoken('TLSv1.1')).toContain('protocol version')
  })

  it('asks senders for a certificate where it knows who signs theirs', async () => {
    using directory = aTlsDirectory(pair)
    const client_ca_file = directory.write('ca.pem', authority.cert)
    const { port, appended } = await start({ ...directory.files, client_ca_file })
    expect(await send(port, { client: await aCertificate(authority, 'a-sender') })).toBe('')
    expect(await send(port)).toMatch(/^14 /)
    expect(await send(port, { client: await aCertificate(await anAuthority('another')) })).toMatch(/^14 /)
    expect(appended).toHaveLength(1)
  })

  it('serves a changed certificate to new connections', async () => {
    using directory = aTlsDirectory(pair)
    const { port } = await start(directory.files)
    const next = await anAuthority('the next authority')
    expect(await send(port, { ca: next.cert })).toMatch(/^14 /)
    directory.replace(await aCertificate(next))
    await expect.poll(() => send(port, { ca: next.cert }), { timeout: 20_000 }).toBe('')
    expect(await send(port)).toMatch(/^14 /)
  }, 30_000)

  it('does not begin with files that do not fit', async () => {
    using directory = aTlsDirectory({ ...pair, key: (await anAuthority()).key })
    await expect(start(directory.files)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('ingest.otlp_grpc.tls.key_file'),
    })
  })
})
