import { isLoopback } from '../core/listen.ts'
import type { TlsConfig } from '../core/tls.ts'
import type { Config } from './config.ts'
import type { ConfigProblem } from './config-problem.ts'

const OPEN_COLLECTOR =
  'is not a loopback address and no API key is configured; run `evalforge keys create <project>` first, or use 127.0.0.1.'
const OPEN_STORE = 'is not a loopback address; set store.http.reader_key_sha256 first, or use 127.0.0.1.'

/**
 * Nothing answers the network without a key. Looks at the values as they were written, so that it can be said together
 * with everything else that is wrong with them.
 */
export function exposureProblems(raw: unknown): readonly ConfigProblem[] {
  const keys = valueAt(raw, 'keys')
  // An empty list lets nobody in.
  const hasKeys = Array.isArray(keys)
  const hasReaderKey = typeof valueAt(raw, 'store.http.reader_key_sha256') === 'string'
  return [
    ...(hasKeys ? [] : exposed(raw, ['ingest.otlp_http.host', 'ingest.otlp_grpc.host'], OPEN_COLLECTOR)),
    ...(hasReaderKey ? [] : exposed(raw, ['store.http.host'], OPEN_STORE)),
  ]
}

function exposed(raw: unknown, paths: readonly string[], why: string): ConfigProblem[] {
  return paths.flatMap((path) => {
    const host = valueAt(raw, path)
    return typeof host === 'string' && host !== '' && !isLoopback(host) ? [{ path, message: `${host} ${why}` }] : []
  })
}

function valueAt(raw: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      raw,
    )
}

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
