import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { parseConfig } from '../config.ts'
import type { GroupState } from '../operations/groups.ts'
import type { TopicState } from '../operations/topics.ts'
import { exitCodeOf, type Finding, finding, runCheck } from './check.ts'
import { checkKeys, readConfiguration } from './configuration.ts'
import { judgeInstance } from './instance.ts'
import { judgeGroups, judgeSize, judgeTimes } from './log-checks.ts'
import { checkNode, judgeDirectory } from './machine.ts'
import { holderOf, portChecks } from './ports.ts'
import type { DirectoryProbe } from './probe.ts'
import { judgeChanges, judgeLedger, judgeStore, judgeStoreError } from './store-checks.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const config = parseConfig({ log: { retention_bytes: 4 << 20 } })
const statuses = (findings: readonly Finding[]) => findings.map(({ status }) => status)

describe('checks', () => {
  it('take a hanging or throwing one for a failure, and go on', async () => {
    const hanging = { name: 'a', limit_ms: 20, run: () => new Promise<Finding>(() => {}) }
    const throwing = { name: 'b', limit_ms: 60_000, run: () => Promise.reject(new Error('no such thing')) }
    expect(await runCheck(hanging, systemClock)).toMatchObject([{ status: 'fail', found: 'no answer within 0.02 s' }])
    expect(await runCheck(throwing, systemClock)).toMatchObject([{ status: 'fail', found: 'no such thing' }])
  })

  it('end with 0 when all is well, 1 for a warning, 2 for a failure', () => {
    const [ok, warn, fail] = (['ok', 'warn', 'fail'] as const).map((status) => finding(status, 'x', ''))
    expect([exitCodeOf([ok!]), exitCodeOf([ok!, warn!]), exitCodeOf([warn!, fail!])]).toEqual([0, 1, 2])
  })
})

describe('machine', () => {
  const directory: DirectoryProbe = {
    exists: true,
    looked_at: '/data',
    owner: 7,
    mode: 0o700,
    is_writable: true,
    file_system: 0xef53,
    free_bytes: 50 * 2 ** 30,
    free_inodes: 1e6,
    inodes: 2e6,
    flush_ms: 1,
    problem: '',
  }
  const judge = (changes: Partial<DirectoryProbe>) => judgeDirectory({ ...directory, ...changes }, config, 7)

  it.each([
    ['nothing wrong', {}, ['ok', 'ok']],
    ['not writable', { is_writable: false }, ['fail']],
    ['a failing flush', { problem: 'EIO' }, ['fail']],
    ['another owner', { owner: 8 }, ['warn', 'ok']],
    ['open to others', { mode: 0o755 }, ['warn', 'ok']],
    ['a memory file system', { file_system: 0x01021994 }, ['warn', 'ok']],
    ['a slow disk', { flush_ms: 500 }, ['warn', 'ok']],
    ['a full disk', { free_bytes: 1000 }, ['ok', 'fail']],
    ['not a byte left', { is_writable: false, problem: 'ENOSPC: no space', free_bytes: 0 }, ['fail', 'fail']],
    ['less room than the log may take', { free_bytes: 2 ** 30 + 1 }, ['ok', 'ok']],
    ['no inodes left', { free_inodes: 3 }, ['ok', 'fail']],
  ])('data directory: %s', (_, changes, expected) => {
    expect(statuses(judge(changes))).toEqual(expected)
  })

  it('asks about the owner only where permissions are the matter', () => {
    const adviceOn = (problem: string) => judge({ problem })[0]!.advice
    expect(adviceOn('EACCES: permission denied')).toContain('owner')
    expect(adviceOn('ENOSPC: no space left on device')).toContain('Make room')
    expect(adviceOn('EIO: i/o error')).toContain('kernel')
  })

  it('tells old versions of Node', () => {
    expect(statuses([checkNode('18.1.0'), checkNode('22.0.0'), checkNode('24.1.0')])).toEqual(['fail', 'warn', 'ok'])
  })
})

