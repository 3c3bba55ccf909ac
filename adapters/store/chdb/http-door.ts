import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { secureOptions, type TlsMaterial } from '../../../core/tls.ts'
import { loadFunctionCatalogue } from './guard/functions.ts'
import { canonicalStatement } from './guard/statement.ts'
import type { StoreHost } from './host.ts'
import { type Answer, sendAnswer, sendDone, sendError, sendText } from './http/answer.ts'
import { readText } from './http/body.ts'
import { type DoorKeys, identify, isLoopback, refuseForeignPages } from './http/credentials.ts'
import { asHttpError, httpError } from './http/http-error.ts'
import { type Querying, readQuery } from './http/reader.ts'
import { readUrlSettings } from './http/url-settings.ts'
import { insertBody, isReading, type Reading, runChange, type WriterOptions } from './http/writer.ts'
import { DEFAULT_READ_LIMITS, type ReadLimits } from './readers.ts'
import { createSlots } from './slots.ts'
import { createSpool } from './spool.ts'

const HEADERS_MS = 10_000

export interface DoorLimits {
  readonly read: ReadLimits
  /** Rows of a writer's INSERT, inflated. */
  readonly max_insert_bytes: number
  /** Queries running for the door at once; one reader always stays free for the pipeline itself. */
  readonly max_running: number
  /** Queries waiting for those; more are answered 503. */
  readonly max_waiting: number
  readonly max_connections: number
  readonly idle_socket_ms: number
  /** For a whole request to arrive. */
  readonly request_ms: number
}

export const DEFAULT_DOOR_LIMITS: DoorLimits = {
  read: DEFAULT_READ_LIMITS,
  max_insert_bytes: 256 << 20,
  max_running: 2,
  max_waiting: 64,
  max_connections: 256,
  idle_socket_ms: 10_000,
  request_ms: 60_000,
}

export interface HttpDoorOptions {
  readonly host: StoreHost
  /** Loopback, unless a query key is set. */
  readonly address: string
  /** 0 takes a free one. */
  readonly port: number
  readonly keys: DoorKeys
  /** The host's spool directory. */
  readonly spool_directory: string
  readonly limits?: DoorLimits
  /** Speaks TLS only, where it is given. */
  readonly tls?: TlsMaterial | undefined
  readonly clock: Clock
  readonly log: { error(fields: object, message: string): void }
}

export interface HttpDoor {
  readonly port: number
  /** New connections get this certificate, and are held to this client CA. */
  replaceCertificate(material: TlsMaterial): void
  /** Takes nothing new, stops the queries that run, and resolves when all have their answer. */
  close(): Promise<void>
}

interface Door extends WriterOptions, Querying {
  readonly keys: DoorKeys
  readonly limits: DoorLimits
  readonly reading: Reading
  readonly timezone: string
  readonly without_key: boolean
  readonly log: HttpDoorOptions['log']
  /** Aborted when the door closes: what runs is stopped, so that closing does not wait for a long query. */
  readonly closing: AbortController
  readonly answering: Set<Promise<void>>
}

/**
 * The embedded store behind ClickHouse's HTTP protocol (https://clickhouse.com/docs/interfaces/http), for curl, Grafana
 * and @clickhouse/client. Readers get single reading statements on the tables of evalforge; user `writer`, with its key,
 * also inserts and changes the schema. Throws CONFIG_INVALID or PORT_BUSY.
 */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const { host, address, keys, clock, log, limits = DEFAULT_DOOR_LIMITS } = options
  if (!isLoopback(address) && keys.query_key_sha256 === null)
    throw new CodedError(
      'CONFIG_INVALID',
      `The query port must not listen on ${address} without a query key. Set one, or listen on 127.0.0.1.`,
    )
  const reading: Reading = {
    run: (sql, format = 'TabSeparated') =>
      host.readers.read({ sql, format, limits: { ...limits.read, max_query_bytes: limits.read.max_query_bytes * 4 } }),
  }
  const timezone = await reading.run('SELECT timezone()', 'RawBLOB')
  const spool = createSpool(options.spool_directory, clock)
  const closing = new AbortController()
  const max_running = Math.max(1, Math.min(limits.max_running, host.reader_count - 1))
  const door: Door = {
    host,
    keys,
    limits,
    catalogue: await loadFunctionCatalogue(reading),
    reading,
    running: createSlots({ count: max_running, max_waiting: limits.max_waiting, name: 'query slots' }),
    timezone: Buffer.from(timezone.bytes).toString('utf8'),
    without_key: keys.query_key_sha256 === null,
    spool,
    max_body_bytes: limits.max_insert_bytes,
    clock,
    log,
    closing,
    stopped: closing.signal,
    read_limits: limits.read,
    answering: new Set(),
  }
  const server = await listen(door, options)
  return {
    port: (server.address() as AddressInfo).port,
    replaceCertificate(material) {
      if ('setSecureContext' in server) server.setSecureContext(secureOptions(material))
    },
    async close() {
      server.close()
      door.closing.abort()
      await Promise.allSettled(door.answering)
      server.closeAllConnections()
      spool.close()
    },
  }
}

