import { type ApiKeyEntry, type KeyScope, keyId, projectName } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig, parseConfig } from '../config.ts'
import { confirmationOf } from '../config-confirmation.ts'
import type { ConfigOutcome } from '../config-control.ts'
import { type ChangedConfig, changeConfigFile } from '../config-file.ts'
import { formatTable } from '../demo/print.ts'
import { addEntry, findEntry, keysOf, type MadeKey, makeKey, removeEntry, replaceEntry, timeOf } from '../key-file.ts'
import { askProcesses, operatePatiently } from '../operate.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const UNITS = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
] as const

export interface CreateOptions {
  readonly project: string
  readonly name: string
  readonly expires_in_ms?: number
  readonly scopes?: readonly KeyScope[]
}

/** Adds the hash to the file, keeping its comments and order; the key itself is shown once and kept nowhere. */
export async function createKey(context: CommandContext, options: CreateOptions): Promise<void> {
  const project = projectName.safeParse(options.project)
  if (!project.success)
    throw new CodedError(
      'REQUEST_INVALID',
      `${options.project} is not a project name. ${project.error.issues[0]?.message ?? ''}`,
    )
  const { path } = context.file
  const now = systemClock.now()
  const { expires_in_ms, scopes, name } = options
  const changed = changeConfigFile(path, (document) => {
    const { entries } = keysOf(document, path)
    const made = makeKey(
      {
        name,
        project: project.data,
        ...(expires_in_ms !== undefined && { expires_at: timeOf(now + expires_in_ms) }),
        ...(scopes && { scopes: [...scopes] }),
      },
      now,
    )
    addEntry(document, made.entry)
    return { made, first: entries === null }
  })
  const { made, first } = changed.result
  showKey(made)
  say(`Everything sent with it belongs to project ${project.data}; ${path} keeps its SHA-256 only.`)
  if (first) say('This is the first key: senders on this machine that had no key until now need one from now on.')
  await tellRunning(context, changed)
  say(`Set in the sending app:\n  OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${made.key.slice(0, 6)}…"`)
}

/** Makes a key of the same rights, and as long a life, and lets the old one expire after the grace. */
export async function rotateKey(context: CommandContext, options: { id: string; grace_ms: number }): Promise<void> {
  const { path } = context.file
  const now = systemClock.now()
  const changed = changeConfigFile(path, (document) => {
    const { index, entry } = findEntry(keysOf(document, path).entries ?? [], options.id)
    if (entry.replaced_by !== undefined)
      throw new CodedError(
        'KEY_REPLACED',
        `${keyId(entry.sha256)} was rotated before; ${entry.replaced_by} is in its place.`,
      )
    const { sha256: _, created_at: __, expires_at: ___, ...rights } = entry
    const life_ms = lifeOf(entry)
    const made = makeKey({ ...rights, ...(life_ms !== null && { expires_at: timeOf(now + life_ms) }) }, now)
    const ends = Math.min(now + options.grace_ms, entry.expires_at ? Date.parse(entry.expires_at) : Infinity)
    replaceEntry(document, index, { by: keyId(made.entry.sha256), expires_at: timeOf(ends) })
    addEntry(document, made.entry)
    return { made, old: keyId(entry.sha256), ends }
  })
  const { made, old, ends } = changed.result
  showKey(made)
  say(`It may do what ${old} may. ${old} ${ends > now ? `works until ${timeOf(ends)}` : 'works no more'}.`)
  if (made.entry.expires_at)
    say(`The new key expires at ${made.entry.expires_at}, after as long a life as the old one had.`)
  await tellRunning(context, changed)
}

export async function revokeKey(context: CommandContext, { id }: { id: string }): Promise<void> {
  const { path } = context.file
  const changed = changeConfigFile(path, (document) => {
    const entries = keysOf(document, path).entries ?? []
    const { index, entry } = findEntry(entries, id)
    removeEntry(document, index)
    return { entry, left: entries.length - 1 }
  })
  const { entry, left } = changed.result
  console.log(`Revoked ${keyId(entry.sha256)} of project ${entry.project}.`)
  if (left === 0)
    say(
      'No key is left: nobody can send until there is one. ' +
        `To let this machine send without keys again, remove \`keys\` from ${path} and restart.`,
    )
  await tellRunning(context, changed)
}

