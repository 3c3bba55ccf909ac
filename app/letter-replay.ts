import type { Broker, LogRecord, OutgoingRecord, RecordPosition } from '../adapters/broker/broker.ts'
import { type DeadLetter, type LetterPlace, type ReadLetter, readLetters } from '../adapters/broker/dead-letters.ts'
import { findReplays, replayRecord } from '../adapters/broker/replays.ts'
import type { Clock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import {
  HEADER_CORRELATION_ID,
  HEADER_PROJECT,
  HEADER_REPLAY_OF,
  HEADER_TRANSPORT,
  OTLP_LOGS,
  OTLP_SPANS,
  REPLAYS,
} from '../schemas/topics.ts'
import { shiftLetter } from './letter-times.ts'

/** Which letters are meant; what is empty says nothing. */
export interface LetterSelection {
  readonly ids: readonly string[]
  readonly code: string
  readonly project: string
  /** Written at or after, ms since 1970; 0: any. */
  readonly since_ms: number
}

export interface ReplayOptions {
  readonly broker: Broker
  readonly selection: LetterSelection
  readonly shift: boolean
  /** Those that were replayed before as well. */
  readonly again: boolean
  readonly dry_run: boolean
  readonly retention_ms: number
  readonly clock: Clock
}

/** Longest stretch of work before senders get their turn: this runs where they are answered. */
const SLICE_MS = 5

/** What happened to the letters of one read. Counts are letters. */
export interface ReplayPage {
  readonly read: number
  readonly selected_ids: readonly string[]
  readonly replayed: number
  readonly shifted: number
  readonly bytes: number
  readonly already_replayed: number
  /** No request: no time of it can be moved; or the remains of a damaged record. */
  readonly unreadable: number
  /** Larger than a record may be, with what a replay adds. */
  readonly too_large: number
  /** Where the last replayed records lie, for who waits for them. */
  readonly appended: readonly { readonly partition: number; readonly offset: string }[]
}

export function isSelected(letter: DeadLetter, { ids, code, project, since_ms }: LetterSelection): boolean {
  if (ids.length > 0 && !ids.includes(letter.dead_letter_id)) return false
  if (code !== '' && letter.code !== code) return false
  return (project === '' || letter.project === project) && letter.timestamp_ms >= since_ms
}

/** What a letter on another topic says is found again by who wrote it. */
const REPLAYABLE: readonly string[] = [OTLP_SPANS.name, OTLP_LOGS.name]

/**
 * Puts the chosen letters of one read back on the topic of the collectors they came from, under their project and the name of the letter, and notes each
 * on topic `replays`. A crash in between replays some again, which gives the same spans: they collapse in the tables.
 */
export async function replayLetters(
  places: readonly LetterPlace[],
  options: ReplayOptions,
): Promise<{ page: ReplayPage; next: readonly LetterPlace[] | null }> {
  const { broker, selection, clock } = options
  const { letters, next } = await readLetters(broker, places)
  const chosen = new Map<string, ReadLetter>()
  for (const read of letters)
    if (REPLAYABLE.includes(read.letter.source_topic) && isSelected(read.letter, selection))
      if (!chosen.has(read.letter.dead_letter_id)) chosen.set(read.letter.dead_letter_id, read)
  const before = options.again ? new Map() : await findReplays(broker, new Set(chosen.keys()))
  const sourceOf = createSourceReader(broker)
  const fresh: FreshRecord[] = []
  let unreadable = 0
  let slice_start = clock.monotonic()
  for (const [id, read] of chosen) {
    if (before.has(id)) continue
    if (clock.monotonic() - slice_start > SLICE_MS) {
      await clock.sleep(0)
      slice_start = clock.monotonic()
    }
    // What stands where a record was damaged is no request, and says nothing of whose it was.
    const made = read.letter.code === 'LOG_CORRUPT' ? null : await freshRecord(read, { ...options, sourceOf })
    if (made === null) unreadable++
    else fresh.push(made)
  }
  const done = options.dry_run ? fresh.map((made) => ({ ...made, place: null })) : await append(broker, fresh)
  const appended = new Map<number, bigint>()
  for (const { place, topic } of done)
    if (place && topic === OTLP_SPANS.name) appended.set(place.partition, place.offset)
  const page: ReplayPage = {
    read: letters.length,
    selected_ids: selection.ids.length > 0 ? [...chosen.keys()] : [],
    already_replayed: before.size,
    replayed: done.length,
    shifted: done.filter(({ shift_ms }) => shift_ms !== null).length,
    bytes: done.reduce((sum, { record }) => sum + (record.value?.length ?? 0), 0),
    unreadable,
    too_large: fresh.length - done.length,
    appended: [...appended].map(([partition, offset]) => ({ partition, offset: String(offset) })),
  }
  return { page, next }
}

interface FreshRecord {
  readonly dead_letter_id: string
  /** Where it lay, and lies again. */
  readonly topic: string
  readonly record: OutgoingRecord
  /** null: its times were left alone. */
  readonly shift_ms: number | null
}

/** Appends them, then notes each; those that are too large for a record are left out. */
async function append(broker: Broker, fresh: readonly FreshRecord[]) {
  const done: (FreshRecord & { readonly place: RecordPosition })[] = []
  for (const [topic, some] of Map.groupBy(fresh, (made) => made.topic)) {
    const records = some.map(({ record }) => record)
    const places = await produceFitting(broker, topic, records)
    for (const [index, made] of some.entries()) if (places[index]) done.push({ ...made, place: places[index] })
  }
  const notes = done.map(({ dead_letter_id, topic, shift_ms, place: { partition, offset } }) =>
    replayRecord({
      dead_letter_id,
      topic,
      partition,
      offset: String(offset),
      shift_ms: shift_ms ?? 0,
    }),
  )
  await broker.produce(REPLAYS.name, notes)
  return done
}

async function produceFitting(
  broker: Broker,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<readonly (RecordPosition | null)[]> {
  try {
    return await broker.produce(topic, records)
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'RECORD_INVALID')) throw error
    if (records.length === 1) return [null]
  }
  const places: (RecordPosition | null)[] = []
  for (const record of records) places.push(...(await produceFitting(broker, topic, [record])))
  return places
}

