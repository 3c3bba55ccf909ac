import { systemClock } from '../core/clock.ts'
import { CodedError, ERRORS, type ErrorCode, isRetryable } from '../core/errors.ts'
import { adminUrl, dataDirHeaders } from './admin-request.ts'
import type { Config } from './config.ts'
import { writesOf } from './operations/operation-places.ts'
import type { SupervisorHealth } from './supervisor/supervisor.ts'

const ANSWER_MS = 120_000
const PATIENCE_MS = 15_000
const PAUSE_MS = 250

/**
 * Asks the instance on this machine for one operation: the running one over its admin port, or, where nothing runs, the
 * data directory itself. Throws a CodedError with what it says, and NOT_RUNNING where something else listens.
 */
export async function operate<Answer>(config: Config, name: string, body: object = {}): Promise<Answer> {
  try {
    const asked = await operateRunning<Answer>(config, name, body)
    if (asked !== undefined) return asked
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'INSTANCE_MISMATCH')) throw error
    process.stderr.write(
      `Another instance answers at ${adminUrl(config)}, ${error.message}; looking into ${config.data_dir}.\n`,
    )
  }
  // Loaded where nothing runs only: an instance is asked without log, judges and store.
  const { lookOffline } = await import('./offline.ts')
  return lookOffline(config, ({ operations }) => operations[name]!(body), writesOf(name)) as Promise<Answer>
}

/** The same of a running instance only; undefined where nothing runs. */
export async function operateRunning<Answer>(config: Config, name: string, body: object): Promise<Answer | undefined> {
  const asked = { body, headers: dataDirHeaders(config) }
  return (await askRunning<{ answer: Answer }>(adminUrl(config), `/operations/${name}`, asked))?.answer
}

/**
 * As `operateRunning`, and patient with a process that was killed in the middle: it is back within the patience. For what
 * is safe to ask twice.
 */
export async function operatePatiently<Answer>(
  config: Config,
  name: string,
  body: object,
): Promise<Answer | undefined> {
  const deadline = systemClock.monotonic() + PATIENCE_MS
  for (;;) {
    try {
      return await operateRunning<Answer>(config, name, body)
    } catch (error) {
      if (!isRetryable(error) || systemClock.monotonic() > deadline) throw error
      await systemClock.sleep(PAUSE_MS)
    }
  }
}

/** The same of the instance whose admin port is at `url`. Throws STORE_UNAVAILABLE where nothing listens there. */
export async function operateAt<Answer>(url: string, name: string, body: object = {}): Promise<Answer> {
  const asked = await askRunning<{ answer: Answer }>(url, `/operations/${name}`, { body, headers: {} })
  if (asked === undefined) throw new CodedError('STORE_UNAVAILABLE', `Nothing listens at ${url}.`)
  return asked.answer
}

/** Whether an instance runs here. Throws NOT_RUNNING where something else listens on its admin port. */
export async function isRunning(config: Config): Promise<boolean> {
  return (await askRunning(adminUrl(config), '/health')) !== undefined
}

/** What each process of the running instance says of itself; [] where nothing runs. */
export async function askProcesses(config: Config): Promise<SupervisorHealth['processes']> {
  return (await askRunning<SupervisorHealth>(adminUrl(config), '/ready'))?.processes ?? []
}

/** undefined where nothing listens. */
async function askRunning<Answer>(
  url: string,
  path: string,
  asked?: { body: object; headers: Readonly<Record<string, string>> },
): Promise<Answer | undefined> {
  let response: Response
  let answer: (Answer & { readonly title?: unknown; readonly code?: unknown }) | undefined
  try {
    response = await fetch(`${url}${path}`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(asked && {
        method: 'POST',
        body: JSON.stringify(asked.body),
        headers: { 'content-type': 'application/json', ...asked.headers },
      }),
    })
    answer = (await response.json()) as typeof answer
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    if (cause?.code === 'ECONNREFUSED') return undefined
    throw notOurs(url, cause?.code ?? cause?.message ?? message)
  }
  // What /ready says of each process is the answer, well or not.
  if (response.ok || (path === '/ready' && response.status === 503)) return answer
  if (typeof answer?.title !== 'string') throw notOurs(url, `status ${response.status}`)
  const code = codeOf(response.status, answer.code)
  // A refusal of ours says it all; anything else is told with where it comes from.
  throw new CodedError(
    code,
    code === answer.code ? answer.title : `${url} answered ${response.status}: ${answer.title}`,
  )
}

function notOurs(url: string, reason: string): CodedError {
  const message = `${url} does not answer as the admin port of EvalForge does (${reason}).`
  return new CodedError('NOT_RUNNING', message)
}

function codeOf(status: number, code: unknown): ErrorCode {
  if (typeof code === 'string' && code !== 'INTERNAL' && Object.hasOwn(ERRORS, code)) return code as ErrorCode
  return status < 500 ? 'CONFIG_INVALID' : 'STORE_UNAVAILABLE'
}