export async function listKeys(context: CommandContext, { json = false }: { json?: boolean } = {}): Promise<void> {
  const { keys } = loadConfig(context.file, context.overrides)
  const now = systemClock.now()
  if (json) {
    const listed = (keys ?? []).map(({ sha256, ...entry }) => ({
      id: keyId(sha256),
      ...entry,
      state: stateOf(entry.expires_at, now),
    }))
    console.log(JSON.stringify({ keys_required: keys !== undefined, keys: listed }))
    return
  }
  if (keys === undefined)
    console.log('No keys: collectors listen on loopback only, and everything belongs to project default.')
  else if (keys.length === 0)
    console.log('No key is left: nobody can send. `evalforge keys create <project>` makes one.')
  else console.log(tableOf(keys, now))
}

function tableOf(keys: readonly ApiKeyEntry[], now: number): string {
  const day = (time: string | undefined, otherwise: string) => time?.slice(0, 16).replace('T', ' ') ?? otherwise
  return formatTable(
    ['id', 'project', 'scopes', 'created', 'expires', 'state', 'name'],
    keys.map(({ sha256, project, scopes, created_at, expires_at, name }) => [
      keyId(sha256),
      project,
      scopes?.join(', ') ?? 'all',
      day(created_at, '-'),
      day(expires_at, 'never'),
      stateOf(expires_at, now),
      name ?? '',
    ]),
    ['left', 'left', 'left', 'left', 'left', 'left', 'left'],
  )
}

function stateOf(expires_at: string | undefined, now: number): string {
  if (expires_at === undefined) return 'active'
  const left_ms = Date.parse(expires_at) - now
  if (left_ms <= 0) return 'expired'
  if (left_ms > 14 * DAY_MS) return 'active'
  const [unit_ms, unit] = UNITS.find(([ms]) => left_ms >= 2 * ms) ?? [MINUTE_MS, 'min']
  return `expires in ${Math.max(1, Math.floor(left_ms / unit_ms))} ${unit}`
}

/** null where it never expires, or nobody knows when it was made. */
function lifeOf({ created_at, expires_at }: ApiKeyEntry): number | null {
  if (created_at === undefined || expires_at === undefined) return null
  return Math.max(0, Date.parse(expires_at) - Date.parse(created_at))
}

function showKey({ key }: MadeKey): void {
  console.log(key)
  say('\nThis key is shown once.')
}

/** Beside what a script reads from stdout. */
function say(text: string): void {
  console.error(text)
}

/**
 * The running instance follows at once; where none runs, the next start reads the file. Throws KEYS_NOT_APPLIED where it
 * goes by its old keys, or by nobody knows which.
 */
async function tellRunning(context: CommandContext, { values }: ChangedConfig<unknown>): Promise<void> {
  const config = parseConfig(values, context.overrides, context.file.path)
  const body = { data_dir: config.data_dir, values }
  const told = await operatePatiently<ConfigOutcome>(config, 'keys_apply', body).catch((cause: Error) => {
    throw notApplied(context, cause.message, { cause })
  })
  if (told === undefined) return say('Nothing runs here: it holds from the next start.')
  const ask = () => askProcesses(config)
  const waiting = await confirmationOf(told.sequence, { ask, clock: systemClock })
  if (waiting.length > 0) throw notApplied(context, `${waiting.join(' and ')} did not confirm it.`)
  say('The running instance goes by it now.')
}

function notApplied({ file }: CommandContext, why: string, options?: ErrorOptions): CodedError {
  return new CodedError('KEYS_NOT_APPLIED', `${file.path} is changed, but the running instance is not: ${why}`, options)
}
