import type { AddressInfo } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Clock } from './clock.ts'
import { CORRELATION_HEADER, readTrail } from './correlation.ts'
import { createBodyDiscard } from './discard-body.ts'
import { CodedError } from './errors.ts'
import type { HttpAnswer, HttpCall, HttpCollector } from './http-collector.ts'
import { allowOrigins, corsConfig, maySendWithoutKey } from './http-origins.ts'
import { createHttpServer } from './http-server.ts'
import type { Keyring } from './keyring.ts'
import { accessNote, type Listener, listenError, requireKeysBeyondLoopback } from './listen.ts'
import type { Metrics } from './metrics.ts'
import { createPaceWatch, paceLimits, type WatchPace } from './pace.ts'
import { readBody } from './read-body.ts'
import { tlsConfig } from './tls.ts'
import { watchTls } from './tls-reload.ts'
import { createUnsentAnswers } from './unsent-answers.ts'

const NAME = 'http'
const CONFIG_PATH = 'ingest.otlp_http'
const milliseconds = (standard: number) => z.number().int().positive().default(standard)

/** The HTTP port of the collectors; `ingest.otlp_http` in evalforge.yaml. */
export const httpDoorConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; beyond loopback it needs API keys.'),
  port: z.number().int().min(0).max(65_535).default(4318).describe('Port of OTLP/HTTP; 0 takes a free one.'),
  tls: tlsConfig.optional(),
  cors: corsConfig.prefault({}),
  headers_timeout_ms: milliseconds(10_000).describe('Within this the headers of a request are complete.'),
  ...paceLimits,
  keep_alive_timeout_ms: milliseconds(65_000).describe('How long an idle connection stays open.'),
  max_connections: z.number().int().positive().default(4096).describe('Connections open at once; more are closed.'),
})

export type HttpDoorConfig = z.infer<typeof httpDoorConfig>

export interface HttpDoorDeps {
  readonly keys: Keyring
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export interface HttpDoorOptions {
  readonly config: HttpDoorConfig
  readonly deps: HttpDoorDeps
  /** Asked in this order; the last one also answers what no one takes. */
  readonly collectors: readonly [...HttpCollector[], HttpCollector]
}

/**
 * One HTTP/1.1 port for several collectors: connections, TLS, timeouts, the pace of bodies, who may send from a browser,
 * and the end of it all. What a request means is the collectors' own. Throws CONFIG_INVALID where it would listen beyond
 * loopback without API keys, or its TLS files do not fit.
 */
export function createHttpDoor({ config, deps, collectors }: HttpDoorOptions): Listener {
  const { clock, keys, log } = deps
  requireKeysBeyondLoopback(config.host, keys, `${CONFIG_PATH}.host`)
  const watchPace = createPaceWatch(config, clock)
  const discardBody = createBodyDiscard(clock)
  const watchUnsent = createUnsentAnswers()
  const last = collectors.at(-1)!
  let draining = false

  const reload =
    config.tls &&
    watchTls({
      config: config.tls,
      path: `${CONFIG_PATH}.tls`,
      onChange: (material) => server.replaceCertificate(material),
      deps,
    })
  const server = createHttpServer({
    limits: config,
    tls: reload?.current(),
    clock,
    log,
    onBadAddress(request, reply) {
      const call = callOf(request, watchPace)
      return send(reply, call, last.refuse(call, new CodedError('ROUTE_NOT_FOUND')))
    },
  })
  const { app } = server
  allowOrigins(app, config.cors)
  // Before Fastify would look at content types and bodies: both are read by the collectors, once the sender is known.
  app.after(() =>
    app.addHook('onRequest', async function answerRequest(request, reply) {
      const call = callOf(request, watchPace)
      const collector = collectors.find((one) => one.takes(call)) ?? last
      const foreign = keys.open && !maySendWithoutKey(call.header('origin'), config.cors)
      const answer = foreign ? collector.refuse(call, new CodedError('ORIGIN_REFUSED')) : await collector.answer(call)
      if (answer === null) return reply.hijack()
      discardBody(request.raw)
      watchUnsent(reply.raw, Buffer.byteLength(answer.body))
      // Else a kept-alive connection would hold up the drain until its deadline.
      if (draining) reply.header('connection', 'close')
      return send(reply, call, answer)
    }),
  )

  return {
    async listen() {
      const { host, port } = config
      try {
        await app.listen({ host, port })
      } catch (cause) {
        reload?.stop()
        throw listenError(cause, { host, port, path: CONFIG_PATH })
      }
      const bound = app.server.address() as AddressInfo
      const tls = reload !== undefined
      const what = tls ? 'HTTPS' : 'HTTP'
      log.info({ component: NAME, address: bound.address, port: bound.port }, `${what} listens; ${accessNote(keys)}`)
      return { address: bound.address, port: bound.port, tls }
    },
    problem: () => reload?.problem() ?? null,
    async drain(deadline_ms) {
      for (const collector of collectors) collector.stop()
      reload?.stop()
      draining = true
      const deadline = new AbortController()
      const cut = clock.sleep(deadline_ms, deadline.signal).then(server.cut, () => {})
      await app.close()
      deadline.abort()
      await cut
    },
  }
}

function send(reply: FastifyReply, { trail }: HttpCall, { status, headers, body }: HttpAnswer): FastifyReply {
  return reply.code(status).header(CORRELATION_HEADER, trail.correlation_id).headers(headers).send(body)
}

function callOf({ raw, method, url, headers }: FastifyRequest, watchPace: WatchPace): HttpCall {
  function header(name: string): string | undefined {
    const value = headers[name]
    return Array.isArray(value) ? value[0] : value
  }
  return {
    method,
    path: url.split(/[?#]/, 1)[0] ?? '',
    trail: readTrail(header),
    declared_bytes: Number(raw.headers['content-length'] ?? 0),
    header,
    read: (ticket, max_bytes) => readBody(raw, { ticket, max_bytes, watchPace }),
  }
}
