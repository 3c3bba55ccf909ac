import type { Span } from '@opentelemetry/api'
import { HEADER_TRACEPARENT } from '../schemas/topics.ts'
import type { Clock } from './clock.ts'
import type { Chain, ChainVersion, ChainVersions, Delivery, PartitionSource, Range } from './component.ts'
import type { PipelineOptions } from './pipeline.ts'
import { inSpan, markFailed, startSpan, within } from './tracing.ts'

/** A range from its first record to its commit, as far as tracing is concerned. */
interface TracedRange {
  readonly opened_at: number
  /** traceparents of the records in it that are traced, not more than MAX_LINKS. */
  readonly traceparents: string[]
  span: Span | null
}

const MAX_LINKS = 64

type Traced<Item> = Pick<PipelineOptions<Item>, 'versions' | 'deliveries' | 'witness'> & { readonly clock: Clock }

/**
 * The parts of a pipeline, so wrapped that a range with a traced record leaves spans: `judge` for the record, `process batch`
 * linked to all such records, and in it what was delivered and the commit. Ranges without one pass through.
 */
export function traceRanges<Item, Options extends Traced<Item>>(
  source: PartitionSource,
  options: Options,
): { readonly source: PartitionSource; readonly options: Options } {
  /** Deliveries are opened together at the first record of a range, and before any of its records is processed. */
  let filling: TracedRange = { opened_at: 0, traceparents: [], span: null }
  const delivering = new Map<bigint, TracedRange>()
  const wrapped = new WeakMap<ChainVersion<Item>, ChainVersion<Item>>()

  function traceVersion(version: ChainVersion<Item>): ChainVersion<Item> {
    const known = wrapped.get(version)
    if (known) return known
    const made = { ...version, chain: traceChain(version.chain, (traceparent) => note(filling, traceparent)) }
    wrapped.set(version, made)
    return made
  }

  function traceDelivery(delivery: Delivery<Item>, place: number): Delivery<Item> {
    return {
      name: delivery.name,
      open(identity) {
        if (place === 0) filling = { opened_at: options.clock.now(), traceparents: [], span: null }
        const range = filling
        const open = delivery.open(identity)
        return {
          add: (item, record) => open.add(item, record),
          ...(open.advance && { advance: () => open.advance!() }),
          deliver(of) {
            const span = spanOf(range, of)
            if (span === null) return open.deliver(of)
            delivering.set(of.end, range)
            return within(span, () => inSpan(`deliver ${delivery.name}`, {}, () => open.deliver(of)))
          },
        }
      },
    }
  }

  const versions: ChainVersions<Item> = {
    current: () => traceVersion(options.versions.current()),
    async find(identity) {
      const found = await options.versions.find(identity)
      return found && traceVersion(found)
    },
  }
  return {
    source: traceCommits(source, delivering),
    options: {
      ...options,
      versions,
      deliveries: options.deliveries.map(traceDelivery),
      witness: traceDelivery(options.witness, options.deliveries.length),
    },
  }
}

function note({ traceparents }: TracedRange, traceparent: string): void {
  if (traceparents.length < MAX_LINKS) traceparents.push(traceparent)
}

function traceChain<Item>(chain: Chain<Item>, onTraced: (traceparent: string) => void): Chain<Item> {
  return {
    name: chain.name,
    process(record) {
      const parent = record.headers[HEADER_TRACEPARENT]
      if (parent === undefined) return chain.process(record)
      onTraced(parent)
      const { topic, partition, offset } = record
      const span = startSpan('judge', { parent, attributes: { topic, partition, offset: String(offset) } })
      if (span === null) return chain.process(record)
      try {
        const processed = within(span, () => chain.process(record))
        span.setAttributes({ items: processed.items.length, rejects: processed.rejects.length })
        return processed
      } catch (error) {
        markFailed(span, error)
        throw error
      } finally {
        span.end()
      }
    },
  }
}

/** In the trace of the first record, linked to those of all. */
function spanOf(range: TracedRange, { topic, partition, start, end, records, items }: Range): Span | null {
  const [parent] = range.traceparents
  if (parent === undefined) return null
  range.span ??= startSpan('process batch', {
    kind: 'consumer',
    parent,
    links: range.traceparents,
    start_ms: range.opened_at,
    attributes: { topic, partition, start_offset: String(start), end_offset: String(end), records, items },
  })
  return range.span
}

function traceCommits(source: PartitionSource, delivering: Map<bigint, TracedRange>): PartitionSource {
  return {
    topic: source.topic,
    partition: source.partition,
    committed: source.committed,
    poll: (options) => source.poll(options),
    seek: (offset) => source.seek(offset),
    async commit(position) {
      const range = delivering.get(position.offset)
      // The intent of a range names its start, with metadata; only the end is what was delivered.
      if (!range?.span || position.metadata !== '') return source.commit(position)
      await within(range.span, () => inSpan('commit', {}, () => source.commit(position)))
      delivering.delete(position.offset)
      range.span.end()
    },
  }
}
