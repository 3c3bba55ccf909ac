import type { Reject, SourceRecord } from '../../core/component.ts'
import type { DeadLetterSink } from '../../core/pipeline.ts'
import {
  DEAD_LETTERS,
  DEAD_LETTER_HEADERS as HEADER,
  HEADER_CORRELATION_ID,
  HEADER_PROJECT,
  HEADER_REPLAY_OF,
  HEADER_TRANSPORT,
} from '../../schemas/topics.ts'
import type { Broker, LogRecord } from './broker.ts'

export interface DeadLetter {
  readonly dead_letter_id: string
  readonly code: string
  readonly message: string
  readonly component: string
  readonly project: string
  readonly source_topic: string
  readonly source_partition: number
  readonly source_offset: string
  /** What the request it came with was called; '' for records of earlier releases. */
  readonly correlation_id: string
  /** The letter that this one was before it was replayed; '' where it is the first. */
  readonly replay_of: string
  /** When the letter was written, ms since 1970. */
  readonly timestamp_ms: number
  readonly bytes: number
}

export interface DeadLetterCounter {
  inc(labels: { component: string; code: string }): void
}

/** Keeps what cannot be used on topic dead_letters: original bytes as value, the reason in headers. */
export function createDeadLetters(broker: Broker, counter: DeadLetterCounter): DeadLetterSink {
  return {
    async deliver(rejects, record) {
      await broker.produce(
        DEAD_LETTERS.name,
        rejects.map((reject) => ({ key: null, value: asBuffer(reject.value), headers: headersOf(reject, record) })),
      )
      for (const { component, code } of rejects) counter.inc({ component, code })
    },
  }
}

function headersOf(reject: Reject, record: SourceRecord): Record<string, string> {
  const replay_of = record.headers[HEADER_REPLAY_OF]
  return {
    ...(replay_of !== undefined && { [HEADER_REPLAY_OF]: replay_of }),
    [HEADER_PROJECT]: record.headers[HEADER_PROJECT] ?? '',
    [HEADER_TRANSPORT]: record.headers[HEADER_TRANSPORT] ?? '',
    [HEADER_CORRELATION_ID]: record.headers[HEADER_CORRELATION_ID] ?? '',
    [HEADER.id]: `${record.topic}:${record.partition}:${record.offset}:${reject.index}`,
    [HEADER.code]: reject.code,
    [HEADER.message]: reject.message,
    [HEADER.component]: reject.component,
    [HEADER.topic]: record.topic,
    [HEADER.partition]: String(record.partition),
    [HEADER.offset]: String(record.offset),
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function readDeadLetter(record: LogRecord): DeadLetter {
  const { headers } = record
  return {
    dead_letter_id: headers[HEADER.id] ?? '',
    code: headers[HEADER.code] ?? '',
    message: headers[HEADER.message] ?? '',
    component: headers[HEADER.component] ?? '',
    project: headers[HEADER_PROJECT] ?? '',
    source_topic: headers[HEADER.topic] ?? '',
    source_partition: Number(headers[HEADER.partition] ?? -1),
    source_offset: headers[HEADER.offset] ?? '',
    correlation_id: headers[HEADER_CORRELATION_ID] ?? '',
    replay_of: headers[HEADER_REPLAY_OF] ?? '',
    timestamp_ms: record.timestamp_ms,
    bytes: record.value?.length ?? 0,
  }
}

const SCAN_BYTES = 4 << 20

export interface ReadLetter {
  readonly letter: DeadLetter
  readonly record: LogRecord
}

/** Where a look through all letters stands on a partition: letters of [next, end) are still to come. */
export interface LetterPlace {
  readonly partition: number
  readonly next: bigint
  readonly end: bigint
}

export async function letterPlaces(broker: Broker): Promise<readonly LetterPlace[]> {
  const places = await broker.offsets(DEAD_LETTERS.name)
  return places.map(({ partition, start, end }) => ({ partition, next: start, end }))
}

/** The letters of one read, and where to go on; `next` null at the end. A partition is read up to its `end`, then the next. */
export async function readLetters(
  broker: Broker,
  places: readonly LetterPlace[],
): Promise<{ letters: readonly ReadLetter[]; next: readonly LetterPlace[] | null }> {
  const [place, ...rest] = places.filter(({ next, end }) => next < end)
  if (place === undefined) return { letters: [], next: null }
  const { partition, next, end } = place
  const records = await broker.fetch(DEAD_LETTERS.name, partition, next, { end, max_bytes: SCAN_BYTES })
  const letters = records.map((record) => ({ letter: readDeadLetter(record), record }))
  const last = records.at(-1)
  const left = last === undefined || last.offset + 1n >= end ? rest : [{ ...place, next: last.offset + 1n }, ...rest]
  return { letters, next: left.length > 0 ? left : null }
}

/** Every letter once: a letter written twice (a crash before the commit) has one id. */
export async function* scanDeadLetters(broker: Broker): AsyncGenerator<ReadLetter> {
  const seen = new Set<string>()
  let places: readonly LetterPlace[] | null = await letterPlaces(broker)
  while (places !== null) {
    const page: Awaited<ReturnType<typeof readLetters>> = await readLetters(broker, places)
    for (const read of page.letters) {
      if (seen.has(read.letter.dead_letter_id)) continue
      seen.add(read.letter.dead_letter_id)
      yield read
    }
    places = page.next
  }
}
