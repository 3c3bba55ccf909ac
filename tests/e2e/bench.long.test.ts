import { expect, it } from 'vitest'
import type { BenchResult } from '../../app/bench/pipeline.ts'
import { runCommand } from '../../app/bench/started-pipeline.ts'
import type { TargetResult } from '../../app/bench/target.ts'
import { aPipeline, countSpans, temporaryDirectory } from './a-pipeline.ts'

it('measures an instance of its own, and compares what was acknowledged with what is stored', async () => {
  const { output, exited } = runCommand(['bench', '--seconds', '3', '--rate', '500', '--json'])
  expect(await exited, output.stderr).toBe(0)
  const result = JSON.parse(output.stdout) as BenchResult
  expect(result).toMatchObject({ offered_spans_per_second: 500, lost: 0, duplicated: 0, requests_unanswered: 0 })
  expect(result.spans_acknowledged).toBe(8 * 500)
  expect(result.spans_stored).toBe(result.spans_acknowledged)
  expect(result.cpu_us_per_span).toBeGreaterThan(0)
  expect(output.stderr).toMatch(/About \d+ MiB of disk/)
})

it('measures a door that runs elsewhere, and says what each figure means', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const load = ['bench', '--target', pipeline.otlp_http, '--seconds', '2', '--rate', '300']
  const asJson = runCommand([...load, '--json'])
  expect(await asJson.exited, asJson.output.stderr).toBe(0)
  const result = JSON.parse(asJson.output.stdout) as TargetResult
  expect(result).toMatchObject({ spans_acknowledged: 7 * 300, requests_unanswered: 0, errors: {} })
  expect(await countSpans(pipeline)).toBe(result.spans_acknowledged)
  const asTable = runCommand(load)
  expect(await asTable.exited, asTable.output.stderr).toBe(0)
  expect(asTable.output.stdout).toMatch(/spans per second +\d+ of 300 offered +acknowledged by http/)
  // Each run sends spans of its own: a target keeps what an earlier one sent.
  expect(await countSpans(pipeline)).toBe(2 * result.spans_acknowledged)
})
