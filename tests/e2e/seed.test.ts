import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts, runCommand } from '../../app/bench/started-pipeline.ts'
import type { SeedResult } from '../../app/seed/result.ts'
import { aPipeline, temporaryDirectory } from './a-pipeline.ts'

const WEEK_MS = 7 * 86_400_000
/** The last Thursday, 00:00 UTC (1970 began on one): on whatever day the test runs, the same weekdays and hours are made up. */
const UNTIL = new Date(Math.floor(Date.now() / WEEK_MS) * WEEK_MS).toISOString()

it('seeds a running instance with a history whose faults its queries show, none lost, none twice', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  await using pipeline = await aPipeline(directory, { ports })
  const { output, exited } = runCommand([
    ...['seed', '--spans', '10000', '--days', '7', '--seed', '1', '--json'],
    ...['--until', UNTIL, '--config', join(directory.path, 'evalforge.yaml')],
    ...['--otlp-http-port', String(ports.otlp_http), '--clickhouse-port', String(ports.clickhouse)],
    ...['--admin-port', String(ports.admin)],
  ])
  expect(await exited, output.stderr).toBe(0)
  const result = JSON.parse(output.stdout) as SeedResult
  expect(result).toMatchObject({ lost: 0, duplicated: 0, project: 'default' })
  expect(result.spans_stored).toBe(result.spans_sent)
  expect(result.spans_repeated).toBeGreaterThan(0)
  const hidden = result.faults.filter(({ revealed }) => revealed !== true)
  expect(hidden.map(({ fault, rows }) => ({ fault, rows }))).toEqual([])
  expect(pipeline.log()).not.toContain('"level":"error"')
})

it('refuses what cannot work, and says what can', async () => {
  using directory = temporaryDirectory()
  const tooLong = runCommand(['seed', '--days', '400', '--data-dir', directory.path])
  expect(await tooLong.exited).toBe(1)
  expect(tooLong.output.stderr).toContain('at most 89 fit')
})