describe('configuration', () => {
  const change = { path: 'judges.pii.enabled', before: 'true', after: 'false' }

  it('does not advise to undo a rollback', () => {
    const differing = { changes: [change], needs_restart: [], sequence: 5 }
    expect(judgeChanges(differing, null, 'a.yaml')).toMatchObject([
      { status: 'warn', found: 'not in force yet: judges.pii.enabled' },
    ])
    const [rolledBack] = judgeChanges(differing, 3, 'a.yaml')
    expect(rolledBack!.found).toContain('rolled back to version 3; a.yaml still differs')
    expect(rolledBack!.advice).toContain('it would undo the rollback')
    expect(statuses(judgeChanges({ ...differing, changes: [] }, 3, 'a.yaml'))).toEqual(['ok'])
  })

  it('names five differing settings and counts the others', () => {
    const changes = Array.from({ length: 7 }, (_, n) => ({ ...change, path: `p${n}` }))
    const [found] = judgeChanges({ changes, needs_restart: [], sequence: 5 }, null, 'a.yaml')
    expect(found!.found).toBe('not in force yet: p0, p1, p2, p3, p4 and 2 more')
  })

  it('gives every problem, and goes on with what can be had', () => {
    const context = { file: { path: '/no/such/evalforge.yaml', required: true }, overrides: { 'admin.port': 4000 } }
    const read = readConfiguration(context)
    expect(read.findings).toMatchObject([{ status: 'fail', name: 'configuration' }])
    expect(read.config.admin.port).toBe(4000)
  })

  it('names keys that expired or soon will', () => {
    const key = (expires_at?: string) => ({ project: 'p', sha256: 'a'.repeat(64), ...(expires_at && { expires_at }) })
    expect(statuses(checkKeys(undefined, NOW))).toEqual(['ok'])
    expect(statuses(checkKeys([], NOW))).toEqual(['warn'])
    const at = (days: number) => new Date(NOW + days * 86_400_000).toISOString()
    expect(statuses(checkKeys([key(), key(at(30))], NOW))).toEqual(['ok'])
    const [expired, soon] = checkKeys([key(at(-1)), key(at(3))], NOW)
    expect(expired!.found).toContain('expired')
    expect(soon!.found).toContain('in 3 days')
  })
})

it('names the process that holds a port', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const checks = portChecks(parseConfig({ admin: { port } }), { ours: new Set(), hangs: false })
  const busy = await runCheck(checks.find(({ name }) => name === `port ${port}`)!, systemClock)
  expect(busy).toMatchObject([{ status: 'fail', advice: expect.stringContaining('admin.port') }])
  if (process.platform === 'linux')
    expect(holderOf(port)).toMatchObject({ pid: process.pid, stopped: false, is_evalforge: false })
  await new Promise((resolve) => server.close(resolve))
  expect(
    statuses(
      await runCheck(
        portChecks(parseConfig({ admin: { port } }), { ours: new Set([port]), hangs: false }).at(-1)!,
        systemClock,
      ),
    ),
  ).toEqual(['ok'])
})