async function listen(door: Door, { address, port, tls }: HttpDoorOptions): Promise<Server | HttpsServer> {
  const { idle_socket_ms, request_ms, max_connections } = door.limits
  const bounds = {
    maxHeaderSize: 64 << 10,
    keepAliveTimeout: idle_socket_ms,
    headersTimeout: HEADERS_MS,
    requestTimeout: request_ms,
    connectionsCheckingInterval: 1_000,
  }
  function serve(request: IncomingMessage, response: ServerResponse) {
    const answered = answer(door, request, response)
    door.answering.add(answered)
    answered.finally(() => door.answering.delete(answered))
  }
  const server = tls
    ? createHttpsServer({ ...bounds, ...secureOptions(tls), handshakeTimeout: HEADERS_MS }, serve)
    : createServer(bounds, serve)
  server.maxConnections = max_connections
  server.listen(port, address)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const busy = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    throw new CodedError(busy ? 'PORT_BUSY' : 'CONFIG_INVALID', `Cannot listen on ${address}, port ${port}.`, { cause })
  }
  return server
}

async function answer(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const context = { query_id: randomUUID() as string, timezone: door.timezone }
  try {
    const [path, search = ''] = split(request.url ?? '/')
    if (door.without_key) refuseForeignPages(request.headers)
    if (path === '/ping' || path === '/replicas_status') return sendText(response, 200, 'Ok.\n')
    if (path !== '/') return sendText(response, 404, 'There is only /, /ping and /replicas_status here.\n')
    if (!/^(GET|HEAD|POST)$/.test(request.method ?? '')) throw httpError('NOT_IMPLEMENTED', 'Use GET or POST.')
    const url = new URLSearchParams(search)
    const query_id = url.get('query_id') ?? ''
    if (/^[\w.:-]{1,128}$/.test(query_id)) context.query_id = query_id
    const done = await perform(door, request, response, url)
    if (done) await sendAnswer(response, done, context)
    else sendDone(response, context)
  } catch (error) {
    const failure = asHttpError(error)
    // A caller that went away in the middle of its body is no failure of ours.
    if (failure.clickhouse_code === 1000 && !response.destroyed)
      door.log.error({ err: error }, 'A query failed without a reason of its own.')
    sendError(response, failure, context)
  }
}

function split(target: string): [string, string?] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}

/** Null for a statement without rows. */
async function perform(
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
  url: URLSearchParams,
): Promise<Answer | null> {
  const caller = identify(request, url, door.keys)
  const [in_url = '', ...more] = url.getAll('query')
  if (more.length > 0) throw httpError('BAD_PARAMETER', 'There is more than one query parameter.')
  const limit = door.limits.read.max_query_bytes
  if (/multipart\/form-data/i.test(request.headers['content-type'] ?? ''))
    throw httpError('NOT_IMPLEMENTED', 'Multipart bodies are not read here; send parameters in the URL.')
  if (caller === 'writer' && request.method === 'POST' && /^\s*INSERT\s/i.test(in_url) && hasBody(request)) {
    readUrlSettings(url, door.limits.read)
    await door.running.run(() => insertBody(door, in_url, request))
    return null
  }
  const body = request.method === 'POST' ? await readText(request, limit) : ''
  const sql = [in_url, body].filter((part) => part.trim() !== '').join('\n')
  if (sql === '') throw httpError('SYNTAX_ERROR', 'Empty query.')
  if (Buffer.byteLength(sql) > limit) throw httpError('TOO_LARGE', `The query is longer than ${limit} bytes.`)
  // GET and readonly promise not to change anything, as with a server.
  if (caller === 'writer' && request.method === 'POST' && !url.has('readonly')) {
    const statement = await door.running.run(() => canonicalStatement(door.reading, sql))
    if (!isReading(statement)) {
      await runChange(door, statement)
      return null
    }
  }
  return readQuery(door, { request, response, url, sql })
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}
