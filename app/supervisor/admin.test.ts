import { describe, expect, it } from 'vitest'
import { CodedError } from '../../core/errors.ts'
import { createAdmin } from './admin.ts'
import type { Supervisor } from './supervisor.ts'

function anAdmin(host = '127.0.0.1', failure?: CodedError) {
  const asked: unknown[] = []
  const supervisor: Supervisor = {
    start: async () => {},
    stop: async () => {},
    health: async () => ({ healthy: true, processes: [] }),
    states: () => [],
    metrics: async () => '',
    async call(_role, name, body) {
      asked.push({ name, body })
      if (failure) throw failure
      return { total: 0, letters: [] }
    },
  }
  return { app: createAdmin(supervisor, { host, data_dir: '/data/é' }), asked }
}

const LOCAL = { host: 'localhost:9464' }

describe('createAdmin', () => {
  const asking = (url: string, headers: Record<string, string>) =>
    ({ method: 'POST', url, headers, payload: { id: 'a' } }) as const

  it.each(['/operations/dead_letter', '/%6fperations/dead_letter', 'http://localhost/operations/dead_letter'])(
    'answers %s to this machine only',
    async (url) => {
      const { app, asked } = anAdmin()
      const foreign = await app.inject(asking(url, { host: 'evil.example' }))
      const page = await app.inject(asking(url, { ...LOCAL, 'sec-fetch-site': 'same-site' }))
      const open = await anAdmin('0.0.0.0').app.inject(asking(url, LOCAL))
      expect([foreign.statusCode, page.statusCode, open.statusCode]).toEqual([403, 403, 403])
      expect(asked).toEqual([])
      expect((await app.inject(asking(url, LOCAL))).json()).toEqual({ answer: { total: 0, letters: [] } })
      expect(asked).toEqual([{ name: 'dead_letter', body: { id: 'a' } }])
    },
  )

  it('tells health to everyone, so that a balancer can ask', async () => {
    const { app } = anAdmin('0.0.0.0')
    expect((await app.inject({ url: '/ready', headers: { host: 'evalforge.example' } })).statusCode).toBe(200)
  })

  it.each([
    ['REQUEST_INVALID', 400],
    ['ROUTE_NOT_FOUND', 404],
    ['STORE_UNAVAILABLE', 503],
  ] as const)('says %s with status %i', async (code, status) => {
    const { app } = anAdmin('127.0.0.1', new CodedError(code))
    const answer = await app.inject(asking('/operations/ledger', LOCAL))
    expect([answer.statusCode, answer.json().code]).toEqual([status, code])
  })

  it('takes JSON only, which no form of a web page can send', async () => {
    const { app, asked } = anAdmin()
    const headers = { ...LOCAL, 'content-type': 'text/plain' }
    const answer = await app.inject({ method: 'POST', url: '/operations/ledger', headers, payload: '{}' })
    expect(answer.statusCode).toBe(415)
    expect(asked).toEqual([])
  })

  it('refuses what is meant for an instance with another data directory', async () => {
    const { app, asked } = anAdmin()
    const meant = (data_dir: string) => ({ ...LOCAL, 'x-evalforge-data-dir': encodeURIComponent(data_dir) })
    const other = await app.inject(asking('/operations/ledger', meant('/data/e')))
    expect([other.statusCode, other.json().code]).toEqual([421, 'INSTANCE_MISMATCH'])
    expect(other.json().title).toContain('/data/é')
    expect(asked).toEqual([])
    expect((await app.inject({ url: '/ready', headers: meant('/data/e') })).statusCode).toBe(421)
    expect((await app.inject(asking('/operations/ledger', meant('/data/é')))).statusCode).toBe(200)
  })

  it('passes on no body that nests too deep for the process that would read it', async () => {
    const { app, asked } = anAdmin()
    const headers = { ...LOCAL, 'content-type': 'application/json' }
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    const ask = (payload: string) => app.inject({ method: 'POST', url: '/operations/ledger', headers, payload })
    expect((await ask(nested(65))).statusCode).toBe(413)
    expect((await ask(nested(1_000_000))).json().code).toBe('REQUEST_TOO_LARGE')
    expect(asked).toEqual([])
    expect((await ask(nested(64))).statusCode).toBe(200)
    expect((await ask('{"a":')).statusCode).toBe(400)
    expect((await ask('{"__proto__":{}}')).statusCode).toBe(400)
  })
})
