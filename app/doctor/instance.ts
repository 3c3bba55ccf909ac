import { CodedError, ERRORS } from '../../core/errors.ts'
import { adminUrl, dataDirHeaders } from '../admin-request.ts'
import type { Config } from '../config.ts'
import type { SupervisorHealth } from '../supervisor/supervisor.ts'
import { type Finding, finding } from './check.ts'
import { describeHolder, type Holder, holderOf, isStopped } from './ports.ts'

/** What runs here, as it says itself; `hangs`: something holds the admin port and does not answer as ours. */
export type Instance =
  | { readonly state: 'absent' }
  | { readonly state: 'hangs'; readonly reason: string }
  /** It has another data directory than the one that is looked at. */
  | { readonly state: 'foreign'; readonly reason: string }
  | { readonly state: 'running'; readonly health: SupervisorHealth }

const READY_MS = 6_000
const ANSWER_MS = 15_000

/** Asks the admin port; throws what is wrong with the answer, or that there was none in time. */
export async function ask<Answer>(config: Config, path: string, body?: object): Promise<Answer> {
  const limit_ms = body ? ANSWER_MS : READY_MS
  const response = await fetch(`${adminUrl(config)}${path}`, {
    signal: AbortSignal.timeout(limit_ms),
    headers: { ...dataDirHeaders(config), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw error.name === 'TimeoutError' ? new Error(`no answer within ${limit_ms / 1000} s`) : error
  })
  const answer = (await response.json()) as Answer & { readonly title?: string; readonly code?: string }
  if (answer.code === 'INSTANCE_MISMATCH') throw new CodedError('INSTANCE_MISMATCH', answer.title)
  if (!response.ok && response.status !== 503) throw new Error(answer.title ?? `status ${response.status}`)
  if (!response.ok && body) throw new Error(answer.title ?? `status ${response.status}`)
  return answer
}

export async function findInstance(config: Config): Promise<Instance> {
  try {
    const health = await ask<SupervisorHealth>(config, '/ready')
    if (!Array.isArray(health.processes)) return { state: 'hangs', reason: 'it is not EvalForge' }
    return { state: 'running', health }
  } catch (error) {
    if (error instanceof CodedError) return { state: 'foreign', reason: error.message }
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    if (cause?.code === 'ECONNREFUSED') return { state: 'absent' }
    return { state: 'hangs', reason: cause?.code ?? message }
  }
}

/** Ports that the instance says it listens on. */
export function portsOf(config: Config, instance: Instance): ReadonlySet<number> {
  if (instance.state !== 'running') return new Set()
  const infos = instance.health.processes.flatMap(({ info }) => Object.values(info))
  const ports = infos.flatMap((info) => (info as { port?: unknown } | null)?.port ?? [])
  return new Set([config.admin.port, ...ports.filter((port) => typeof port === 'number')])
}

export function judgeInstance(config: Config, instance: Instance): readonly Finding[] {
  const name = 'instance'
  if (instance.state === 'absent') return [finding('ok', name, `nothing runs on ${adminUrl(config)}`)]
  if (instance.state === 'foreign') {
    const found = `another instance answers at ${adminUrl(config)}: ${instance.reason}`
    return [finding('warn', name, found, ERRORS.INSTANCE_MISMATCH.advice)]
  }
  if (instance.state === 'hangs') {
    const holder = holderOf(config.admin.port)
    const who = holder ? describeHolder(holder) : 'something'
    const found = `${who} holds ${adminUrl(config)} and gives no answer of ours: ${instance.reason}`
    return [finding('fail', name, found, whatToDo(holder))]
  }
  return instance.health.processes.map(judgeProcess)
}

function whatToDo(holder: Holder | null): string {
  if (holder?.stopped) return `It is stopped: kill -CONT ${holder.pid}.`
  if (holder && !holder.is_evalforge) return 'Stop it, or choose another admin.port.'
  return 'If it is EvalForge, look at its log, then kill -9 and start it again: nothing acknowledged is lost. Else choose another admin.port.'
}

function judgeProcess(one: SupervisorHealth['processes'][number]): Finding {
  const { role, pid, state, restarts, healthy, reason } = one
  const name = 'instance'
  const again = restarts > 0 ? `, started again ${restarts} times` : ''
  const found = `${role} (${pid ?? 'no process'}): ${healthy ? state : reason}${again}`
  if (healthy && restarts > 0)
    return finding('warn', name, found, 'Look in the log for why it ended ("a process ended", "fatal").')
  if (healthy) return finding(reason === '' ? 'ok' : 'warn', name, reason === '' ? found : `${found}; ${reason}`)
  if (pid !== null && isStopped(pid)) return finding('fail', name, found, `It is stopped: kill -CONT ${pid}.`)
  if (isSilent(one))
    return finding(
      'fail',
      name,
      found,
      `Mend what else is found first; if it alone hangs, kill -9 ${pid}: it is started again.`,
    )
  return finding('fail', name, found, 'Its log says more; docs/errors.md says what each code wants.')
}

export const isSilent = ({ healthy, reason }: { healthy: boolean; reason: string }) =>
  !healthy && reason.endsWith('does not answer')
