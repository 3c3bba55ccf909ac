import { accountFor, readLedger } from '../../app/bench/accounting.ts'
import type { GeneratorReport } from '../../app/bench/generator.ts'
import { createRequestSource, type RequestSource } from '../../app/bench/requests.ts'
import { startGenerator } from '../../app/bench/start-generator.ts'
import { type StartedPipeline, untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { ask } from '../e2e/a-pipeline.ts'

const REQUEST = { seed: 7, span_bytes: 1_000, spans_per_request: 50 }
const PROJECT = 'default'

/** Sends from a process of its own; the report comes when every request is acknowledged or patience ran out. */
export function send(
  pipeline: StartedPipeline,
  load: { seconds: number; spans_per_second: number },
): Promise<GeneratorReport> {
  return startGenerator({
    ...REQUEST,
    otlp_http: pipeline.otlp_http,
    key: '',
    spans_per_second: load.spans_per_second,
    starts_at: systemClock.now() + 500,
    warm_up_ms: 0,
    measured_ms: load.seconds * 1000,
    connections: 8,
    patience_ms: 40_000,
  })
}

/** Everything a run must show once it has settled, in one object to compare with `nothingLost`. */
export async function settle(pipeline: StartedPipeline, report: GeneratorReport) {
  await untilCaughtUp(pipeline)
  const source = createRequestSource(REQUEST)
  const accounted = await accountFor({ ...report, source, clickhouse: pipeline.clickhouse, project: PROJECT })
  const { lost, duplicated, checksum_mismatches, late } = await readLedger(pipeline.admin)
  const [usage] = await ask<{ calls: string; input: string; output: string }>(
    pipeline,
    `SELECT toString(count()) AS calls, toString(sum(input_tokens)) AS input, toString(sum(output_tokens)) AS output FROM usage`,
  )
  return {
    unanswered: report.unanswered.length,
    lost: accounted.lost,
    duplicated: accounted.duplicated,
    ledger: { lost, duplicated, checksum_mismatches, late },
    usage: { calls: Number(usage!.calls), input: Number(usage!.input), output: Number(usage!.output) },
  }
}

/** What `settle` must return after `report`: every request answered, every span once, usage to the token. */
export function nothingLost(report: GeneratorReport): Awaited<ReturnType<typeof settle>> {
  return {
    unanswered: 0,
    lost: 0,
    duplicated: 0,
    ledger: { lost: 0, duplicated: 0, checksum_mismatches: 0, late: 0 },
    usage: usageOf(createRequestSource(REQUEST), report.acknowledged),
  }
}

/** Calls and tokens of the acknowledged requests, read from the bytes that were sent. */
function usageOf(source: RequestSource, acknowledged: readonly number[]) {
  const usage = { calls: 0, input: 0, output: 0 }
  for (const index of acknowledged)
    for (const { scope_spans } of readTraces(source.bodyOf(index, systemClock.now())))
      for (const { spans } of scope_spans)
        for (const { attributes } of spans) {
          if (attributes.get('gen_ai.operation.name') !== 'chat') continue
          usage.calls++
          usage.input += attributes.get('gen_ai.usage.input_tokens') as number
          usage.output += attributes.get('gen_ai.usage.output_tokens') as number
        }
  return usage
}

export async function pidOf(pipeline: StartedPipeline, role: 'store' | 'process' | 'ingest'): Promise<number> {
  const found = (await pipeline.processes()).find((process) => process.role === role)
  if (!found?.pid) throw new Error(`${role} has no process`)
  return found.pid
}
