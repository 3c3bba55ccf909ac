import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readLedger } from '../../app/bench/accounting.ts'
import { runCommand, untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import { confirmationOf } from '../../app/config-confirmation.ts'
import type { ConfigOutcome } from '../../app/config-control.ts'
import { operateAt } from '../../app/operate.ts'
import type { ConfigHistory, ListedVersion } from '../../app/operations/config.ts'
import type { SupervisorHealth } from '../../app/supervisor/supervisor.ts'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { aChat, aPipeline, aRequest, ask, type TestPipeline, temporaryDirectory, traceId, until } from './a-pipeline.ts'

const PROJECTS = ['shop', 'desk'] as const
type Project = (typeof PROJECTS)[number]
const made = { shop: createApiKey(randomBytes), desk: createApiKey(randomBytes) }
const keys = PROJECTS.map((project) => ({ project, sha256: made[project].sha256 }))
const BASE = { log_level: 'warn', keys }
const REFUSAL_OFF = { judges: { refusal: { enabled: false } } }
const REFUSES = JSON.stringify([
  { role: 'assistant', parts: [{ type: 'text', content: "I'm sorry, but I can't help with that." }] },
])

const directory = temporaryDirectory()
const file = join(directory.path, 'evalforge.yaml')
let pipeline: TestPipeline
let traces = 0

beforeAll(async () => {
  pipeline = await aPipeline(directory, { config: BASE })
})

afterAll(async () => {
  await pipeline?.[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

async function run(...command: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const port = new URL(pipeline.admin).port
  const { exited, output } = runCommand(['config', ...command, '--config', file, '--admin-port', port], directory.path)
  return { code: await exited, ...output }
}

/** Puts it in force as the command does, without the time that a command takes to start. */
async function apply(values: object): Promise<void> {
  const outcome = await operateAt<ConfigOutcome>(pipeline.admin, 'config_apply', { values: { ...BASE, ...values } })
  const ask = async () => ((await (await fetch(`${pipeline.admin}/ready`)).json()) as SupervisorHealth).processes
  expect(await confirmationOf(outcome.sequence, { ask, clock: systemClock })).toEqual([])
}

async function send(project: Project): Promise<{ status: number; trace: string }> {
  const trace = ++traces
  const span = aChat({ trace, span: 1, start_ms: systemClock.now(), attributes: { 'gen_ai.output.messages': REFUSES } })
  const { status } = await fetch(`${pipeline.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${made[project].key}` },
    body: JSON.stringify(aRequest([span])),
  })
  return { status, trace: traceId(trace) }
}

/** What became of one refusing answer a project: whether it passed, and the version it was judged by. */
async function judged(): Promise<Record<Project, [passed: boolean, config_version: string]>> {
  const sent = await Promise.all(PROJECTS.map(send))
  expect(sent.map(({ status }) => status)).toEqual([200, 200])
  const wanted = sent.map(({ trace }) => `'${trace}'`).join()
  const rows = () =>
    ask<{ project: Project; passed: boolean; config_version: string }>(
      pipeline,
      `SELECT project, passed, toString(config_version) AS config_version FROM spans WHERE trace_id IN (${wanted})`,
    )
  await until('both spans are stored', async () => (await rows()).length === 2, 60_000)
  const found = (await rows()).map(({ project, passed, config_version }) => [project, [passed, config_version]])
  return Object.fromEntries(found) as Record<Project, [boolean, string]>
}

async function versions(): Promise<readonly ListedVersion[]> {
  return (await operateAt<ConfigHistory>(pipeline.admin, 'config_history')).versions
}

describe('the configuration of a running instance', () => {
  it('changes one project and leaves the other, and what is judged says by which version', async () => {
    const [first] = await versions()
    expect(await judged()).toEqual({ shop: [false, first!.config_version], desk: [false, first!.config_version] })
    writeFileSync(file, stringify({ ...BASE, projects: { shop: REFUSAL_OFF } }))
    const { code, stdout, stderr } = await run('apply', '--json')
    expect(code, stderr).toBe(0)
    const outcome = JSON.parse(stdout) as ConfigOutcome
    expect(outcome).toMatchObject({ sequence: 2, changed: true, needs_restart: [], not_confirmed: [] })
    expect(outcome.changes.map(({ path }) => path)).toEqual(['projects.shop.judges.refusal.enabled'])
    const { config_version } = outcome
    expect(await judged()).toEqual({ shop: [true, config_version], desk: [false, config_version] })
    const evaluations = await ask(
      pipeline,
      `SELECT project, judge FROM all_evaluations WHERE config_version = ${config_version} AND judge = 'refusal'`,
    )
    expect(evaluations).toEqual([{ project: 'desk', judge: 'refusal' }])
  })

  it('stays as it is where a file is refused, with everything that is wrong', async () => {
    writeFileSync(file, stringify({ ...BASE, colour: 1, projects: { shop: { judges: { pii: { allow: 7 } } } } }))
    const { code, stderr } = await run('apply')
    expect(code).toBe(1)
    for (const says of ['colour', 'projects.shop.judges.pii.allow', '(CONFIG_INVALID)']) expect(stderr).toContain(says)
    const [last] = await versions()
    expect(last).toMatchObject({ sequence: 2, in_force: true })
    expect((await judged()).shop).toEqual([true, last!.config_version])
  })

  it('is put back by a rollback, also while the file is wrong', async () => {
    const rollback = await run('rollback', '--note', 'colours', '--json')
    expect(rollback.code, rollback.stderr).toBe(0)
    const { config_version } = JSON.parse(rollback.stdout) as ConfigOutcome
    expect(await judged()).toEqual({ shop: [false, config_version], desk: [false, config_version] })
    expect(await versions()).toMatchObject([{ source: 'rollback', rolled_back_to: 1, note: 'colours' }, {}, {}])
  })

  it('changes exactly once where process is killed in the middle', async () => {
    const before = (await pipeline.processes()).find(({ role }) => role === 'process')!
    writeFileSync(file, stringify({ ...BASE, projects: { desk: REFUSAL_OFF } }))
    const first = run('apply')
    process.kill(before.pid!, 'SIGKILL')
    await first
    // It tries again by itself for a while; who wants to be sure says it again.
    await until('the file is applied', async () => (await run('apply')).code === 0, 120_000)
    const [last, ...older] = await versions()
    expect([last!.sequence, older.length]).toEqual([4, 3])
    expect(await judged()).toEqual({ shop: [false, last!.config_version], desk: [true, last!.config_version] })
  })

  it('limits and keys of senders hold at once', async () => {
    await apply({ projects: { shop: { rate_limits: { requests_per_second: 0.001 } } } })
    expect([(await send('shop')).status, (await send('shop')).status]).toEqual([200, 429])
    expect((await send('desk')).status).toBe(200)
    await apply({})
    expect((await send('shop')).status).toBe(200)
    await apply({ keys: keys.slice(0, 1) })
    expect([(await send('shop')).status, (await send('desk')).status]).toEqual([200, 401])
  })

  it('is read from the file again at SIGHUP', async () => {
    writeFileSync(file, stringify({ ...BASE, projects: { shop: REFUSAL_OFF } }))
    const sequence = (await versions())[0]!.sequence + 1
    process.kill(pipeline.pid, 'SIGHUP')
    for (const name of ['process', 'ingest'])
      await until(
        `${name} follows`,
        async () => (await pipeline.metric('evalforge_config_sequence', `process="${name}"`)) === sequence,
        60_000,
      )
    expect((await judged()).shop[0]).toBe(true)
  })

  it('changed often, and the ledger finds nothing lost, doubled or read differently', async () => {
    await untilCaughtUp(pipeline)
    const ledger = await readLedger(pipeline.admin)
    expect(ledger).toMatchObject({ lost: 0, duplicated: 0, checksum_mismatches: 0, late: 0, dead_letters: 0 })
  })
})
