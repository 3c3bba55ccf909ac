import { systemClock } from '../../core/clock.ts'
import { CodedError, isRetryable } from '../../core/errors.ts'
import { DEAD_LETTERS, OTLP_SPANS } from '../../schemas/topics.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, loadConfig } from '../config.ts'
import { CONSUMER_GROUP } from '../consumer-group.ts'
import { isRunning, operate } from '../operate.ts'
import type { ListedLetters, ReplayAnswer, ShownLetter } from '../operations/dead-letters.ts'
import type { GroupState } from '../operations/groups.ts'
import { createDecoder } from './decoded.ts'
import { printable } from './printable.ts'
import { createProgress } from './progress.ts'

/** Which letters are meant. */
export interface LetterFlags {
  readonly code: string
  readonly project: string
  /** ms since 1970; absent: any. */
  readonly since?: number
}

const selectionOf = ({ code, project, since }: LetterFlags) => ({ code, project, since_ms: since ?? 0 })

export async function list(
  context: CommandContext,
  options: LetterFlags & { waiting: boolean; limit: number; json: boolean },
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const { limit, waiting } = options
  const found = await operate<ListedLetters>(config, 'dead_letters', { limit, waiting, ...selectionOf(options) })
  if (options.json) {
    for (const letter of found.letters) console.log(JSON.stringify(letter))
    return
  }
  if (found.total === 0) {
    const all = !waiting && options.code === '' && options.project === '' && options.since === undefined
    console.log(all ? 'No dead letters: everything acknowledged was understood.' : 'No dead letters like this.')
    return
  }
  for (const letter of found.letters)
    console.log(
      [
        new Date(letter.timestamp_ms).toISOString(),
        letter.project,
        letter.code.padEnd(22),
        `${letter.bytes} B`.padStart(9),
        letter.dead_letter_id,
        ...(letter.replayed ? ['replayed'] : []),
        ...(letter.replay_of === '' ? [] : [`was ${letter.replay_of}`]),
      ].join('  '),
    )
  console.log(`\n${found.letters.length} of ${found.total}: ${describeCodes(found.codes)}.`)
  console.log('Look at one: evalforge dead-letters show <id>. Try again: evalforge dead-letters replay --help')
}

function describeCodes(codes: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(codes).sort(([, a], [, b]) => b - a)
  return sorted.map(([code, count]) => `${count} ${code}`).join(', ')
}

export async function show(context: CommandContext, options: { id: string; raw: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const letter = await operate<ShownLetter | null>(config, 'dead_letter', { id: options.id })
  if (!letter) {
    console.error(`There is no dead letter ${options.id}. \`evalforge dead-letters list\` shows their ids.`)
    process.exitCode = 1
    return
  }
  const bytes = Buffer.from(letter.value_base64, 'base64')
  if (options.raw) {
    process.stdout.write(bytes)
    return
  }
  const { value_base64, timestamp_ms, ...facts } = letter
  const lines = { ...facts, written_at: new Date(timestamp_ms).toISOString(), replayed: facts.replayed ? 'yes' : 'no' }
  for (const [name, value] of Object.entries(lines))
    if (value !== '') console.log(`${name.padEnd(18)} ${String(value)}`)
  const decoded = createDecoder(DEAD_LETTERS.name)(bytes)
  console.log(
    `\n${decoded === undefined ? bytes.subarray(0, 1024).toString('hex') : printable(JSON.stringify(decoded, null, 2), '\n')}`,
  )
}

export interface ReplayFlags extends LetterFlags {
  readonly ids: readonly string[]
  readonly all: boolean
  readonly shift: boolean
  readonly again: boolean
  readonly dryRun: boolean
  readonly json: boolean
}

const NOTHING = {
  replayed: 0,
  shifted: 0,
  already_replayed: 0,
  unreadable: 0,
  too_large: 0,
  bytes: 0,
}

/** Exit code 1 when a named letter is not there, one could not be replayed, or one became a letter again. */
export async function replay(context: CommandContext, options: ReplayFlags): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const { ids, all, code, project, since, shift, again, dryRun: dry_run } = options
  if (!all && ids.length === 0 && code === '' && project === '' && since === undefined)
    throw new CodedError('REQUEST_INVALID', 'Say which letters: their ids, --code, --project, --since, or --all.')
  const started = systemClock.now()
  const progress = createProgress(!options.json)
  const counts = { ...NOTHING }
  const seen = new Set<string>()
  const appended = new Map<number, bigint>()
  let stopped: CodedError | null = null
  let cursor: ReplayAnswer['cursor'] = null
  do {
    const body: object = { ids, ...selectionOf(options), shift, again, dry_run, cursor }
    const answer = await operate<ReplayAnswer>(config, 'dead_letters_replay', body).catch((error: unknown) => {
      if (!isRetryable(error)) throw error
      return error as CodedError
    })
    if (answer instanceof CodedError) {
      stopped = answer
      break
    }
    for (const name of Object.keys(counts) as (keyof typeof NOTHING)[]) counts[name] += answer[name]
    for (const id of answer.selected_ids) seen.add(id)
    for (const { partition, offset } of answer.appended) appended.set(partition, BigInt(offset))
    progress.show(`${counts.replayed} replayed, ${answer.left} letters to go`)
    cursor = answer.cursor
  } while (cursor !== null)
  const again_dead = await lettersAgain(config, { appended, started, progress })
  progress.clear()
  const missing = stopped ? [] : ids.filter((id) => !seen.has(id))
  if (options.json) console.log(JSON.stringify({ ...counts, dry_run, missing, again: again_dead }))
  else describeReplay({ ...counts, dry_run, shift, missing, again: again_dead })
  if (stopped) throw stopped
  const failed = again_dead === null ? 0 : again_dead.total
  if (missing.length + counts.unreadable + counts.too_large + failed > 0) process.exitCode = 1
}

