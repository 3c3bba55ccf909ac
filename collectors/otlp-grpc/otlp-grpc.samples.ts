import { connect } from 'node:http2'
import { status as GrpcStatus } from '@grpc/grpc-js'
import type { CollectorDeps } from '../../core/otlp-intake.ts'
import { createOtlpGrpc, type OtlpGrpcConfig, otlpGrpcConfig } from './otlp-grpc.ts'

export const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
export const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
export const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'

export interface GrpcAnswer {
  /** google.rpc.Code; CANCELLED where the stream ended without a status. */
  readonly status: number
  readonly details: string
  /** grpc-status-details-bin, decoded from base64; empty where there is none. */
  readonly rich: Buffer
  readonly correlation_id: unknown
  readonly message: Buffer
}

export interface GrpcRequest {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes of the stream, prefixes included; pieces are written one by one. */
  readonly bytes: readonly Uint8Array[]
  /** Keeps the stream open behind the bytes. */
  readonly hang?: boolean
}

/** A message with the prefix that gRPC puts before it. */
export function framed(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = compressed ? 1 : 0
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** Speaks gRPC as HTTP/2 and nothing more, so that it can say what grpc-js would never say. */
export function aGrpcClient(port: number) {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  return {
    call: ({ path = TRACES, headers = {}, bytes, hang = false }: GrpcRequest) =>
      new Promise<GrpcAnswer>((resolve) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
          te: 'trailers',
          ...headers,
        })
        let received: Record<string, unknown> = {}
        const chunks: Buffer[] = []
        const note = (more: object) => {
          received = { ...received, ...more }
        }
        stream
          .on('response', note)
          .on('trailers', note)
          .on('error', () => {})
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('end', () => stream.close())
        stream.on('close', () => {
          const details = String(received['grpc-message'] ?? '')
          resolve({
            status: Number(received['grpc-status'] ?? GrpcStatus.CANCELLED),
            details: decodeURIComponent(details),
            rich: Buffer.from(String(received['grpc-status-details-bin'] ?? ''), 'base64'),
            correlation_id: received['x-correlation-id'],
            message: Buffer.concat(chunks).subarray(5),
          })
        })
        for (const piece of bytes) stream.write(piece)
        if (!hang) stream.end()
      }),
    close: () => session.destroy(),
  }
}

export async function startOtlpGrpc(deps: CollectorDeps, config: Partial<OtlpGrpcConfig> = {}) {
  const listener = createOtlpGrpc({ config: otlpGrpcConfig.parse({ port: 0, ...config }), deps })
  const { port } = await listener.listen()
  const client = aGrpcClient(port)
  return {
    port,
    call: client.call,
    async drain(deadline_ms: number) {
      await listener.drain(deadline_ms)
      client.close()
    },
  }
}
