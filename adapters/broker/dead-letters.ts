import type { Reject, SourceRecord } from '../../core/component.ts'
import type { DeadLetterSink } from '../../core/pipeline.ts'
import {
  DEAD_LETTERS,
  DEAD_LETTER_HEADERS as HEADER,
  HEADER_CORRELATION_ID,
  HEADER_PROJECT,
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
  return {
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
    timestamp_ms: record.timestamp_ms,
    bytes: record.value?.length ?? 0,
  }
}

const SCAN_BYTES = 4 << 20

/** Every letter once, oldest first: a letter written twice (a crash before the commit) has one id. */
export async function* scanDeadLetters(broker: Broker): AsyncGenerator<{ letter: DeadLetter; value: Buffer }> {
  const seen = new Set<string>()
  for (const { partition, start, end } of await broker.offsets(DEAD_LETTERS.name)) {
    let next = start
    while (next < end) {
      const records = await broker.fetch(DEAD_LETTERS.name, partition, next, { end, max_bytes: SCAN_BYTES })
      if (records.length === 0) break
      for (const record of records) {
        const letter = readDeadLetter(record)
        if (seen.has(letter.dead_letter_id)) continue
        seen.add(letter.dead_letter_id)
        yield { letter, value: record.value ?? Buffer.alloc(0) }
      }
      next = records.at(-1)!.offset + 1n
    }
  }
}
