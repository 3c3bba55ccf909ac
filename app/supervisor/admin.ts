import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { CodedError, type ErrorCode } from '../../core/errors.ts'
import { checkJsonBounds } from '../../core/json-bounds.ts'
import { isLoopback } from '../../core/listen.ts'
import { inSpan } from '../../core/tracing.ts'
import { roleOf } from '../operations/operation-places.ts'
import { DATA_DIR_HEADER } from './data-dir-header.ts'
import type { Supervisor } from './supervisor.ts'

/** Room for a whole configuration. */
const MAX_BODY_BYTES = 4 << 20
/** On its way to another process it is read again, on a stack that ends the process where it does not suffice. */
const BODY_BOUNDS = { max_depth: 64, max_values: 200_000 }

/** What is the asker's own doing; everything else is ours, for now. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  REQUEST_TOO_LARGE: 413,
  CONFIG_INVALID: 400,
  CONFIG_VERSION_UNKNOWN: 404,
  ROUTE_NOT_FOUND: 404,
  GROUP_IN_USE: 409,
  INSTANCE_MISMATCH: 421,
}
const MISMATCH: ErrorCode = 'INSTANCE_MISMATCH'

/**
 * The operators' port: health, readiness, metrics; on loopback also the operations that the command line asks of
 * a running instance, as JSON.
 * A page in a browser of this machine is refused by the Host it names (DNS rebinding).
 */
export function createAdmin(
  supervisor: Supervisor,
  { host, data_dir }: { host: string; data_dir: string },
): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true })
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      checkJsonBounds(body, BODY_BOUNDS)
    } catch (error) {
      return done(error as Error)
    }
    return parseJson(request, body.toString('utf8'), done)
  })
  /** Operations show customer text and change things: they are for this machine only. */
  async function localOnly({ hostname, headers }: FastifyRequest, reply: FastifyReply) {
    const site = headers['sec-fetch-site'] ?? 'none'
    if (!isLoopback(host) || !isLoopback(hostname) || !/^(same-origin|none)$/.test(String(site)))
      return reply.code(403).send({ title: 'only answered on loopback: set admin.host to 127.0.0.1' })
  }

  /** A command that names a data directory must not read or change that of another instance behind the same port. */
  async function ofThisInstance({ headers }: FastifyRequest, reply: FastifyReply) {
    const wanted = firstOf(headers[DATA_DIR_HEADER])
    if (wanted === undefined || wanted === encodeURIComponent(data_dir)) return
    return reply.code(STATUS.INSTANCE_MISMATCH!).send({ title: `it keeps its data in ${data_dir}`, code: MISMATCH })
  }

  app.get('/health', async () => ({ status: 'ok', processes: supervisor.states() }))
  app.get('/ready', { onRequest: ofThisInstance }, async (_request, reply) => {
    const health = await supervisor.health()
    return reply.code(health.healthy ? 200 : 503).send(health)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await supervisor.metrics()),
  )
  app.post<{ Params: { name: string } }>(
    '/operations/:name',
    { onRequest: [localOnly, ofThisInstance] },
    async ({ params, body, headers }) => {
      const { name } = params
      const parent = firstOf(headers.traceparent)
      const call = () => supervisor.call(roleOf(name), name, body)
      return { answer: await inSpan('operation', { kind: 'server', parent, attributes: { operation: name } }, call) }
    },
  )
  app.setErrorHandler((error, _request, reply) => {
    // Fastify's own: a body that is not what it says, and the like.
    const { statusCode = 500, message } = error as { statusCode?: number; message: string }
    if (statusCode < 500) return reply.code(statusCode).send({ title: message })
    const code = error instanceof CodedError ? error.code : 'INTERNAL'
    return reply
      .code(STATUS[code] ?? 503)
      .type('application/problem+json')
      .send({ title: error instanceof Error ? error.message : 'internal error', code })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ title: 'not found', paths: ['/health', '/ready', '/metrics', '/operations/<name>'] }),
  )
  return app
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
