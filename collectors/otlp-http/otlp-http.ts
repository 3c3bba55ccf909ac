import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { presentedKeys } from '../../core/api-keys.ts'
import { CodedError } from '../../core/errors.ts'
import { parseContentEncoding } from '../../core/inflate.ts'
import { accessNote, type Listener, listenError, requireKeysBeyondLoopback } from '../../core/listen.ts'
import { type CollectorDeps, createOtlpIntake, type Outcome } from '../../core/otlp-intake.ts'
import { createPaceWatch, paceLimits } from '../../core/pace.ts'
import { declaredForm, refuseConnection, send } from './answer.ts'
import { readBody } from './read-body.ts'
import { type Route, routeOf } from './route.ts'

const NAME = 'otlp-http'
const CONFIG_PATH = 'ingest.otlp_http'
const milliseconds = (standard: number) => z.number().int().positive().default(standard)

export const otlpHttpConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; beyond loopback it needs API keys.'),
  port: z.number().int().min(0).max(65_535).default(4318).describe('Port of OTLP/HTTP; 0 takes a free one.'),
  headers_timeout_ms: milliseconds(10_000).describe('Within this the headers of a request are complete.'),
  ...paceLimits,
  keep_alive_timeout_ms: milliseconds(65_000).describe('How long an idle connection stays open.'),
  max_connections: z.number().int().positive().default(4096).describe('Connections open at once; more are closed.'),
})

export type OtlpHttpConfig = z.infer<typeof otlpHttpConfig>

/**
 * OTLP over HTTP/1.1: any POST path that ends in /v1/traces or /v1/logs, protobuf or JSON. Throws CONFIG_INVALID where it
 * would listen beyond loopback without API keys.
 */
export function createOtlpHttp({ config, deps }: { config: OtlpHttpConfig; deps: CollectorDeps }): Listener {
  const { clock, keys, limits, log } = deps
  requireKeysBeyondLoopback(config.host, keys, `${CONFIG_PATH}.host`)
  const intake = createOtlpIntake(NAME, deps)
  const watchPace = createPaceWatch(config, clock)

  let draining = false
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A backstop behind the pace of bodies, and what ends a body that is no longer listened to.
    requestTimeout: config.headers_timeout_ms + config.body_timeout_ms,
    keepAliveTimeout: config.keep_alive_timeout_ms,
    http: { headersTimeout: config.headers_timeout_ms, connectionsCheckingInterval: 1000 },
    frameworkErrors: (_, request, reply) => sendRefused(request, reply, new CodedError('ROUTE_NOT_FOUND')),
    clientErrorHandler: refuseConnection,
  })
  app.server.maxConnections = config.max_connections

  // Before Fastify would look at content types and bodies: both are read here, after the sender is known.
  app.addHook('onRequest', async (request, reply) => {
    const route = routeOf(request, keys.open)
    if (route instanceof CodedError) return sendRefused(request, reply, route)
    const outcome = await handle(request, route.signal)
    if (!outcome.ok && outcome.code === 'CLIENT_CLOSED') return reply.hijack()
    // Else a kept-alive connection would hold up the drain until its deadline.
    if (draining) reply.header('connection', 'close')
    return send(request, reply, { signal: route.signal, outcome })
  })

  function handle({ raw, headers }: FastifyRequest, signal: Route['signal']): Promise<Outcome> {
    return intake.handle({
      signal,
      transport: 'http',
      keys: presentedKeys((name) => firstValue(headers[name])),
      traceparent: firstValue(headers.traceparent),
      async read(ticket) {
        const encodings = parseContentEncoding(firstValue(headers['content-encoding']))
        const declared = declaredForm(raw)
        const bytes = await readBody(raw, { ticket, max_bytes: limits.max_request_bytes, watchPace })
        return { bytes, encodings, declared }
      },
    })
  }

  function sendRefused(request: FastifyRequest, reply: FastifyReply, error: CodedError) {
    return send(request, reply, { signal: 'other', outcome: intake.refuse(error) })
  }

  return {
    async listen() {
      const { host, port } = config
      try {
        await app.listen({ host, port })
      } catch (cause) {
        throw listenError(cause, { host, port, path: CONFIG_PATH })
      }
      const bound = app.server.address() as AddressInfo
      log.info({ component: NAME, address: bound.address, port: bound.port }, `OTLP/HTTP listens; ${accessNote(keys)}`)
      return { address: bound.address, port: bound.port }
    },
    async drain(deadline_ms) {
      intake.stop()
      draining = true
      const deadline = new AbortController()
      const cut = clock.sleep(deadline_ms, deadline.signal).then(
        () => app.server.closeAllConnections(),
        () => {},
      )
      await app.close()
      deadline.abort()
      await cut
    },
  }
}

function firstValue(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
