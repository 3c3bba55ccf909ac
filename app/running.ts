import { CodedError, ERRORS, type ErrorCode } from '../core/errors.ts'
import type { Config } from './config.ts'

/**
 * Asks the admin port of a running instance: undefined where nothing listens there, null where it does not have what was
 * asked for. Throws a CodedError with what it says, and CONFIG_INVALID where something else listens.
 */
export async function askRunning<Answer>(config: Config, path: string): Promise<Answer | null | undefined> {
  const { host, port } = config.admin
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  let response: Response
  let body: (Answer & { readonly title?: unknown; readonly code?: unknown }) | undefined
  try {
    response = await fetch(`http://${authority}${path}`, { signal: AbortSignal.timeout(120_000) })
    body = (await response.json()) as typeof body
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    if (cause?.code === 'ECONNREFUSED') return undefined
    throw notOurs(authority, cause?.code ?? cause?.message ?? message)
  }
  if (response.ok) return body
  if (typeof body?.title !== 'string') throw notOurs(authority, `status ${response.status}`)
  if (response.status === 404) return null
  throw new CodedError(codeOf(response.status, body.code), `${authority} answered ${response.status}: ${body.title}.`)
}

function notOurs(authority: string, reason: string): CodedError {
  const message = `${authority} does not answer as the admin port of EvalForge does (${reason}); name its port with --admin-port.`
  return new CodedError('CONFIG_INVALID', message)
}

function codeOf(status: number, code: unknown): ErrorCode {
  if (status === 403) return 'CONFIG_INVALID'
  return typeof code === 'string' && code !== 'INTERNAL' && Object.hasOwn(ERRORS, code)
    ? (code as ErrorCode)
    : 'STORE_UNAVAILABLE'
}
