import { createServer } from 'node:net'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { z } from 'zod'
import { accessNote, type Listener, listenError, requireKeysBeyondLoopback } from '../../core/listen.ts'
import { type CollectorDeps, createOtlpIntake } from '../../core/otlp-intake.ts'
import { createPaceWatch, paceLimits } from '../../core/pace.ts'
import { tlsConfig } from '../../core/tls.ts'
import { type TlsReload, watchTls } from '../../core/tls-reload.ts'
import { createTlsCredentials } from './credentials.ts'
import { createExportCalls } from './export-call.ts'
import { EXPORT_SERVICES } from './services.ts'

const NAME = 'otlp-grpc'
const CONFIG_PATH = 'ingest.otlp_grpc'

export const otlpGrpcConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; beyond loopback it needs API keys.'),
  port: z.number().int().min(0).max(65_535).default(4317).describe('Port of OTLP/gRPC; 0 takes a free one.'),
  tls: tlsConfig.optional(),
  ...paceLimits,
  max_concurrent_streams: z.number().int().positive().default(128).describe('Calls at once on one connection.'),
  max_connection_idle_ms: z
    .number()
    .int()
    .positive()
    .default(300_000)
    .describe('How long an idle connection stays open.'),
})

export type OtlpGrpcConfig = z.infer<typeof otlpGrpcConfig>

/**
 * OTLP over gRPC: the Export methods of traces and logs, on raw bytes. Throws CONFIG_INVALID where it would listen beyond
 * loopback without API keys.
 */
export function createOtlpGrpc({ config, deps }: { config: OtlpGrpcConfig; deps: CollectorDeps }): Listener {
  const { keys, limits, log } = deps
  requireKeysBeyondLoopback(config.host, keys, `${CONFIG_PATH}.host`)
  const intake = createOtlpIntake(NAME, deps)
  const watchPace = createPaceWatch(config, deps.clock)
  const { interceptor, handler } = createExportCalls({ intake, limits, watchPace })
  const server = new Server({
    interceptors: [interceptor],
    'grpc.max_receive_message_length': limits.max_request_bytes,
    'grpc.max_concurrent_streams': config.max_concurrent_streams,
    'grpc.max_connection_idle_ms': config.max_connection_idle_ms,
    'grpc.enable_channelz': 0,
  })
  for (const service of EXPORT_SERVICES) server.addService(service, { Export: handler })

  let bound: number | null = null
  let reload: TlsReload | undefined
  function credentials(): ServerCredentials {
    if (config.tls === undefined) return ServerCredentials.createInsecure()
    const path = `${CONFIG_PATH}.tls`
    reload = watchTls({ config: config.tls, path, onChange: (material) => secure.replace(material), deps })
    const secure = createTlsCredentials(reload.current())
    return secure.credentials
  }
  return {
    async listen() {
      const { host, port } = config
      bound = await bind(server, { host, port, credentials: credentials() })
      log.info({ component: NAME, address: host, port: bound }, `OTLP/gRPC listens; ${accessNote(keys)}`)
      return { address: host, port: bound, tls: config.tls !== undefined }
    },
    problem: () => reload?.problem() ?? null,
    async drain(deadline_ms) {
      intake.stop()
      reload?.stop()
      // forceShutdown finds no session while channelz is off, drain does.
      if (bound !== null) server.drain(`${authority(config.host)}:${bound}`, deadline_ms)
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
    },
  }
}

/** As it stands in an address with a port. */
function authority(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

interface BindOptions {
  readonly host: string
  readonly port: number
  readonly credentials: ServerCredentials
}

async function bind(server: Server, { host, port, credentials }: BindOptions): Promise<number> {
  // grpc-js tells why it could not bind in the text of a message only; net tells by code.
  if (port !== 0) await probe(host, port)
  return new Promise((resolve, reject) => {
    server.bindAsync(`${authority(host)}:${port}`, credentials, (cause, bound) => {
      if (cause) reject(listenError(cause, { host, port, path: CONFIG_PATH }))
      else resolve(bound)
    })
  })
}

function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const listener = createServer()
    listener.once('error', (cause) => reject(listenError(cause, { host, port, path: CONFIG_PATH })))
    listener.listen({ host, port }, () => listener.close(() => resolve()))
  })
}
