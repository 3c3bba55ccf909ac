import { request } from 'node:https'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { query } from '../../app/commands/query.ts'
import { systemClock } from '../../core/clock.ts'
import { aCertificate, anAuthority, aTlsDirectory, type Pair } from '../certificates.ts'
import { aChat, aPipeline, aRequest, temporaryDirectory, until } from './a-pipeline.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The status of one span over HTTPS; 0 where there is no connection. */
function sendOver(port: number, ca: string, client?: Pair): Promise<number> {
  const body = JSON.stringify(aRequest([aChat({ trace: 1, span: 1, start_ms: systemClock.now() })]))
  const headers = { 'content-type': 'application/json' }
  return new Promise((resolve) => {
    const options = {
      port,
      host: '127.0.0.1',
      path: '/v1/traces',
      method: 'POST',
      headers,
      agent: false,
      ca,
      ...client,
    }
    const sent = request(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', () => resolve(0))
    sent.end(body)
  })
}

it('takes spans over mutual TLS and answers queries over TLS', async () => {
  const authority = await anAuthority()

  using files = aTlsDirectory(await aCertificate(authority))
  const client_ca_file = files.write('clients.pem', authority.cert)
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory, {
    config: {
      ingest: { otlp_http: { tls: { ...files.files, client_ca_file } } },
      store: { http: { tls: files.files } },
    },
  })
  const port = (address: string) => Number(new URL(address).port)
  const sender = await aCertificate(authority, 'a-sender')
  expect(await sendOver(port(pipeline.otlp_http), authority.cert)).toBe(0)
  expect(await sendOver(port(pipeline.otlp_http), authority.cert, sender)).toBe(200)

  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const file = { path: join(directory.path, 'evalforge.yaml'), required: true }
  const context = { file, overrides: { 'store.http.port': port(pipeline.clickhouse) } }
  const ask = (sql: string) => query(context, { sql, format: 'TSV', password: '' })
  await until('the span can be queried', async () => {
    await ask('SELECT count() FROM spans')
    return written.at(-1) === '1\n'
  })

  files.replace(await aCertificate(await anAuthority('somebody else')))
  // The instance follows within seconds; until then the file is not of the certificate that is shown.
  const followed = () =>
    ask('SELECT 2').then(
      () => written.at(-1) === '2\n',
      () => false,
    )
  await until('the query port shows the new certificate', followed)
}, 120_000)