type SourceReader = (letter: DeadLetter) => Promise<LogRecord | null>

async function freshRecord(
  { letter, record }: ReadLetter,
  options: ReplayOptions & { readonly sourceOf: SourceReader },
): Promise<FreshRecord | null> {
  const value = record.value ?? Buffer.alloc(0)
  const headers = {
    [HEADER_PROJECT]: letter.project,
    [HEADER_TRANSPORT]: record.headers[HEADER_TRANSPORT] ?? '',
    ...(letter.correlation_id !== '' && { [HEADER_CORRELATION_ID]: letter.correlation_id }),
    [HEADER_REPLAY_OF]: letter.replay_of || letter.dead_letter_id,
  }
  const { dead_letter_id, source_topic: topic } = letter
  if (!options.shift) return { dead_letter_id, topic, record: { key: null, value, headers }, shift_ms: null }
  const { retention_ms, clock } = options
  const source = await options.sourceOf(letter)
  const shifted = shiftLetter(value, letter, { source, earliest_ms: clock.now() - retention_ms, retention_ms })
  if (shifted === null) return null
  const { body, shift_ms } = shifted
  return {
    dead_letter_id,
    topic,
    record: { key: null, value: Buffer.from(body.buffer, body.byteOffset, body.length), headers },
    shift_ms,
  }
}

/** The record a letter is of. Letters of one record follow each other: the last one read is kept. */
function createSourceReader(broker: Broker): SourceReader {
  let last: { readonly place: string; readonly record: LogRecord | null } | undefined
  return async function readSource({ source_topic, source_partition, source_offset }) {
    const place = `${source_topic}/${source_partition}/${source_offset}`
    if (last?.place !== place) {
      const start = BigInt(source_offset)
      const read = broker.fetch(source_topic, source_partition, start, { end: start + 1n, max_bytes: 1 })
      last = { place, record: await read.then((records) => records[0] ?? null, noneWhenGone) }
    }
    return last.record
  }
}

function noneWhenGone(error: unknown): null {
  if (error instanceof CodedError && (error.code === 'OFFSET_OUT_OF_RANGE' || error.code === 'LOG_CORRUPT')) return null
  throw error
}
