import { describe, expect, it } from 'vitest'
import { createAdmin } from './admin.ts'
import type { Supervisor } from './supervisor.ts'

function anAdmin(host = '127.0.0.1') {
  const asked: unknown[] = []
  const supervisor: Supervisor = {
    start: async () => {},
    stop: async () => {},
    health: async () => ({ healthy: true, processes: [] }),
    states: () => [],
    metrics: async () => '',
    async call(_role, name, body) {
      asked.push({ name, body })
      return { total: 0, letters: [] }
    },
  }
  return { app: createAdmin(supervisor, { host }), asked }
}

const LOCAL = { host: 'localhost:9464' }

describe('createAdmin', () => {
  it.each([
    '/dead-letters',
    '/dead-letters/a',
    '/%64ead-letters',
    '/dead%2dletters/a',
    '/ledger',
    '/%6cedger?full',
    'http://localhost/ledger',
  ])('answers %s to this machine only', async (url) => {
    const { app, asked } = anAdmin()
    const foreign = await app.inject({ url, headers: { host: 'evil.example' } })
    const page = await app.inject({ url, headers: { ...LOCAL, 'sec-fetch-site': 'same-site' } })
    const open = await anAdmin('0.0.0.0').app.inject({ url, headers: LOCAL })
    expect([foreign.statusCode, page.statusCode, open.statusCode]).toEqual([403, 403, 403])
    expect(asked).toEqual([])
    expect((await app.inject({ url, headers: LOCAL })).statusCode).toBe(200)
    expect(asked).toHaveLength(1)
  })

  it('tells health to everyone, so that a balancer can ask', async () => {
    const { app } = anAdmin('0.0.0.0')
    expect((await app.inject({ url: '/ready', headers: { host: 'evalforge.example' } })).statusCode).toBe(200)
  })

  it.each([
    ['-1', 1],
    ['1e9', 1000],
    ['7.9', 7],
    ['x', 50],
    ['', 50],
  ])('bounds limit=%s to %i', async (limit, wanted) => {
    const { app, asked } = anAdmin()
    await app.inject({ url: `/dead-letters?limit=${limit}`, headers: LOCAL })
    expect(asked).toEqual([{ name: 'deadLetters', body: { limit: wanted, project: '' } }])
  })

  it('says that the request is wrong where it is', async () => {
    const { app } = anAdmin()
    const twice = await app.inject({ url: '/dead-letters?project=a&project=b', headers: LOCAL })
    expect(twice.statusCode).toBe(400)
    expect((await app.inject({ method: 'POST', url: '/ledger', headers: LOCAL })).statusCode).toBe(404)
  })
})
