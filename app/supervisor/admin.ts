import fastify, { type FastifyInstance } from 'fastify'
import { CodedError } from '../../core/errors.ts'
import type { Supervisor } from './supervisor.ts'

/**
 * The operators' port: health, readiness, metrics, and what the command line asks of a running instance. It carries no
 * customer text but dead letters, so it listens on loopback unless told otherwise.
 */
export function createAdmin(supervisor: Supervisor): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 1 << 16, forceCloseConnections: true })
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
