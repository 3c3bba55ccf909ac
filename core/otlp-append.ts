import { OTLP_LOGS, OTLP_SPANS } from '../schemas/topics.ts'
import type { Ticket } from './admission.ts'
import { CodedError, ERRORS } from './errors.ts'
import type { Signal } from './otlp-body.ts'

/** A long append goes to the log in pieces, so that those of other projects come in between. */
const PIECE_BYTES = 1 << 20

export interface IntakeRecord {
  readonly key: null
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

type Append = (topic: string, records: readonly IntakeRecord[]) => Promise<unknown>

/**
 * Appends the records of one request, in turns with other projects. Resolves when all are durable; rejects with an error
 * that asks to send again, whatever went wrong: the request itself is good.
 */
export function createOtlpAppend(append: Append) {
  return async function appendRecords(signal: Signal, records: readonly IntakeRecord[], ticket: Ticket): Promise<void> {
    const topic = signal === 'traces' ? OTLP_SPANS.name : OTLP_LOGS.name
    try {
      for (const piece of pieces(records)) await ticket.append(sizeOf(piece), () => append(topic, piece))
    } catch (cause) {
      const temporary = cause instanceof CodedError && cause.retry === 'later' && cause.code !== 'INTERNAL'
      const code = temporary ? cause.code : 'BROKER_FAILED'
      throw new CodedError(code, `${ERRORS[code].sentence} Appending to ${topic} failed.`, { cause })
    }
  }
}

function sizeOf(records: readonly IntakeRecord[]): number {
  return records.reduce((sum, { value }) => sum + value.length, 0)
}

/** In order; none is empty, and only one of a single record is larger than PIECE_BYTES. */
function pieces(records: readonly IntakeRecord[]): IntakeRecord[][] {
  const cut: IntakeRecord[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const record of records) {
    bytes += record.value.length
    if (bytes > PIECE_BYTES) {
      cut.push([])
      bytes = record.value.length
    }
    cut.at(-1)!.push(record)
  }
  return cut
}
