import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createAdmission } from '../../core/admission.ts'
import { CORRELATION_HEADER, readTrail } from '../../core/correlation.ts'
import type { CodedError } from '../../core/errors.ts'
import { createKeyring } from '../../core/keyring.ts'
import type { IntakeRecord } from '../../core/otlp-append.ts'
import { createOtlpIntake, type Outcome } from '../../core/otlp-intake.ts'
import { createRateLimiter } from '../../core/rate-limits.ts'
import { HEADER_PROJECT, HEADER_TRANSPORT, OTLP_SPANS } from '../../schemas/topics.ts'
import { createVirtualClock, type Process } from './machine.ts'
import type { PlannedRequest } from './schedule.ts'
import type { World } from './world.ts'

export const LOG_DIRECTORY = '/log'
const NO_RATES = { common: {}, projects: new Map(), keys: new Map() }

/** The process of the collectors, up and answering. */
export interface Ingest {
  readonly process: Process
  /** One export request; null where it was put on the log without a collector. */
  handle(request: PlannedRequest, body: Buffer): Promise<Outcome | null>
  drain(): Promise<void>
  inFlight(): { readonly requests: number; readonly bytes: number }
}

/** What both processes give the log. */
export function brokerOptions(world: World, process: Process) {
  const { segment_bytes, retention_bytes, retention_ms } = world.schedule.shape
  return {
    directory: LOG_DIRECTORY,
    clock: createVirtualClock(world.scheduler, process, world.wall),
    fileSystem: world.mutate('fileSystem', world.disk.mount(process)),
    segment_bytes,
    retention_bytes,
    retention_ms,
    on_fatal(error: CodedError) {
      if (!process.alive) return
      world.tell(`${process.role} ${process.generation}: ${error.code}: ${error.message}`)
      process.kill(error.code)
    },
  }
}

/** As app/processes/ingest.ts, without sockets. */
export async function startIngest(world: World, process: Process): Promise<Ingest> {
  const { truth, program, schedule } = world
  const options = brokerOptions(world, process)
  const broker = await createEmbeddedBroker({ ...options, writes: [OTLP_SPANS.name] })
  await broker.ensureTopics([{ ...OTLP_SPANS, partitions: schedule.shape.partitions }])
  const limits = { ...program.config(0).ingest.limits, max_record_bytes: schedule.shape.max_record_bytes }
  const admission = createAdmission(limits, options.clock)
  const append = world.mutate('append', (topic: string, records: readonly IntakeRecord[]) =>
    broker.produce(topic, records),
  )
  const intake = createOtlpIntake('simulation', {
    append,
    keys: createKeyring(null, options.clock),
    admission,
    rates: createRateLimiter({ clock: options.clock, settings: NO_RATES, onRefused: () => {} }),
    limits,
    metrics: program.metrics,
    log: world.log,
    clock: options.clock,
  })

  async function putOnLog(value: Buffer): Promise<null> {
    const headers = { [HEADER_PROJECT]: 'default', [HEADER_TRANSPORT]: 'http/protobuf' }
    await append(OTLP_SPANS.name, [{ key: null, value, headers }])
    return null
  }

  return {
    process,
    inFlight: admission.inFlight,
    async handle(request, body) {
      const outcome =
        request.kind === 'unreadable'
          ? await putOnLog(body)
          : await intake.handle({
              signal: 'traces',
              transport: 'http',
              keys: [],
              // Without a name of the sender's own the collector would draw one.
              trail: readTrail((name) => (name === CORRELATION_HEADER ? 'simulated' : undefined)),
              async read(ticket) {
                ticket.reserve(body.length)
                return { bytes: body, encodings: [], declared: request.kind === 'json' ? 'json' : 'protobuf' }
              },
            })
      // What a dead process still computes nobody hears.
      if (process.alive && (outcome === null || outcome.ok)) truth.acknowledge(request)
      return outcome
    },
    async drain() {
      intake.stop()
      await broker.close()
    },
  }
}
