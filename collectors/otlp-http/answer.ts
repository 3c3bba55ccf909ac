import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ACCEPT_ENCODING } from '../../core/inflate.ts'
import type { Form } from '../../core/otlp-body.ts'
import { failureStatus } from '../../core/otlp-failures.ts'
import type { Outcome } from '../../core/otlp-intake.ts'
import { encodeFailure } from '../../core/rpc-status.ts'
import { encodeExportResponse } from '../../schemas/otlp/response.ts'
import type { Route } from './route.ts'

/** null where the sender gives no content type, or one that is not of OTLP. */
export function declaredForm({ headers }: IncomingMessage): Form | null {
  const type = (headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase()
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf'
  return type === 'application/json' ? 'json' : null
}

/** In the encoding of the request; where neither its header nor its body tells, in JSON, which people can read. */
export function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { signal, outcome }: Route & { outcome: Outcome },
): FastifyReply {
  const form = declaredForm(request.raw) ?? outcome.form ?? 'json'
  reply.header('content-type', form === 'json' ? 'application/json' : 'application/x-protobuf')
  if (outcome.ok) {
    const body = encodeExportResponse(signal === 'logs' ? 'logs' : 'traces', outcome, form)
    return reply.code(200).send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  }
  const { code, message } = outcome
  const { http, retry_after_s } = failureStatus(code)
  if (retry_after_s > 0) reply.header('retry-after', retry_after_s)
  if (code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="evalforge"')
  if (code === 'UNSUPPORTED_ENCODING') reply.header('accept-encoding', ACCEPT_ENCODING)
  if (code === 'METHOD_NOT_ALLOWED') reply.header('allow', 'POST')
  if (code === 'REQUEST_TOO_SLOW') reply.header('connection', 'close')
  return reply.code(http).send(encodeFailure(code, message, form))
}

/** What is not HTTP, or not in time, never becomes a request. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, message] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', 'The request arrived too slowly.']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'The headers are larger than 16 KiB.']
        : ['400 Bad Request', 'This is not HTTP/1.1. OTLP/gRPC has a port of its own, 4317 by default.']
  const body = JSON.stringify({ message })
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  socket.end(head + body, () => socket.destroy())
}
