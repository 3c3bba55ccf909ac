import { Server, ServerCredentials } from '@grpc/grpc-js'
import { z } from 'zod'
import { accessNote, type Listener, listenError, requireKeysBeyondLoopback } from '../../core/listen.ts'
import { type CollectorDeps, createOtlpIntake } from '../../core/otlp-intake.ts'
import { createPaceWatch, paceLimits } from '../../core/pace.ts'
import { tlsConfig } from '../../core/tls.ts'
import { type TlsReload, watchTls } from '../../core/tls-reload.ts'
import { type Connections, openConnections } from './connections.ts'
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
  max_connections: z.number().int().positive().default(1024).describe('Connections open at once; more are closed.'),
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
  const { keys, limits, log, clock } = deps
  requireKeysBeyondLoopback(config.host, keys, `${CONFIG_PATH}.host`)
  const intake = createOtlpIntake(NAME, deps)
  const watchPace = createPaceWatch(config, clock)
  const { interceptor, handler } = createExportCalls({ intake, limits, watchPace })
  const server = new Server({
    interceptors: [interceptor],
    'grpc.max_receive_message_length': limits.max_request_bytes,
    'grpc.max_concurrent_streams': config.max_concurrent_streams,
    'grpc.max_connection_idle_ms': config.max_connection_idle_ms,
    'grpc.enable_channelz': 0,
  })
  for (const service of EXPORT_SERVICES) server.addService(service, { Export: handler })

  let connections: Connections | undefined
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
      const { host, port, max_connections } = config
      const { injectConnection } = server.createConnectionInjector(credentials())
      try {
        connections = await openConnections({ host, port, max_connections, onConnection: injectConnection })
      } catch (cause) {
        reload?.stop()
        throw listenError(cause, { host, port, path: CONFIG_PATH })
      }
      log.info({ component: NAME, address: host, port: connections.port }, `OTLP/gRPC listens; ${accessNote(keys)}`)
      return { address: host, port: connections.port, tls: config.tls !== undefined }
    },
    problem: () => reload?.problem() ?? null,
    async drain(deadline_ms) {
      intake.stop()
      reload?.stop()
      const closed = connections?.close()
      const deadline = new AbortController()
      const cut = clock.sleep(deadline_ms, deadline.signal).then(
        () => connections?.cut(),
        () => {},
      )
      // Tells clients to go, and does not wait for connections that it did not open.
      server.tryShutdown(() => {})
      await closed
      deadline.abort()
      await cut
    },
  }
}
