import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Clock } from '../../core/clock.ts'
import type { Answer, GrpcRequest } from './hostile-request.ts'
import { named } from './http-sender.ts'

export interface GrpcSender {
  /** Never rejects. */
  send(request: GrpcRequest): Promise<Answer>
  close(): void
}

export interface GrpcSenderOptions {
  readonly port: number
  readonly sessions: number
  readonly deadline_ms: number
  readonly clock: Clock
}

/** Speaks gRPC as HTTP/2 and nothing more, so that it can say what a client library would never say. */
export function createGrpcSender({ port, sessions, deadline_ms, clock }: GrpcSenderOptions): GrpcSender {
  const open: (ClientHttp2Session | undefined)[] = Array.from({ length: sessions })
  let turn = 0

  function session(): ClientHttp2Session {
    turn = (turn + 1) % sessions
    const known = open[turn]
    if (known !== undefined && !known.closed && !known.destroyed) return known
    const fresh = newSession(port)
    open[turn] = fresh
    return fresh
  }

  return {
    async send(request) {
      const answer = await exchange(session(), request)
      if (answer.status !== 'closed') return answer
      // Its session may have ended for another's fault: it gets one to itself.
      const own = newSession(port)
      return exchange(own, request).finally(() => own.destroy())
    },
    close() {
      for (const known of open) known?.destroy()
    },
  }

  async function exchange(over: ClientHttp2Session, request: GrpcRequest): Promise<Answer> {
    const done = new AbortController()
    const late = clock.sleep(deadline_ms, done.signal).then(
      () => named('timeout'),
      () => named('timeout'),
    )
    let stream: ClientHttp2Stream | undefined
    try {
      stream = openStream(over, request)
      return await Promise.race([answerOf(stream, over), late])
    } catch {
      return named('closed')
    } finally {
      done.abort()
      stream?.close()
    }
  }
}

function newSession(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  session.setMaxListeners(0)
  return session
}

function openStream(session: ClientHttp2Session, request: GrpcRequest): ClientHttp2Stream {
  const { path, headers, pieces, hang, reset } = request
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(headers as Record<string, string>),
  })
  stream.on('error', () => {})
  for (const piece of pieces) stream.write(piece)
  if (reset) setImmediate(() => stream.close(8))
  else if (!hang) stream.end()
  return stream
}

function answerOf(stream: ClientHttp2Stream, session: ClientHttp2Session): Promise<Answer> {
  return new Promise((resolve) => {
    let received: Record<string, unknown> = {}
    const chunks: Buffer[] = []
    const note = (more: object) => {
      received = { ...received, ...more }
    }
    stream.on('response', note).on('trailers', note)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    // It has said all: what we still hold open is nothing to wait for.
    stream.on('end', () => stream.close())
    stream.on('close', () => {
      const details = Buffer.from(String(received['grpc-status-details-bin'] ?? ''), 'base64')
      const body = Buffer.concat([...chunks, Buffer.from(String(received['grpc-message'] ?? '')), details])
      resolve({
        status: statusOf(received, stream.rstCode !== 0 && !session.destroyed),
        retryable: details.includes('google.rpc.RetryInfo'),
        body,
      })
    })
  })
}

function statusOf(received: Record<string, unknown>, reset_alone: boolean): string {
  const grpc = received['grpc-status']
  if (grpc !== undefined) return `grpc ${String(grpc)}`
  const http = received[':status']
  if (http !== undefined && http !== 200) return `http ${String(http)}`
  // While its session lives on: that stream alone was refused.
  return reset_alone ? 'reset' : 'closed'
}
