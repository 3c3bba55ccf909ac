import fastify, { type FastifyInstance } from 'fastify'
import { CodedError } from '../../core/errors.ts'
import { isLoopback } from '../../core/listen.ts'
import type { Supervisor } from './supervisor.ts'

/** Dead letters carry customer text, the ledger makes the store work: both are for this machine only. */
const LOCAL_ONLY = /^\/(dead-letters|ledger)/

/**
 * The operators' port: health, readiness, metrics; on loopback also what the command line asks of a running instance.
 * A page in a browser of this machine is refused by the Host it names (DNS rebinding).
 */
export function createAdmin(supervisor: Supervisor, { host }: { host: string }): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 1 << 16, forceCloseConnections: true })
  app.addHook('onRequest', async (request, reply) => {
    if (!LOCAL_ONLY.test(request.url)) return
    if (!isLoopback(host) || !isLoopback(request.hostname) || request.headers['sec-fetch-site'] === 'cross-site')
      return reply.code(403).send({ title: 'only answered on loopback: set admin.host to 127.0.0.1' })
  })
  app.get('/health', async () => ({ status: 'ok', processes: supervisor.states() }))
  app.get('/ready', async (_request, reply) => {
    const health = await supervisor.health()
    return reply.code(health.healthy ? 200 : 503).send(health)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await supervisor.metrics()),
  )
  app.get<{ Querystring: { full?: string } }>('/ledger', (request) =>
    supervisor.call('process', 'ledger', { full: request.query.full !== undefined }),
  )
  app.get<{ Querystring: { limit?: string; project?: string } }>('/dead-letters', (request) =>
    supervisor.call('process', 'deadLetters', {
      limit: Math.min(Number(request.query.limit ?? 50) || 50, 1_000),
      project: request.query.project ?? '',
    }),
  )
  app.get<{ Params: { id: string } }>('/dead-letters/:id', async (request, reply) => {
    const letter = await supervisor.call('process', 'deadLetter', { id: request.params.id })
    return letter ?? reply.code(404).send({ title: 'no dead letter with this id' })
  })
  app.setErrorHandler((error, _request, reply) => {
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    return reply
      .code(503)
      .type('application/problem+json')
      .send({ title: error instanceof Error ? error.message : 'internal error', code })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ title: 'not found', paths: ['/health', '/ready', '/metrics', '/ledger', '/dead-letters'] }),
  )
  return app
}
