import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { freePorts, type Ports, runCommand } from '../../app/bench/started-pipeline.ts'
import type { Finding } from '../../app/doctor/check.ts'
import { systemClock } from '../../core/clock.ts'
import { OTLP_SPANS } from '../../schemas/topics.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  countSpans,
  postTraces,
  type TestPipeline,
  temporaryDirectory,
  until,
} from './a-pipeline.ts'

/** Runs a command as an operator does, beside the instance on these ports. */
function operator(directory: string, ports: Ports) {
  const flags = [
    ...['--config', join(directory, 'evalforge.yaml'), '--data-dir', join(directory, 'data')],
    ...['--otlp-http-port', String(ports.otlp_http), '--otlp-grpc-port', String(ports.otlp_grpc)],
    ...['--clickhouse-port', String(ports.clickhouse), '--admin-port', String(ports.admin)],
  ]
  return async function run(...parameters: readonly string[]) {
    const { exited, output } = runCommand([...parameters, ...flags], directory)
    return { code: await exited, ...output }
  }
}

const MACHINE = ['node', 'memory', 'row files', 'open files', 'clock', 'data directory', 'disk space']

async function examine(run: ReturnType<typeof operator>) {
  const { code, stdout, stderr } = await run('doctor', '--json')
  expect(stderr).toBe('')
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] }
  // What the machine that runs the tests is like is not what is tested.
  const ours = findings.filter(({ name }) => !MACHINE.includes(name))
  return { code, wrong: ours.filter(({ status }) => status === 'warn' || status === 'fail') }
}

const now = () => systemClock.now()
/** Commands are processes: on a busy machine each takes seconds. */
const PATIENCE_MS = 120_000

it('names a wrong configuration, a busy port and a directory that cannot be, and hangs on none of them', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const run = operator(directory.path, ports)
  const blocker = createServer().listen(ports.otlp_grpc, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  try {
    writeFileSync(join(directory.path, 'evalforge.yaml'), 'pipeline: { max_batch_spans: many }\n')
    const { code, wrong } = await examine(run)
    expect(code).toBe(2)
    expect(wrong.find(({ name }) => name === 'configuration')!.found).toContain('pipeline.max_batch_spans')
    const busy = wrong.find(({ name }) => name === `port ${ports.otlp_grpc}`)!
    expect(busy.found).toContain(`process ${process.pid}`)
    expect(busy.advice).toContain('ingest.otlp_grpc.port')
  } finally {
    blocker.close()
  }
  const nowhere = runCommand(['start', '--data-dir', '/proc/evalforge/data', '--admin-port', '0'])
  expect(await nowhere.exited).toBe(1)
  expect(nowhere.output.stderr).toContain('(DATA_DIRECTORY_UNUSABLE)')
})

/** A group that read here once and never will again: retention keeps everything for it. */
async function leaveDeadGroup(data_dir: string): Promise<void> {
  const broker = await createEmbeddedBroker({
    directory: join(data_dir, 'log'),
    writes: [OTLP_SPANS.name, 'commits'],
    clock: systemClock,
    on_fatal: () => {},
  })
  await broker.ensureTopics([OTLP_SPANS])
  await broker.subscribe({ group: 'forgotten', topics: [OTLP_SPANS.name], assigned() {}, revoked: async () => {} })
  await broker.close()
}

const LARGE = 'x'.repeat(60_000)

async function fillLog(pipeline: TestPipeline): Promise<number> {
  for (let trace = 1; trace < 100; trace += 1) {
    const attributes = { note: LARGE }
    const status = await postTraces(pipeline, aRequest([aChat({ trace, span: 1, start_ms: now() - 1000, attributes })]))
    if (status !== 200) {
      expect(status).toBe(503)
      return trace - 1
    }
  }
  throw new Error('the log never filled')
}

it('leads an operator from the trouble to its end: a full log, a dead letter, lost tables', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const run = operator(directory.path, ports)
  await leaveDeadGroup(join(directory.path, 'data'))
  const config = { log: { retention_bytes: 2 << 20, segment_bytes: 1 << 16 } }
  let stored: number
  {
    await using pipeline = await aPipeline(directory, { ports, config })
    const sent = await fillLog(pipeline)
    const full = await examine(run)
    expect(full.code).toBe(2)
    const advice = full.wrong.find(({ name }) => name === 'log, received')!.advice
    expect(advice).toContain('`evalforge topics drop-group forgotten`')
    expect((await run('topics', 'drop-group', 'forgotten', '--yes')).code).toBe(0)
    const late = { trace: 500, span: 1, start_ms: 1_000 }
    await until(
      'the log has room',
      async () => (await postTraces(pipeline, aRequest([aChat(late)]))) === 200,
      PATIENCE_MS,
    )

    const letters = () => pipeline.metric('evalforge_dead_letters_total')
    await until('a letter', async () => (await letters()) === 1, PATIENCE_MS)
    const letter = (await run('dead-letters', 'list', '--json')).stdout
    const { dead_letter_id, code, correlation_id } = JSON.parse(letter) as Record<string, string>
    expect(code).toBe('TIMESTAMP_OUT_OF_RANGE')
    const refused = await run('trace', correlation_id!)
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining(dead_letter_id!)])
    const replayed = await run('dead-letters', 'replay', dead_letter_id!, '--shift', '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ replayed: 1, already_replayed: 0, again: { total: 0 } })
    const again = await run('dead-letters', 'replay', '--all', '--shift', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ replayed: 0, already_replayed: 1 })
    const traced = await run('trace', correlation_id!)
    expect([traced.code, traced.stdout]).toEqual([0, expect.stringContaining(`replay_of ${dead_letter_id}`)])
    // On a machine that has no time an answer may be late, which the doctor rightly says.
    await until('nothing is wrong', async () => (await examine(run)).wrong.length === 0, PATIENCE_MS)
    stored = await countSpans(pipeline)
    expect(stored).toBe(sent + 1)
    const last = await run('topics', 'tail', OTLP_SPANS.name, '--json')
    expect(JSON.parse(last.stdout.trim().split('\n').at(-1)!)).toMatchObject({ headers: { replay_of: dead_letter_id } })
    expect((await run('store', 'rebuild')).stderr).toContain('GROUP_IN_USE')
  }
  rmSync(join(directory.path, 'data', 'clickhouse'), { recursive: true })
  const lost = await examine(run)
  expect(lost.wrong.find(({ name }) => name === 'store')!.advice).toContain('store rebuild')
  expect((await run('store', 'rebuild', '--json')).code).toBe(0)
  await using pipeline = await aPipeline(directory, { ports, config })
  await until('every row again', async () => (await countSpans(pipeline)) === stored, PATIENCE_MS)
  const { stdout } = await run('ledger', '--full', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ lost: 0, duplicated: 0 })
}, 600_000)
