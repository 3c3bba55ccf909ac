import { HEADER_CORRELATION_ID } from '../schemas/topics.ts'
import type { Clock } from './clock.ts'
import type {
  ChainVersion,
  ChainVersions,
  Delivery,
  PartitionSource,
  Position,
  Range,
  Reject,
  SourceRecord,
} from './component.ts'
import { CodedError, isRetryable } from './errors.ts'
import { readIntent, writeIntent } from './intent.ts'
import { type OpenRange, openRange, rangeOf, takeInto } from './open-range.ts'
import { framesOf } from './poison.ts'
import { type Backoff, retryLater } from './retry.ts'

/** The least a pipeline needs to tell people; pino is one. */
export interface PipelineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface PipelineLimits {
  /** A range closes at this many items, */
  readonly max_items: number
  /** or this many bytes of records, */
  readonly max_bytes: number
  /** or this long after its first record. */
  readonly flush_interval_ms: number
}

export const DEFAULT_PIPELINE_LIMITS: PipelineLimits = {
  max_items: 10_000,
  max_bytes: 32 << 20,
  flush_interval_ms: 500,
}

/** Where rejected records go. Resolves when they are durable; a repeat carries the same ids. */
export interface DeadLetterSink {
  deliver(rejects: readonly Reject[], record: SourceRecord): Promise<void>
}

export interface PipelineOptions<Item> {
  readonly versions: ChainVersions<Item>
  readonly deliveries: readonly Delivery<Item>[]
  /** Delivered last, after all deliveries and dead letters, before the commit: the ledger. */
  readonly witness: Delivery<Item>
  readonly dead_letters: DeadLetterSink
  readonly limits?: PipelineLimits
  readonly backoff?: Backoff
  readonly clock: Clock
  readonly log: PipelineLog
  /** Told of every committed range. */
  readonly onCommitted?: (range: Range) => void
  /** Told when this partition cannot go on (fenced, or a fault no retry mends). */
  readonly onStopped?: (error: unknown) => void
}

export interface RunningPipeline {
  /** Delivers and commits what is open, then ends. After `deadline_ms` what is not delivered is left to the next owner. */
  stop(deadline_ms: number): Promise<void>
  /** What has been tried again for some time without success, for people; '' while all flows. */
  trouble(): string
}

/** A range that was begun and not committed: where it ends, and what makes it again. */
interface RebuiltRange<Item> {
  readonly end: bigint
  readonly version: ChainVersion<Item>
}

const POLL_BYTES = 4 << 20
/** Longest stretch of work before other partitions and timers get their turn. */
const SLICE_MS = 15
/** How soon a stop or a failed delivery is noticed while nothing arrives. */
const MAX_WAIT_MS = 250
/** Something that fails longer than this is more than a restart next door. */
const TROUBLE_MS = 10_000

/**
 * Runs one partition: poll → process → deliver → witness → commit. One range is open while the one before it is being
 * delivered. Delivery is at least once; what it writes is idempotent, so the result is exactly once.
 */
