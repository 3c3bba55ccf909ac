import type { StartedPipeline } from '../../app/bench/started-pipeline.ts'
import { spanId, traceId } from './a-pipeline.ts'

export interface LogGiven {
  readonly trace: number
  readonly span: number
  readonly name: string
  readonly content: string
  readonly at_ms: number
}

/** What an SDK logs about a model call, in OTLP/JSON (OpenTelemetry GenAI events 1.28 to 1.36). */
export function aLog({ trace, span, name, content, at_ms }: LogGiven): object {
  const text = { stringValue: content }
  const choice = { kvlistValue: { values: [{ key: 'content', value: text }] } }
  const values =
    name === 'gen_ai.choice'
      ? [
          { key: 'index', value: { intValue: '0' } },
          { key: 'finish_reason', value: { stringValue: 'stop' } },
          { key: 'message', value: choice },
        ]
      : [{ key: 'content', value: text }]
  return {
    timeUnixNano: String(BigInt(at_ms) * 1_000_000n),
    eventName: name,
    body: { kvlistValue: { values } },
    attributes: [{ key: 'gen_ai.system', value: { stringValue: 'openai' } }],
    traceId: traceId(trace),
    spanId: spanId(span),
  }
}

/** Posts OTLP/JSON and returns the status. */
export async function postLogs(pipeline: Pick<StartedPipeline, 'otlp_http'>, logs: readonly object[]): Promise<number> {
  const response = await fetch(`${pipeline.otlp_http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: 'openai' }, logRecords: logs }] }] }),
  })
  await response.arrayBuffer()
  return response.status
}
