import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { CodedError } from '../../core/errors.ts'
import { isLoopback } from '../../core/listen.ts'
import type { Supervisor } from './supervisor.ts'

const DEFAULT_LETTERS = 50
const MAX_LETTERS = 1000

/**
 * The operators' port: health, readiness, metrics; on loopback also what the command line asks of a running instance.
 * A page in a browser of this machine is refused by the Host it names (DNS rebinding).
 */
export function createAdmin(supervisor: Supervisor, { host }: { host: string }): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 1 << 16, forceCloseConnections: true })
  /** Dead letters carry customer text, the ledger makes the store work: both are for this machine only. */
  async function localOnly({ hostname, headers }: FastifyRequest, reply: FastifyReply) {
    const site = headers['sec-fetch-site'] ?? 'none'
    if (!isLoopback(host) || !isLoopback(hostname) || !/^(same-origin|none)$/.test(String(site)))
      return reply.code(403).send({ title: 'only answered on loopback: set admin.host to 127.0.0.1' })
  }

  app.get('/health', async () => ({ status: 'ok', processes: supervisor.states() }))
  app.get('/ready', async (_request, reply) => {
    const health = await supervisor.health()
    return reply.code(health.healthy ? 200 : 503).send(health)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await supervisor.metrics()),
  )
  app.get<{ Querystring: { full?: string } }>('/ledger', { onRequest: localOnly }, (request) =>
    supervisor.call('process', 'ledger', { full: request.query.full !== undefined }),
  )
  app.get<{ Querystring: { limit?: string; project?: string | string[] } }>(
    '/dead-letters',
    { onRequest: localOnly },
    async ({ query: { limit, project = '' } }, reply) => {
      if (typeof project !== 'string') return reply.code(400).send({ title: 'name one project' })
      return supervisor.call('process', 'deadLetters', { limit: boundedCount(limit), project })
    },
  )
  app.get<{ Params: { id: string } }>('/dead-letters/:id', { onRequest: localOnly }, async (request, reply) => {
    const letter = await supervisor.call('process', 'deadLetter', { id: request.params.id })
    return letter ?? reply.code(404).send({ title: 'no dead letter with this id' })
  })
  app.setErrorHandler((error, _request, reply) => {
    // Fastify's own: a body that is not what it says, and the like.
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    if (statusCode < 500) return reply.code(statusCode).send({ title: message })
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

function boundedCount(text: string | undefined): number {
  const count = Math.trunc(Number(text)) || DEFAULT_LETTERS
  return Math.min(Math.max(count, 1), MAX_LETTERS)
}
