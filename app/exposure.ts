import { isLoopback } from '../core/listen.ts'
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
