import { systemClock } from '../../core/clock.ts'
import { DEAD_LETTER_HEADERS, DEAD_LETTERS, HEADER_PROJECT } from '../../schemas/topics.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { operate, operateRunning } from '../operate.ts'
import type { TopicPage, TopicRecord } from '../operations/topics.ts'
import { createDecoder, type Decode } from './decoded.ts'
import { printable } from './printable.ts'

export interface TailOptions {
  readonly topic: string
  readonly project: string
  readonly partition?: number
  /** beginning, end, an offset, or a time in ms since 1970; absent: the last `limit` records. */
  readonly from?: 'beginning' | 'end' | { readonly offset: string } | { readonly time_ms: number }
  readonly follow: boolean
  /** Absent: the last 10, and with `from` all. */
  readonly limit?: number
  readonly json: boolean
  readonly raw: boolean
}

const LAST = 10
const PAGE_RECORDS = 500
const POLL_MS = 250

/** Prints records in the order they were appended, and with --follow what comes later, until Ctrl-C. */
export async function tail(context: CommandContext, options: TailOptions): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const { topic, project, partition = null, from, follow } = options
  const print = createPrinter(options)
  let left = options.limit ?? (from === undefined ? LAST : Number.POSITIVE_INFINITY)
  let place: object | string = from ?? { last: Math.min(left, 1000) }
  for (let first = true; left > 0; first = false) {
    const body = { topic, project, partition, from: place, limit: Math.min(left, PAGE_RECORDS) }
    // Nothing new comes while nothing runs, and the data directory stays free for who starts it.
    const page: TopicPage | undefined =
      first || !follow
        ? await operate<TopicPage>(config, 'topic_read', body)
        : await operateRunning<TopicPage>(config, 'topic_read', body)
    for (const record of page?.records ?? []) await print(record)
    if (page !== undefined) place = { cursor: page.cursor }
    if (from !== undefined || !first) left -= page?.records.length ?? 0
    if (from === undefined && first) left = follow ? (options.limit === undefined ? Number.POSITIVE_INFINITY : 0) : 0
    if (page !== undefined && !page.caught_up) continue
    if (!follow) return
    await systemClock.sleep(POLL_MS)
  }
}

function createPrinter(options: TailOptions): (record: TopicRecord) => Promise<void> {
  const decode = createDecoder(options.topic)
  return async function print(record) {
    const value = record.value_base64 === null ? null : Buffer.from(record.value_base64, 'base64')
    if (options.raw) return write(value ?? Buffer.alloc(0))
    await write(
      `${options.json ? JSON.stringify(asJson(record, decode, value)) : asText(options.topic, record, { decode, value })}\n`,
    )
  }
}

/** Waits for a reader that is slower than we are. */
async function write(output: string | Buffer): Promise<void> {
  if (!process.stdout.write(output)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}

function asJson({ key_base64, value_base64, ...record }: TopicRecord, decode: Decode, value: Buffer | null): object {
  const key = key_base64 === null ? null : Buffer.from(key_base64, 'base64').toString()
  const decoded = value === null ? null : decode(value)
  return { ...record, key, ...(decoded === undefined ? { value_base64 } : { value: decoded }) }
}

const WORDS_OF_LETTERS = [DEAD_LETTER_HEADERS.code, DEAD_LETTER_HEADERS.id, DEAD_LETTER_HEADERS.message] as const
const MAX_LINE = 2_000

function asText(
  topic: string,
  { partition, offset, timestamp_ms, headers, key_base64 }: TopicRecord,
  { decode, value }: { decode: Decode; value: Buffer | null },
): string {
  const key = key_base64 === null ? [] : [printable(Buffer.from(key_base64, 'base64').toString())]
  const project = headers[HEADER_PROJECT]
  const head = [new Date(timestamp_ms).toISOString(), `${partition}/${offset}`, ...(project ? [project] : []), ...key]
  if (topic === DEAD_LETTERS.name) return [...head, ...WORDS_OF_LETTERS.map((name) => headers[name] ?? '')].join('  ')
  const decoded = value === null ? null : decode(value)
  if (decoded === undefined)
    return [...head, `${value?.length ?? 0} bytes that are not what this topic holds`].join('  ')
  const items = Array.isArray(decoded) ? decoded : [decoded]
  return [head.join('  '), ...items.map((item) => `    ${printable(cut(line(item)))}`)].join('\n')
}

/** The fields that tell most come first; everything else is in --json. */
function line(item: unknown): string {
  if (typeof item !== 'object' || item === null) return JSON.stringify(item)
  const { trace_id, span_id, name, attributes, resource, start_time_unix_nano, end_time_unix_nano, ...rest } =
    item as Record<string, unknown>
  if (typeof trace_id !== 'string' || typeof attributes !== 'object') return JSON.stringify(item)
  const time = start_time_unix_nano === undefined ? [] : [durationOf(start_time_unix_nano, end_time_unix_nano)]
  const what = name ?? (rest.event_name || rest.severity_text || 'log')
  const body = rest.body === undefined ? '' : JSON.stringify(rest.body)
  return [trace_id, span_id, String(what), ...time, body, JSON.stringify(attributes)].filter((part) => part).join('  ')
}

/** 0 stands for a time that was not sent. */
function durationOf(start: unknown, end: unknown): string {
  const [from, to] = [start, end].map((time) => BigInt(String(time ?? 0)))
  if (from === 0n) return 'no start'
  return to === 0n ? 'no end' : `${Number(to! - from!) / 1e6} ms`
}

function cut(text: string): string {
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}… (${text.length} characters; --json shows all)` : text
}