const WAIT_MS = 120_000
const POLL_MS = 200

/** What became a letter again; null where nothing runs that would have read it, or it does not get there in time. */
async function lettersAgain(
  config: Config,
  options: { appended: ReadonlyMap<number, bigint>; started: number; progress: { show(text: string): void } },
): Promise<{ total: number; codes: ListedLetters['codes'] } | null> {
  const { appended, started, progress } = options
  if (appended.size === 0) return { total: 0, codes: {} }
  if (!(await isRunning(config))) return null
  const isPast = ({ group, topic, partition, committed }: GroupState) =>
    group !== CONSUMER_GROUP || topic !== OTLP_SPANS.name || BigInt(committed ?? 0) > (appended.get(partition) ?? -1n)
  for (const deadline = systemClock.monotonic() + WAIT_MS; ; await systemClock.sleep(POLL_MS)) {
    if ((await operate<readonly GroupState[]>(config, 'groups')).every(isPast)) break
    if (systemClock.monotonic() > deadline) return null
    progress.show('waiting until they are judged and stored')
  }
  const asked = { limit: 0, since_ms: started, replays: true }
  const { total, codes } = await operate<ListedLetters>(config, 'dead_letters', asked)
  return { total, codes }
}

interface ReplayResult {
  readonly replayed: number
  readonly shifted: number
  readonly already_replayed: number
  readonly unreadable: number
  readonly too_large: number
  readonly bytes: number
  readonly dry_run: boolean
  readonly shift: boolean
  readonly missing: readonly string[]
  readonly again: { readonly total: number; readonly codes: ListedLetters['codes'] } | null
}

function describeReplay(result: ReplayResult): void {
  const letters = (count: number) => `${count} letter${count === 1 ? '' : 's'}`
  const moved = result.shifted > 0 ? ', their times moved' : ''
  console.log(
    `${letters(result.replayed)} ${result.dry_run ? 'would be replayed' : 'replayed'} (${result.bytes} bytes${moved}).`,
  )
  if (result.already_replayed > 0)
    console.log(`${letters(result.already_replayed)} left out: replayed before (--again does it once more).`)
  if (result.unreadable > 0)
    console.log(
      `${letters(result.unreadable)} left out: no OTLP request, so that there is no time to move, or nothing to judge.`,
    )
  if (result.too_large > 0) console.log(`${letters(result.too_large)} left out: too large for one record.`)
  for (const id of result.missing) console.log(`There is no dead letter ${id}.`)
  if (result.dry_run || result.replayed === 0) return
  if (result.again === null) console.log('They are judged and stored as soon as EvalForge runs and gets to them.')
  else if (result.again.total === 0) console.log('All of them were judged and stored.')
  else {
    console.log(
      `${letters(result.again.total)} came back: ${describeCodes(result.again.codes)}. They name the letter they were.`,
    )
    if (!result.shift && Object.keys(result.again.codes).some((code) => code.startsWith('TIMESTAMP_')))
      console.log('Times out of range stay so: --shift moves them to when they were received.')
  }
}
