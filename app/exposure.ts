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

/** The collectors for nobody but a command that starts an instance for itself: on loopback, where it needs no TLS. */
export function onlyForUs({ otlp_http, otlp_grpc, ...rest }: Config['ingest']): Config['ingest'] {
  const ours = { host: '127.0.0.1', tls: undefined }
  return { ...rest, otlp_http: { ...otlp_http, ...ours }, otlp_grpc: { ...otlp_grpc, ...ours } }
}

/** What can be reached, and how; a Config is one. */
interface Exposed {
  readonly ingest: {
    readonly otlp_http: { readonly host: string; readonly tls?: TlsConfig | undefined }
    readonly otlp_grpc: { readonly host: string; readonly tls?: TlsConfig | undefined }
  }
  readonly store: { readonly http: { readonly host: string } }
  readonly admin: { readonly host: string }
}

/** What an operator should know about who can listen in or look in; a sentence each, with what to do. */
export function exposureWarnings({ ingest: { otlp_http, otlp_grpc }, store, admin }: Exposed): readonly string[] {
  const warnings: string[] = []
  for (const [name, { host, tls }] of Object.entries({ otlp_http, otlp_grpc })) {
    if (isLoopback(host) || tls) continue
    const path = `ingest.${name}`
    warnings.push(
      `API keys and prompts travel in clear text to ${path} (${host}): set ${path}.tls, or keep it behind a proxy that speaks TLS.`,
    )
  }
  if (!isLoopback(store.http.host))
    warnings.push(
      `The reader key and rows travel in clear text to store.http (${store.http.host}): keep it behind a proxy that speaks TLS.`,
    )
  if (!isLoopback(admin.host))
    warnings.push(
      `Whoever reaches ${admin.host} reads health and metrics on the admin port: keep it behind a firewall.`,
    )
  return warnings
}
