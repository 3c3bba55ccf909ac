import type { LogRecord } from '../adapters/broker/broker.ts'
import type { DeadLetter } from '../adapters/broker/dead-letters.ts'
import { OtlpSyntaxError } from '../schemas/otlp/errors.ts'
import type { OtlpSpan } from '../schemas/otlp/otlp.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { setMissingTimes } from '../schemas/otlp/set-times.ts'
import { shiftTimes } from '../schemas/otlp/shift.ts'

const NS_PER_MS = 1_000_000n
const DAY_MS = 86_400_000

export interface ShiftOptions {
  /** The record that the letter is of; null where retention took it. */
  readonly source: LogRecord | null
  /** Spans that start before this are refused, ms since 1970. */
  readonly earliest_ms: number
  /** Spans that start this long before the append are refused when they arrive. */
  readonly retention_ms: number
}

export interface ShiftedLetter {
  readonly body: Uint8Array
  readonly shift_ms: number
}

/**
 * The letter's request with its times moved so that its last span ends when it was received (where the original record is
 * gone: when the letter was written), and with that time where it had none. Spans of one record move by the same time as
 * far as they then lie within the retention, so that a trace keeps its shape. Equal whenever it is done: a second replay
 * gives the same spans. null for a letter that is no request.
 */
export function shiftLetter(value: Uint8Array, letter: DeadLetter, options: ShiftOptions): ShiftedLetter | null {
  const spans = spansOf(value)
  if (spans === null) return null
  const received = BigInt(options.source?.timestamp_ms ?? letter.timestamp_ms) * NS_PER_MS
  const timed = spans.filter((span) => endOf(span) !== 0n)
  if (timed.length === 0) return { body: setMissingTimes(value, received), shift_ms: 0 }
  const last = timed.reduce((latest, span) => larger(latest, endOf(span)), 0n)
  const first = timed.reduce((earliest, span) => smaller(earliest, startOf(span)), last)
  const common = options.source === null ? null : lastRefused(options.source, options.retention_ms)
  const together = common === null ? null : received - common
  const fits =
    together !== null && first + together >= BigInt(options.earliest_ms) * NS_PER_MS && last + together <= received
  const shift = together !== null && fits ? together : received - last
  return { body: setMissingTimes(shiftTimes(value, shift), received), shift_ms: Number(shift / NS_PER_MS) }
}

/** The end of the last span of the record whose time was refused when it was received; null where there is none. */
function lastRefused(source: LogRecord, retention_ms: number): bigint | null {
  const earliest = BigInt(source.timestamp_ms - retention_ms) * NS_PER_MS
  const latest = BigInt(source.timestamp_ms + DAY_MS) * NS_PER_MS
  let last: bigint | null = null
  for (const span of spansOf(source.value ?? new Uint8Array(0)) ?? []) {
    const start = startOf(span)
    if (start === 0n || (start >= earliest && start <= latest)) continue
    last = larger(last ?? 0n, endOf(span))
  }
  return last
}

function spansOf(body: Uint8Array): readonly OtlpSpan[] | null {
  try {
    return readTraces(body).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans))
  } catch (error) {
    if (error instanceof OtlpSyntaxError) return null
    throw error
  }
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b)
const smaller = (a: bigint, b: bigint) => (a < b ? a : b)
const startOf = ({ start_time_unix_nano: start, end_time_unix_nano: end }: OtlpSpan) => start || end
const endOf = ({ start_time_unix_nano: start, end_time_unix_nano: end }: OtlpSpan) => larger(start, end)
