import { expect, it } from 'vitest'
import { freePorts, ROOT, runCommand } from '../../app/bench/started-pipeline.ts'
import type { DemoResult } from '../../app/demo/result.ts'
import { temporaryDirectory } from './a-pipeline.ts'

it('npm run demo -- --exit --json: real traces in, everything accounted for, first rows within 60 s', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const demo = runCommand(
    [
      ...['demo', '--exit', '--json', '--data-dir', directory.path],
      ...['--otlp-http-port', String(ports.otlp_http), '--otlp-grpc-port', String(ports.otlp_grpc)],
      ...['--clickhouse-port', String(ports.clickhouse), '--admin-port', String(ports.admin)],
    ],
    ROOT,
  )
  expect(await demo.exited, demo.output.stderr).toBe(0)
  const result = JSON.parse(demo.output.stdout) as DemoResult
  expect(result).toMatchObject({ dead_letters: 0, lost: 0, duplicated: 0 })
  expect(result.spans_sent).toBeGreaterThan(100)
  expect(result.spans_stored).toBe(result.spans_sent)
  expect(result.evaluations).toBeGreaterThan(result.spans_sent)
  expect(result.sdks).toBeGreaterThanOrEqual(8)
  const { p50, p95, p99 } = result.accepted_to_queryable_ms
  expect(0 < p50 && p50 <= p95 && p95 <= p99 && p99 < 30_000, JSON.stringify({ p50, p95, p99 })).toBe(true)
  expect(result.first_rows_ms).toBeLessThan(60_000)
  expect(demo.output.stderr).toBe('')
})
