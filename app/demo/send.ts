import { Client, credentials, Metadata } from '@grpc/grpc-js'
import type { Clock } from '../../core/clock.ts'
import type { Capture } from './captures.ts'

export interface Sent extends Capture {
  readonly project: string
  /** When the acknowledgement arrived, on the clock's monotonic time. */
  readonly accepted_at: number
}

export interface SendOptions {
  readonly clock: Clock
  /** Base URL of OTLP/HTTP. */
  readonly otlp_http: string
  /** host:port of OTLP/gRPC. */
  readonly otlp_grpc: string
  readonly projectOf: (capture: Capture) => { readonly project: string; readonly key: string }
}

const METHOD = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
} as const

/** Sends every capture over the transport it was recorded from; throws when one is not acknowledged in full. */
export async function sendCaptures(captures: readonly Capture[], options: SendOptions): Promise<readonly Sent[]> {
  const client = new Client(options.otlp_grpc, credentials.createInsecure())
  try {
    return await Promise.all(
      captures.map(async (capture) => {
        const { project, key } = options.projectOf(capture)
        if (capture.transport === 'grpc') await sendGrpc(client, capture, key)
        else await sendHttp(options.otlp_http, capture, key)
        return { ...capture, project, accepted_at: options.clock.monotonic() }
      }),
    )
  } finally {
    client.close()
  }
}

async function sendHttp(base: string, capture: Capture, key: string): Promise<void> {
  // Langfuse's SDK authenticates with Basic public:secret, the others with a bearer token.
  const authorization = capture.sdk.startsWith('langfuse')
    ? `Basic ${Buffer.from(`pk:${key}`).toString('base64')}`
    : `Bearer ${key}`
  const contentType = capture.transport === 'http/json' ? 'application/json' : 'application/x-protobuf'
  const response = await fetch(base + capture.path, {
    method: 'POST',
    body: new Uint8Array(capture.body),
    headers: { 'content-type': contentType, authorization },
  })
  const body = Buffer.from(await response.arrayBuffer())
  if (!response.ok)
    throw new Error(
      `sending ${capture.sdk} over ${capture.transport}: HTTP ${response.status} ${body.toString('latin1')}`,
    )
  // An answer without partial_success is empty in protobuf and {} in JSON.
  if (body.length > 2) throw new Error(`sending ${capture.sdk} over ${capture.transport}: not taken in full`)
}

function sendGrpc(client: Client, capture: Capture, key: string): Promise<void> {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${key}`)
  const bytes = (buffer: Buffer) => buffer
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(METHOD[capture.signal], bytes, bytes, capture.body, metadata, (error, answer) => {
      if (error) reject(new Error(`sending ${capture.sdk} over gRPC: ${error.message}`))
      else if (answer && answer.length > 0) reject(new Error(`sending ${capture.sdk} over gRPC: not taken in full`))
      else resolve()
    })
  })
}
