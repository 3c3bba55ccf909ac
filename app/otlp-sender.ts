import { Agent, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import type { TlsConfig } from '../core/tls.ts'
import { trustOnly } from './local-https.ts'

export interface OtlpSenderOptions {
  /** Base URL of OTLP/HTTP. */
  readonly otlp_http: string
  /** '' where no key is asked for. */
  readonly key: string
  readonly connections: number
  /** Of an instance on this machine: the one certificate that is trusted, whatever name it bears. */
  readonly tls?: TlsConfig | undefined
}

export interface OtlpAnswer {
  /** HTTP status, `partial_success`, or the code of a broken connection. */
  readonly status: string
  readonly retry_after_ms: number
  /** What a failure says, in at most 500 characters; '' otherwise. */
  readonly message: string
}

export interface OtlpSender {
  /** Posts one protobuf request; never rejects. '200' means that all of it was acknowledged. */
  send(signal: 'traces' | 'logs', body: Buffer): Promise<OtlpAnswer>
  close(): void
}

const REQUEST_TIMEOUT_MS = 30_000
const RETRY_MS = 200
const MAX_MESSAGE = 500
const RETRYABLE_STATUS = new Set(['429', '502', '503', '504'])

/** Broken connections have codes, answers have numbers. A sender must try the former again, and of the latter a few. */
export const isRetryableAnswer = ({ status }: OtlpAnswer) => RETRYABLE_STATUS.has(status) || /^[A-Z]/.test(status)

/** An OTLP/HTTP exporter over kept-alive connections, for load and made-up history. */
export function createOtlpSender({ otlp_http, key, connections, tls }: OtlpSenderOptions): OtlpSender {
  const secure = otlp_http.startsWith('https:')
  const settings = { keepAlive: true, maxSockets: connections, ...(tls && trustOnly(tls)) }
  const agent = secure ? new SecureAgent(settings) : new Agent(settings)
  const open = secure ? secureRequest : request
  const base = otlp_http.replace(/\/$/, '')

  return {
    send: (signal, body) =>
      new Promise((resolve) => {
        const broken = (error: NodeJS.ErrnoException) =>
          resolve({ status: error.code ?? error.name.toUpperCase(), retry_after_ms: RETRY_MS, message: error.message })
        const outgoing = open(`${base}/v1/${signal}`, {
          method: 'POST',
          agent,
          timeout: REQUEST_TIMEOUT_MS,
          headers: {
            'content-type': 'application/x-protobuf',
            'content-length': body.length,
            ...(key !== '' && { authorization: `Bearer ${key}` }),
          },
        })
        outgoing.on('error', broken)
        outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })))
        outgoing.on('response', (response) => {
          let bytes = 0
          let text = ''
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
            if (text.length < MAX_MESSAGE) text += chunk.toString('latin1')
          })
          response.on('error', broken)
          response.on('end', () => {
            const retry_after_ms = Number(response.headers['retry-after'] ?? 0) * 1000 || RETRY_MS
            // A full acknowledgement is an empty message; anything else is a partial success.
            const status = response.statusCode === 200 && bytes > 0 ? 'partial_success' : String(response.statusCode)
            resolve({ status, retry_after_ms, message: status === '200' ? '' : readable(text) })
          })
        })
        outgoing.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** The text of an answer in protobuf, without the bytes around it. */
function readable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, MAX_MESSAGE)
}
