import { isLoopback } from '../core/listen.ts'
import { loadTls, type TlsConfig } from '../core/tls.ts'
import { type Config, ConfigError } from './config.ts'

/** For nobody but a command that starts an instance for itself: on loopback, where it needs no TLS. */
export function onlyForUs(config: Config): Config {
  const { ingest, store } = config
  const ours = { host: '127.0.0.1', tls: undefined }
  return {
    ...config,
    ingest: { ...ingest, otlp_http: { ...ingest.otlp_http, ...ours }, otlp_grpc: { ...ingest.otlp_grpc, ...ours } },
    store: { ...store, http: { ...store.http, ...ours } },
  }
}

export interface ExposedListener {
  /** Of its section in evalforge.yaml. */
  readonly path: string
  readonly host: string
  readonly tls: TlsConfig | undefined
  /** What goes over it. */
  readonly carries: string
}

/** Those that can speak TLS. */
export function listenersOf({ ingest: { otlp_http, otlp_grpc }, store: { http } }: Config): readonly ExposedListener[] {
  const sent = 'API keys and prompts'
  return [
    { path: 'ingest.otlp_http', host: otlp_http.host, tls: otlp_http.tls, carries: sent },
    { path: 'ingest.otlp_grpc', host: otlp_grpc.host, tls: otlp_grpc.tls, carries: sent },
    { path: 'store.http', host: http.host, tls: http.tls, carries: 'The reader key and rows' },
  ]
}

/** What an operator should know about who can listen in or look in; a sentence each, with what to do. */
export function exposureWarnings(config: Config): readonly string[] {
  const clear = listenersOf(config)
    .filter(({ host, tls }) => !isLoopback(host) && tls === undefined)
    .map(
      ({ path, host, carries }) =>
        `${carries} travel in clear text to ${path} (${host}): set ${path}.tls, or keep it behind a proxy that speaks TLS.`,
    )
  const { host } = config.admin
  if (isLoopback(host)) return clear
  return [...clear, `Whoever reaches ${host} reads health and metrics on the admin port: keep it behind a firewall.`]
}

/** Reads the TLS files of all listeners. Throws ConfigError with everything that is wrong with them, by path. */
export function requireTlsFiles(config: Config, source: string): void {
  const problems = listenersOf(config).flatMap(({ path, tls }) => {
    const loaded = tls && loadTls(tls, `${path}.tls`)
    return loaded === undefined || loaded.ok ? [] : loaded.problems
  })
  if (problems.length > 0) throw new ConfigError(source, problems)
}
