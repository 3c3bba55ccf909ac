import type { Broker } from '../../adapters/broker/broker.ts'
import { scanDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { CONSUMER_GROUP } from '../../app/consumer-group.ts'
import { createReconciler } from '../../app/reconciler.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { LLM_SPANS, OTLP_SPANS } from '../../schemas/topics.ts'
import { brokerOptions } from './ingest.ts'
import { createProcess, createVirtualClock } from './machine.ts'
import { bodyOf, idOf } from './requests.ts'
import { duplicatedIds } from './store/statements.ts'
import { countHours } from './store/tables.ts'
import type { World } from './world.ts'

export interface Findings {
  /** Acknowledged spans and records that are neither in the store nor in dead_letters. */
  readonly lost: number
  /** Spans that a view shows more than once. */
  readonly duplicated: number
  /** Promises that were broken, a sentence each; [] when all is well. */
  readonly breaches: readonly string[]
  readonly totals: Totals | null
}

export interface Totals {
  readonly sent: number
  readonly acknowledged: number
  readonly stored: number
  readonly dead_lettered: number
  /** Spans read again that the store had already, and inserts that it recognised. */
  readonly collapsed: number
}

const REVISION_SHIFT = 48n
const PAGE_BYTES = 1 << 20
/** With less room or time than this, old records of topics that nobody reads may go as they should. */
const ROOM_BYTES = 1 << 20
const DAY_MS = 86_400_000
/** Records that were read before the range was closed, in the largest requests of a schedule. */
const READ_AHEAD_ITEMS = 400

/** Looks at everything when nothing runs any more: log, store, ledger, dead letters, and what the senders know. */
export async function checkPromises(world: World): Promise<Findings> {
  const { schedule, truth, store, scheduler } = world
  const { tables } = store
  const observer = createProcess({ role: 'process', generation: -1, onStep: () => {}, onDeath: () => {} })
  const options = { ...brokerOptions(world, observer), fileSystem: world.disk.mount(observer) }
  const broker = await createEmbeddedBroker({ ...options, writes: [] })
  const reconciler = createReconciler({
    broker,
    store: store.connect(observer),
    config: world.program.config(0),
    clock: createVirtualClock(scheduler, observer, world.wall),
    group: CONSUMER_GROUP,
  })
  const found = await reconciler.run({ full: true })
  if (found.lost + found.duplicated + found.checksum_mismatches > 0)
    truth.breach(
      `the reconciler finds lost ${found.lost}, duplicated ${found.duplicated}, mismatches ${found.checksum_mismatches}`,
    )
  const letters = await readLetters(broker)
  const stored = new Set([...tables.spans.values()].map(rowId))
  const lost = checkConservation(world, stored, letters)
  await checkLedger(world, broker)
  for (const stale of staleHours(world)) truth.breach(`rollup: ${stale}`)
  if (schedule.shape.deliver_spans && hasRoom(world)) await checkTopic(world, broker, stored)
  for (const problem of tables.problems) truth.breach(`store: ${problem}`)
  if (truth.most_held > 2 * schedule.shape.max_items + READ_AHEAD_ITEMS)
    truth.breach(`memory: ${truth.most_held} items were held`)
  if (store.waiting() > 1) truth.breach(`${store.waiting()} calls of the store are not answered`)
  const duplicated = duplicatedIds(tables)
  if (duplicated.length > 0) truth.breach(`duplicated: ${duplicated[0]} and ${duplicated.length - 1} more`)
  return {
    lost: lost.length,
    duplicated: duplicated.length,
    breaches: truth.breaches,
    totals: {
      sent: truth.sent.size,
      acknowledged: new Set(
        [...truth.acknowledged].flatMap(({ spans }) => spans.map(idOf)).filter((id) => truth.sent.has(id)),
      ).size,
      stored: stored.size,
      dead_lettered: letters.ids.size + letters.raw.length,
      collapsed: found.collapsed + tables.totals.repeats,
    },
  }
}

const rowId = (row: { project: string; trace_id: string; span_id: string }) =>
  `${row.project}/${row.trace_id}/${row.span_id}`

const hasRoom = ({ schedule: { shape } }: World) => shape.retention_bytes >= ROOM_BYTES && shape.retention_ms >= DAY_MS

interface Letters {
  readonly ids: ReadonlySet<string>
  /** Letters that hold no export request. */
  readonly raw: readonly Buffer[]
}

async function readLetters(broker: Broker): Promise<Letters> {
  const ids = new Set<string>()
  const raw: Buffer[] = []
  for await (const { letter, record } of scanDeadLetters(broker)) {
    const value = record.value ?? Buffer.alloc(0)
    if (letter.code === 'UNREADABLE_RECORD') raw.push(value)
    else
      for (const { scope_spans } of readTraces(value))
        for (const { spans } of scope_spans)
          for (const { trace_id, span_id } of spans) ids.add(rowId({ project: letter.project, trace_id, span_id }))
  }
  return { ids, raw }
}

/** Every acknowledged span is in the store or in dead_letters, and nothing is anywhere that was not sent. */
function checkConservation(world: World, stored: ReadonlySet<string>, letters: Letters): string[] {
  const { truth, schedule, store } = world
  const lost: string[] = []
  const finished = new Set<string>()
  for (const request of truth.acknowledged) {
    if (request.kind === 'truncated') truth.breach('a truncated request was acknowledged')
    if (request.kind === 'unreadable') {
      const body = bodyOf(request, schedule)
      if (hasRoom(world) && !letters.raw.some((value) => value.equals(body))) lost.push('an unreadable record')
      continue
    }
    for (const span of request.spans) {
      const id = idOf(span)
      if (!stored.has(id) && !letters.ids.has(id)) lost.push(id)
      if (span.is_finished && !letters.ids.has(id)) finished.add(id)
    }
  }
  if (lost.length > 0) truth.breach(`lost: ${lost[0]} and ${lost.length - 1} more`)
  for (const id of [...stored, ...letters.ids]) if (!truth.sent.has(id)) truth.breach(`never sent, but there: ${id}`)
  for (const [key, row] of store.tables.spans) {
    if (row.version >> REVISION_SHIFT === 0n && finished.has(rowId(row))) truth.breach(`an older revision won: ${key}`)
    if (store.tables.texts.get(key)?.version !== row.version) truth.breach(`span and texts differ: ${key}`)
  }
  return lost
}

/** The ranges of every partition follow each other from the first offset to the end of the log. */
async function checkLedger({ truth, store }: World, broker: Broker): Promise<void> {
  for (const { partition, end } of await broker.offsets(OTLP_SPANS.name)) {
    const ranges = [...store.tables.ledger.values()]
      .filter((row) => row.partition === partition)
      .sort((a, b) => Number(a.start_offset - b.start_offset))
    let next = 0n
    for (const { start_offset, end_offset } of ranges) {
      if (start_offset !== next)
        truth.breach(`ledger: partition ${partition} goes on at ${start_offset} instead of ${next}`)
      next = end_offset
    }
    if (next !== end) truth.breach(`ledger: partition ${partition} ends at ${next}, the log at ${end}`)
  }
}

/** Hours of which the rollup does not say what a fresh count of the views says, each with what it says. */
export function staleHours({ store }: World): string[] {
  const { tables } = store
  return [...countHours(tables, [...tables.spans.values()])].flatMap(([hour, fresh]) => {
    const kept = tables.hourly.get(hour)
    const fields = ['spans', 'calls', 'input_tokens'] as const
    return fields
      .filter((field) => kept?.[field] !== fresh[field])
      .map((field) => `${hour} has ${field} ${kept?.[field]} instead of ${fresh[field]}`)
  })
}

/** A topic has every stored span at least once. */
async function checkTopic({ truth, program }: World, broker: Broker, stored: ReadonlySet<string>): Promise<void> {
  const seen = new Set<string>()
  for (const { partition, start, end } of await broker.offsets(LLM_SPANS.name)) {
    for (let next = start; next < end; ) {
      const records = await broker.fetch(LLM_SPANS.name, partition, next, { end, max_bytes: PAGE_BYTES })
      for (const { value } of records) if (value !== null) seen.add(rowId(program.decodeSpan(value).span))
      next = (records.at(-1)?.offset ?? end) + 1n
    }
  }
  for (const id of stored) if (!seen.has(id)) truth.breach(`not on the topic llm_spans: ${id}`)
}
