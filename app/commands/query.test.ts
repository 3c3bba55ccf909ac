import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { aCertificate, anAuthority, aTlsDirectory } from '../../tests/certificates.ts'
import { query } from './query.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Answers every query as ClickHouse answers one that failed with `code`. */
async function ask(code: string, status: number): Promise<void> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'X-ClickHouse-Exception-Code': code })
    response.end(`Code: ${code}. DB::Exception: because`)
  })
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const overrides = { 'store.http.port': (server.address() as AddressInfo).port }
  const context = { file: { path: 'no-such-file.yaml', required: false }, overrides }
  await query(context, { sql: 'SELECT 1', format: 'TSV', password: 'wrong' })
}

it('tells a wrong key from a wrong query', async () => {
  await expect(ask('516', 403)).rejects.toMatchObject({ code: 'READER_KEY_INVALID' })
  await expect(ask('47', 404)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: expect.stringContaining('because'),
  })
})

it('trusts the certificate of its own configuration, whatever its name, and no other', async () => {
  const pair = await aCertificate(await anAuthority(), 'evalforge.example.com')
  using directory = aTlsDirectory(pair)
  const server = createSecureServer(pair, (_request, response) => response.end('1\n'))
  closers.push(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const path = directory.write('evalforge.yaml', JSON.stringify({ store: { http: { tls: directory.files } } }))
  const overrides = { 'store.http.port': (server.address() as AddressInfo).port }
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const asked = () =>
    query({ file: { path, required: true }, overrides }, { sql: 'SELECT 1', format: 'TSV', password: '' })
  await asked()
  expect(write).toHaveBeenCalledWith('1\n')
  directory.replace(await aCertificate(await anAuthority('another')))
  await expect(asked()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  write.mockRestore()
})

it('says how to start what does not answer', async () => {
  const context = { file: { path: 'no-such-file.yaml', required: false }, overrides: { 'store.http.port': 1 } }
  const asked = query(context, { sql: 'SELECT 1', format: 'TSV', password: '' })
  await expect(asked).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('evalforge start'),
  })
})
