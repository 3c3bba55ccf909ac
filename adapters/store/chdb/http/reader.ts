import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../../core/clock.ts'
import type { FunctionCatalogue } from '../guard/functions.ts'
import { checkReadingStatement, DATABASE } from '../guard/query-guard.ts'
import type { StoreHost } from '../host.ts'
import type { ReadLimits } from '../readers.ts'
import type { Slots } from '../slots.ts'
import type { Answer } from './answer.ts'
import { contentType } from './formats.ts'
import { httpError } from './http-error.ts'
import { readUrlSettings } from './url-settings.ts'

export interface Querying {
  readonly host: StoreHost
  readonly catalogue: FunctionCatalogue
  readonly read_limits: ReadLimits
  readonly running: Slots
  readonly clock: Clock
  /** Aborted when the door closes. */
  readonly stopped: AbortSignal
}

export interface QueryRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URLSearchParams
  readonly sql: string
}

/** Runs one reading statement of a caller, after the guard has looked at it. Throws an HttpError or EngineError. */
export async function readQuery(door: Querying, { request, response, url, sql }: QueryRequest): Promise<Answer> {
  const arrived = door.clock.monotonic()
  const { settings, params, max_execution_ms } = readUrlSettings(url, door.read_limits)
  const database = url.get('database') ?? String(request.headers['x-clickhouse-database'] ?? DATABASE)
  if (database !== DATABASE && database !== 'system')
    throw httpError('UNKNOWN_DATABASE', `Only the databases ${DATABASE} and system are here.`)
  let format = url.get('default_format') ?? String(request.headers['x-clickhouse-format'] ?? 'TabSeparated')
  const content_type = () => {
    const type = contentType(format)
    if (type === null) throw httpError('UNKNOWN_FORMAT', 'This output format is not offered here.')
    return type
  }
  content_type()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const result = await door.running.run(() =>
    door.host.readers.read({
      sql,
      format,
      params,
      settings,
      database,
      signal: AbortSignal.any([gone.signal, door.stopped]),
      limits: {
        ...door.read_limits,
        max_execution_ms: Math.max(1, max_execution_ms - (door.clock.monotonic() - arrived)),
        // The statement is handed over inside another one, every character possibly escaped.
        max_query_bytes: door.read_limits.max_query_bytes * 4,
      },
      async inspect(connection) {
        const statement = await checkReadingStatement(connection, sql, { catalogue: door.catalogue, database })
        format = statement.format ?? format
        content_type()
        return statement.sql
      },
    }),
  )
  const compressed = /^(1|true)$/.test(url.get('enable_http_compression') ?? '')
  const accept_encoding = compressed ? String(request.headers['accept-encoding'] ?? '') : ''
  return { result, format, content_type: content_type(), accept_encoding }
}
