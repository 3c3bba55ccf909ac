/**
 * What does the embedded log cost? Appends at 1.5 KB and 150 KB with a fixed number in flight, then one consumer that
 * reads it all. CPU is the whole process (user and system), the bench's own loop included.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AssignedPartition, Broker } from '../adapters/broker/broker.ts'
import { createEmbeddedBroker } from '../adapters/broker/embedded/embedded-broker.ts'
import { systemClock } from '../core/clock.ts'

interface Case {
  readonly value_bytes: number
  readonly in_flight: number
}

const CASES: readonly Case[] = [
  { value_bytes: 1500, in_flight: 256 },
  { value_bytes: 1500, in_flight: 1 },
  { value_bytes: 150_000, in_flight: 32 },
]
const TOPIC = 'bench'
const HEADERS = { project: 'bench', transport: 'http/protobuf' }

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
})
const seconds = Number(flags.seconds)
const results = []
for (const one of CASES) results.push({ ...one, ...(await measure(one)) })
if (flags.json) console.log(JSON.stringify({ seconds, results }))
else console.table(results)

async function measure({ value_bytes, in_flight }: Case) {
  const directory = await mkdtemp(join(process.cwd(), '.bench-broker-'))
  const broker = await createEmbeddedBroker({
    directory,
    writes: 'all',
    clock: systemClock,
    on_fatal(error) {
      throw error
    },
  })
  try {
    await broker.ensureTopics([{ name: TOPIC, partitions: 4, cleanup: 'delete', summary: 'Bench.' }])
    await append(broker, { value_bytes, in_flight }, 0.5)
    return { ...(await append(broker, { value_bytes, in_flight }, seconds)), ...(await readAll(broker)) }
  } finally {
    await broker.close()
    await rm(directory, { recursive: true })
  }
}

/** Closed loop: each of `in_flight` writers sends its next record when the last is acknowledged. */
async function append(broker: Broker, { value_bytes, in_flight }: Case, duration_s: number) {
  const record = { key: null, headers: HEADERS, value: Buffer.alloc(value_bytes, 'evalforge') }
  const acks: number[] = []
  const cpu = process.cpuUsage()
  const start = performance.now()
  const until = start + duration_s * 1000
  async function write(): Promise<void> {
    for (let now = performance.now(); now < until; ) {
      await broker.produce(TOPIC, [record])
      const acknowledged = performance.now()
      acks.push(acknowledged - now)
      now = acknowledged
    }
  }
  await Promise.all(Array.from({ length: in_flight }, write))
  const { user, system } = process.cpuUsage(cpu)
  const elapsed_s = (performance.now() - start) / 1000
  acks.sort((a, b) => a - b)
  return {
    appends_per_second: Math.round(acks.length / elapsed_s),
    append_mb_per_second: Math.round((acks.length * value_bytes) / elapsed_s / 1e6),
    append_cpu_us: round((user + system) / acks.length),
    ack_p50_ms: round(acks[Math.floor(acks.length * 0.5)] ?? 0),
    ack_p99_ms: round(acks[Math.floor(acks.length * 0.99)] ?? 0),
  }
}

async function readAll(broker: Broker) {
  const total = (await broker.offsets(TOPIC)).reduce((sum, { start, end }) => sum + Number(end - start), 0)
  const partitions: AssignedPartition[] = []
  await broker.subscribe({
    group: 'bench',
    topics: [TOPIC],
    assigned: (partition) => partitions.push(partition),
    revoked: async () => {},
  })
  const cpu = process.cpuUsage()
  const start = performance.now()
  let [count, bytes] = [0, 0]
  while (count < total) {
    for (const partition of partitions) {
      const records = await partition.poll({ max_bytes: 1 << 20, max_wait_ms: 0 })
      count += records.length
      for (const record of records) bytes += record.value?.length ?? 0
    }
  }
  const { user, system } = process.cpuUsage(cpu)
  const elapsed_s = (performance.now() - start) / 1000
  return {
    reads_per_second: Math.round(count / elapsed_s),
    read_mb_per_second: Math.round(bytes / elapsed_s / 1e6),
    read_cpu_us: round((user + system) / count),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
