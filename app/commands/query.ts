import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { postOverTls } from '../local-https.ts'
import { printable } from './printable.ts'

/** The store ends what takes longer than 30 s, so later than this nothing comes. */
const ANSWER_MS = 45_000

/** Asks the ClickHouse HTTP port of the running instance, as curl would. */
export async function query(
  context: CommandContext,
  options: { sql: string; format: string; password: string },
): Promise<void> {
  const { store } = loadConfig(context.file, context.overrides)
  const { host, port, tls } = store.http
  const url = new URL(`${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/`)
  url.searchParams.set('default_format', options.format)
  let response: Response
  try {
    const headers: Record<string, string> = options.password === '' ? {} : { 'x-clickhouse-key': options.password }
    const request = { headers, body: options.sql }
    const signal = AbortSignal.timeout(ANSWER_MS)
    response = await (tls ? postOverTls(url, tls, request) : fetch(url, { method: 'POST', signal, ...request }))
  } catch (cause) {
    if ((cause as Error).name === 'TimeoutError')
      throw new CodedError(
        'STORE_UNAVAILABLE',
        `${url.host} did not answer within ${ANSWER_MS / 1000} s: the store hangs. \`evalforge doctor\` says more.`,
        { cause },
      )
    const message = `Nothing answers at ${url.host}. Start it with \`evalforge start\`, or name its port with --clickhouse-port.`
    throw new CodedError('STORE_UNAVAILABLE', message, { cause })
  }
  const text = await response.text()
  if (!response.ok) throw refusal(response, text.trim())
  // A file or a program gets what the store answered; a terminal would obey what senders wrote into their names.
  process.stdout.write(process.stdout.isTTY ? printable(text, '\t\n') : text)
}

/** ClickHouse's AUTHENTICATION_FAILED: what to do is about the key, not about the query. */
const AUTHENTICATION_FAILED = '516'

function refusal(response: Response, reason: string): CodedError {
  if (response.headers.get('x-clickhouse-exception-code') === AUTHENTICATION_FAILED)
    return new CodedError('READER_KEY_INVALID')
  return new CodedError('QUERY_FAILED', reason)
}