describe('log', () => {
  const aGroup = (changes: Partial<GroupState>): GroupState => ({
    group: 'store',
    topic: 'otlp_spans',
    partition: 0,
    committed: '5',
    metadata: '',
    lag: '0',
    in_use: true,
    waiting_since_ms: null,
    ...changes,
  })
  const topic = (bytes: number): TopicState => ({
    topic: 'otlp_spans',
    groups: [],
    partitions: [{ partition: 0, start: '0', end: '10', bytes, oldest_ms: NOW - 9, newest_ms: NOW - 1 }],
  })

  it('is full when what is still to be read fills it, not when it is merely large', () => {
    expect(statuses(judgeSize([topic(3 << 20)], [aGroup({})], config))).toEqual(['ok', 'ok'])
    expect(statuses(judgeSize([topic(3 << 20)], [aGroup({ lag: '9' })], config))).toEqual(['warn', 'ok'])
    const dead = aGroup({ group: 'old', lag: '10', in_use: false })
    const [full] = judgeSize([topic(3 << 20)], [aGroup({}), dead], config)
    expect(full).toMatchObject({ status: 'fail', advice: expect.stringContaining('drop-group old') })
  })

  it('tells a lag by its age, and who it is of', () => {
    const waits = (ms: number, isRunning = true) =>
      statuses(judgeGroups([aGroup({ lag: '3', waiting_since_ms: NOW - ms })], { now: NOW, isRunning }))
    expect([waits(0), waits(60_000), waits(600_000), waits(600_000, false)]).toEqual([
      ['ok'],
      ['warn'],
      ['fail'],
      ['ok'],
    ])
    expect(judgeGroups([aGroup({ group: 'old', lag: '1' })], { now: NOW, isRunning: true })).toMatchObject([
      { status: 'warn', advice: expect.stringContaining('drop-group old') },
    ])
  })

  it('sees records from the future', () => {
    expect(judgeTimes([topic(1)], NOW)).toEqual([])
    expect(judgeTimes([topic(1)], NOW - 3_600_000)).toMatchObject([{ status: 'fail', name: 'clock' }])
  })
})

describe('instance', () => {
  const process_ = {
    role: 'ingest',
    pid: 5,
    state: 'running',
    restarts: 0,
    info: {},
    healthy: true,
    reason: '',
  } as const
  const judge = (changes: object) =>
    statuses(
      judgeInstance(config, { state: 'running', health: { healthy: true, processes: [{ ...process_, ...changes }] } }),
    )

  it('tells processes that are well, restarted, ill, and an instance that hangs', () => {
    expect([judge({}), judge({ restarts: 2 }), judge({ healthy: false, reason: 'x' })]).toEqual([
      ['ok'],
      ['warn'],
      ['fail'],
    ])
    expect(statuses(judgeInstance(config, { state: 'absent' }))).toEqual(['ok'])
    expect(statuses(judgeInstance(config, { state: 'hangs', reason: 'no answer' }))).toEqual(['fail'])
    const [foreign] = judgeInstance(config, { state: 'foreign', reason: 'it keeps its data in /other' })
    expect(foreign).toMatchObject({ status: 'warn', found: expect.stringContaining('/other') })
    expect(foreign!.advice).toContain('--admin-port')
  })

  it('judges store and ledger by their figures', () => {
    const state = {
      product_version: 'no such version',
      pipeline_version: 'p',
      data_dir: config.data_dir,
      engine_version: '1',
      query_ms: 5,
      clock_ahead_ms: 0,
      migrations_missing: [],
      ledger_rows: 1,
      spans_rows: 1,
    }
    expect(statuses(judgeStore(state, config))).toEqual(['ok', 'warn'])
    const ill = {
      ...state,
      data_dir: '/elsewhere',
      query_ms: 9_000,
      clock_ahead_ms: 5_000,
      migrations_missing: ['0009-x.sql'],
    }
    expect(statuses(judgeStore(ill, config))).toEqual(['fail', 'warn', 'warn', 'fail', 'warn'])
    const ledger = { lost: 0, duplicated: 0, checksum_mismatches: 0, ranges: 3 }
    expect(statuses(judgeLedger(ledger as never))).toEqual(['ok'])
    expect(judgeLedger({ ...ledger, lost: 4 } as never)).toMatchObject([
      { status: 'fail', advice: expect.stringContaining('store rebuild') },
    ])
  })

  it('says how to go on when the files of the tables are gone', () => {
    const gone = new Error('Code: 107. DB::Exception: Cannot open file a/data.bin. (FILE_DOESNT_EXIST)')
    expect(judgeStoreError(gone)).toMatchObject([
      { status: 'fail', advice: expect.stringContaining('rebuild what the log still holds') },
    ])
    const also = new Error('Code: 1001. filesystem error: in file_size: No such file or directory. (STD_EXCEPTION)')
    expect(statuses(judgeStoreError(also))).toEqual(['fail'])
    expect(() => judgeStoreError(new Error('no answer within 15 s'))).toThrow('no answer')
  })
})