export function runPipeline<Item>(source: PartitionSource, options: PipelineOptions<Item>): RunningPipeline {
  const { clock, log, versions } = options
  const limits = options.limits ?? DEFAULT_PIPELINE_LIMITS
  const stopping = new AbortController()
  const abandoning = new AbortController()
  const where = { topic: source.topic, partition: source.partition }
  let open: OpenRange<Item> | undefined
  let delivering: Promise<void> = Promise.resolve()
  let failure: { error: unknown } | undefined
  const troubles = new Map<string, { since: number; reason: string }>()

  function retrying<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    return retryLater(attempt, {
      clock,
      signal: abandoning.signal,
      ...(options.backoff && { backoff: options.backoff }),
      onRetry(error, count) {
        const since = troubles.get(what)?.since ?? clock.monotonic()
        troubles.set(what, { since, reason: `${error.code}: ${error.message}` })
        log.warn({ ...where, code: error.code, attempt: count, reason: error.message }, `${what}: trying again`)
      },
    }).finally(() => troubles.delete(what))
  }

  function commit(position: Position): Promise<void> {
    return retrying('committing', () => source.commit(position))
  }

  function take(range: OpenRange<Item>, record: SourceRecord): void {
    const rejects = takeInto(range, record, (error, poisoned) => {
      const correlation_id = record.headers[HEADER_CORRELATION_ID]
      const place = { ...where, offset: String(record.offset), correlation_id, poisoned, ...framesOf(error) }
      log.error(place, `${range.version.chain.name} threw on a record; it goes to dead_letters`)
    })
    if (rejects.length === 0) return
    const letter = retrying('writing dead letters', () => options.dead_letters.deliver(rejects, record))
    letter.catch(() => {})
    range.letters.push(letter)
  }

  async function deliver(closed: OpenRange<Item>): Promise<void> {
    const { start, end } = closed
    const range = rangeOf(closed, where)
    await commit({ offset: start, metadata: writeIntent({ start, end, ...closed.version.identity }) })
    await Promise.all([
      ...closed.letters,
      ...closed.deliveries.map((delivery, index) =>
        retrying(`delivering to ${options.deliveries[index]!.name}`, () => delivery.deliver(range)),
      ),
    ])
    await retrying('writing the ledger', () => closed.witness.deliver(range))
    await commit({ offset: end, metadata: '' })
    options.onCommitted?.(range)
  }

  /** Hands the open range over; resolves when the one before it is committed, so that at most two are held. */
  async function close(): Promise<void> {
    const closed = open
    if (!closed) return
    open = undefined
    await delivering
    if (failure) throw failure.error
    delivering = deliver(closed).catch((error) => {
      failure = { error }
    })
  }

  /** `rebuilt`: the range that they belong to, which is cut and made as it was; else the limits and the version in force. */
  async function takeAll(records: readonly SourceRecord[], rebuilt?: RebuiltRange<Item>): Promise<void> {
    let sliceStart = clock.monotonic()
    for (const record of records) {
      if (rebuilt && record.offset >= rebuilt.end) return source.seek(record.offset)
      if (!rebuilt && open && open.version !== versions.current()) await close()
      open ??= openRange(record, {
        version: rebuilt?.version ?? versions.current(),
        deliveries: options.deliveries,
        witness: options.witness,
        opened_at: clock.monotonic(),
      })
      take(open, record)
      if (!rebuilt && (open.items >= limits.max_items || open.bytes >= limits.max_bytes)) await close()
      if (clock.monotonic() - sliceStart < SLICE_MS) continue
      for (const delivery of open?.deliveries ?? []) delivery.advance?.()
      await clock.sleep(0)
      sliceStart = clock.monotonic()
    }
    for (const delivery of open?.deliveries ?? []) delivery.advance?.()
  }

  /** A partition that is being revoked gives nothing more to read, but still takes the commit of what was read. */
  async function pollOrStop(max_wait_ms: number): Promise<readonly SourceRecord[]> {
    try {
      return await source.poll({ max_bytes: POLL_BYTES, max_wait_ms })
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'PARTITION_FENCED')) throw error
      stopping.abort(error)
      return []
    }
  }

  /**
   * A range whose intent stands but whose end was not committed is rebuilt exactly as it was cut, with the version it was
   * begun with. Where that cannot be had it is made with the one in force, which collapses by key.
   */
  async function rebuild(): Promise<void> {
    const intent = readIntent(source.committed?.metadata ?? '')
    if (!intent || intent.start !== source.committed?.offset || intent.end <= intent.start) return
    const { start, end, pipeline_version, config_offset } = intent
    const found = await retrying('reading the version of a range', () => versions.find(intent))
    const version = found ?? versions.current()
    log.info(
      { ...where, start: String(start), end: String(end), pipeline_version, config_offset: String(config_offset) },
      found
        ? 'rebuilding a range that was not committed'
        : 'rebuilding a range that was not committed, with another version',
    )
    let reached = intent.start
    while (reached < intent.end && !stopping.signal.aborted) {
      const records = await pollOrStop(MAX_WAIT_MS)
      if (records.length === 0) continue
      await takeAll(records, { end, version })
      reached = records.at(-1)!.offset + 1n
    }
    if (reached < intent.end) open = undefined
    else await close()
  }

  /** What was read before a damaged record is delivered and committed; it is not what stands in the way. */
  async function pollWhole(max_wait_ms: number): Promise<readonly SourceRecord[]> {
    try {
      return await pollOrStop(max_wait_ms)
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'LOG_CORRUPT')) throw error
      await close()
      await delivering
      throw error
    }
  }

  async function run(): Promise<void> {
    await rebuild()
    while (!stopping.signal.aborted) {
      if (failure) throw failure.error
      const left = open ? limits.flush_interval_ms - (clock.monotonic() - open.opened_at) : limits.flush_interval_ms
      if (left <= 0) await close()
      else await takeAll(await pollWhole(Math.min(left, MAX_WAIT_MS)))
    }
    await close()
    await delivering
    if (failure) throw failure.error
  }

  const running = run().catch((error) => {
    const fenced = error instanceof CodedError && error.code === 'PARTITION_FENCED'
    if (!fenced && !(stopping.signal.aborted && isRetryable(error)))
      log.error({ ...where, err: error }, 'the pipeline stopped')
    options.onStopped?.(error)
  })

  return {
    async stop(deadline_ms) {
      stopping.abort(new CodedError('BROKER_CLOSED'))
      const given = new AbortController()
      const deadline = clock.sleep(deadline_ms, given.signal).then(
        () => abandoning.abort(new CodedError('BROKER_CLOSED')),
        () => {},
      )
      await running
      given.abort()
      await deadline
    },
    trouble() {
      const now = clock.monotonic()
      for (const [what, { since, reason }] of troubles)
        if (now - since >= TROUBLE_MS) return `${where.topic}/${where.partition}: ${what}: ${reason}`
      return ''
    },
  }
}
