import { systemClock } from '../../core/clock.ts'
import {
  HEADER_CORRELATION_ID,
  HEADER_PROJECT,
  HEADER_REPLAY_OF,
  HEADER_TRANSPORT,
  OTLP_LOGS,
  OTLP_SPANS,
} from '../../schemas/topics.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, loadConfig } from '../config.ts'
import { operate } from '../operate.ts'
import type { ScanAnswer, Traced } from '../operations/trace.ts'
import type { RecordPlace } from '../trace-records.ts'
import { formatBytes, formatTime } from './columns.ts'
import { printable } from './printable.ts'
import { createProgress } from './progress.ts'

const DAY_MS = 86_400_000

export interface TraceOptions {
  readonly id: string
  /** How far back the log is searched where no row tells the time, ms since 1970; default: a day. */
  readonly since?: number
  readonly json: boolean
}

interface Step {
  readonly step: string
  readonly status: 'found' | 'missing' | 'waiting' | 'refused'
  readonly lines: readonly string[]
}

/** Exit code 1 where it is not in the tables; the step at which it is missing says why. */
export async function trace(context: CommandContext, options: TraceOptions): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  // Ids are written in many ways; the tables hold them in lower case.
  const id = /^[0-9a-fA-F]{16}$|^[0-9a-fA-F]{32}$/.test(options.id) ? options.id.toLowerCase() : options.id
  let traced = await operate<Traced>(config, 'trace', { id })
  let searched: Searched | null = null
  if (traced.records.length === 0) {
    const since_ms = options.since ?? systemClock.now() - DAY_MS
    searched = await search(config, { id, since_ms, json: options.json })
    if (searched.places.length > 0) traced = await operate<Traced>(config, 'trace', { id, places: searched.places })
  }
  const steps = [
    logStep(traced, searched),
    judgeStep(traced),
    storeStep(traced),
    ledgerStep(traced),
    ...letterSteps(traced),
  ]
  const is_stored = traced.rows.length > 0
  if (options.json) console.log(JSON.stringify({ id, is_stored, steps, ...traced }))
  else for (const { step, status, lines } of steps) print(step, status, lines)
  if (!is_stored) process.exitCode = 1
}

interface Searched {
  readonly places: readonly RecordPlace[]
  readonly since_ms: number
  readonly bytes: number
}

async function search(
  config: Config,
  { id, since_ms, json }: { id: string; since_ms: number; json: boolean },
): Promise<Searched> {
  const progress = createProgress(!json)
  let bytes = 0
  for (const topic of [OTLP_SPANS.name, OTLP_LOGS.name]) {
    let cursor: ScanAnswer['cursor'] = null
    do {
      const answer: ScanAnswer = await operate<ScanAnswer>(config, 'trace_scan', { id, topic, since_ms, cursor })
      bytes += answer.bytes
      progress.show(`searched ${topic} back to ${formatTime(answer.reached_ms)}, ${formatBytes(bytes)}`)
      if (answer.places.length > 0) {
        progress.clear()
        return { places: answer.places, since_ms, bytes }
      }
      cursor = answer.cursor
    } while (cursor !== null)
  }
  progress.clear()
  return { places: [], since_ms, bytes }
}

function print(step: string, status: Step['status'], lines: readonly string[]): void {
  for (const [index, line] of lines.entries())
    console.log(`${(index === 0 ? step : '').padEnd(12)} ${(index === 0 ? status : '').padEnd(8)} ${printable(line)}`)
}

function logStep({ rows, records }: Traced, searched: Searched | null): Step {
  const step = 'log'
  if (records.length > 0) {
    const lines = records.map(({ topic, partition, offset, timestamp_ms, headers, bytes }) => {
      const names = [HEADER_PROJECT, HEADER_TRANSPORT, HEADER_CORRELATION_ID, HEADER_REPLAY_OF]
      const facts = names.flatMap((name) => (headers[name] ? `${name} ${headers[name]}` : []))
      return [`${topic}/${partition} at ${offset}`, formatTime(timestamp_ms), `${bytes} B`, ...facts].join(', ')
    })
    return { step, status: 'found', lines }
  }
  if (rows.length > 0)
    return {
      step,
      status: 'missing',
      lines: ['retention has taken the record of its row (log.retention_ms, log.retention_bytes)'],
    }
  return {
    step,
    status: 'missing',
    lines: [
      `nothing with this id was acknowledged since ${formatTime(searched?.since_ms ?? null)} (${formatBytes(searched?.bytes ?? 0)} searched)`,
      'Look at what the sender was answered, or search farther back with --since 7d.',
    ],
  }
}

function judgeStep({ rows }: Traced): Step {
  if (rows.length === 0) return { step: 'judges', status: 'missing', lines: ['no row, so no verdicts'] }
  const lines = rows.map(({ span_id, passed, severity, judges }) => {
    const outcome = passed === null ? 'not judged' : passed ? 'passed' : `failed, ${severity}`
    return `${span_id}  ${outcome}${judges.length > 0 ? `  (${judges.join(', ')})` : ''}`
  })
  return { step: 'judges', status: 'found', lines }
}

function storeStep({ rows, records, letters }: Traced): Step {
  const step = 'store'
  if (rows.length > 0) {
    const lines = rows.map(
      (row) =>
        `${row.project} ${row.trace_id} ${row.span_id} ${row.name}, starts ${row.start_time}, version ${row.version}, ` +
        `pipeline ${row.pipeline_version}, configuration ${row.config_version}`,
    )
    return { step, status: 'found', lines }
  }
  if (records.some(({ topic }) => topic === OTLP_LOGS.name))
    return {
      step,
      status: 'missing',
      lines: ['it is a log record: what it says of a span lies in view content_facts, and on the row of its span'],
    }
  if (letters.length > 0) return { step, status: 'refused', lines: ['it could not be used: see its dead letter'] }
  if (records.some(({ is_committed }) => !is_committed))
    return {
      step,
      status: 'waiting',
      lines: ['it is on the log and not committed yet: `evalforge topics groups` shows the lag'],
    }
  if (records.length > 0)
    return {
      step,
      status: 'missing',
      lines: [
        'committed, and without row or letter: older than store.retention_days, or lost. `evalforge ledger --full` tells.',
      ],
    }
  return { step, status: 'missing', lines: ['no row with this id'] }
}

function ledgerStep({ records }: Traced): Step {
  const lines = records.flatMap(({ range, is_committed, topic }) => {
    if (topic !== OTLP_SPANS.name) return []
    if (range === null) return [is_committed ? 'committed, but no range of the ledger holds it' : 'not committed yet']
    const { start_offset, end_offset, spans, dead_letters, written_at } = range
    return [
      `offsets ${start_offset} to ${end_offset}: ${spans} spans, ${dead_letters} dead letters, written ${written_at}${is_committed ? ', committed' : ', not committed yet'}`,
    ]
  })
  const isFound = records.some(({ range }) => range !== null)
  if (lines.length === 0)
    return { step: 'ledger', status: 'missing', lines: ['without its record, no range can be named'] }
  return { step: 'ledger', status: isFound ? 'found' : 'waiting', lines }
}

function letterSteps({ letters }: Traced): readonly Step[] {
  if (letters.length === 0) return []
  const lines = letters.map(({ dead_letter_id, code, message, replay }) => {
    const after =
      replay === null
        ? '`evalforge dead-letters replay` puts it back'
        : `replayed to ${replay.topic}/${replay.partition} at ${replay.offset}`
    return `${dead_letter_id}  ${code}: ${message}; ${after}`
  })
  return [{ step: 'dead letters', status: 'refused', lines }]
}
