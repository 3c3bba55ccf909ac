import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Ports,
  type StartedPipeline,
  type StartOptions,
  startPipeline,
  untilCaughtUp,
} from '../../app/bench/started-pipeline.ts'
import { askClickhouse } from '../../app/demo/clickhouse-client.ts'
import { systemClock } from '../../core/clock.ts'

export interface TemporaryDirectory extends Disposable {
  readonly path: string
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'evalforge-e2e-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export type TestPipeline = StartedPipeline & AsyncDisposable

/** A running pipeline that is stopped at the end of the test, however the test ends. */
export async function aPipeline(
  directory: TemporaryDirectory,
  options: Omit<StartOptions, 'data_dir'> = {},
): Promise<TestPipeline> {
  const pipeline = await startPipeline({ ...options, data_dir: directory.path })
  return { ...pipeline, [Symbol.asyncDispose]: async () => void (await pipeline.stop()) }
}

export type { Ports }

const NS_PER_MS = 1_000_000n

export interface SpanGiven {
  readonly trace: number
  readonly span: number
  readonly parent?: number
  readonly start_ms: number
  readonly attributes?: Readonly<Record<string, string | number>>
}

export const traceId = (number: number) => number.toString(16).padStart(32, '0')
export const spanId = (number: number) => number.toString(16).padStart(16, '0')

/** A model call in OTLP/JSON that took half a second. */
export function aChat({ trace, span, parent, start_ms, attributes = {} }: SpanGiven): object {
  const all = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
    ...attributes,
  }
  return {
    traceId: traceId(trace),
    spanId: spanId(span),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    name: 'chat gpt-4o',
    kind: 3,
    startTimeUnixNano: String(BigInt(start_ms) * NS_PER_MS),
    endTimeUnixNano: String(BigInt(start_ms + 500) * NS_PER_MS),
    attributes: Object.entries(all).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    })),
  }
}

export const aRequest = (spans: readonly object[]): object => ({
  resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'a-test' }, spans }] }],
})

/** Posts OTLP/JSON and returns the status. */
export async function postTraces(pipeline: StartedPipeline, request: object): Promise<number> {
  const response = await fetch(`${pipeline.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  await response.arrayBuffer()
  return response.status
}

export function ask<Row>(pipeline: StartedPipeline, sql: string): Promise<readonly Row[]> {
  return askClickhouse<Row>(pipeline.clickhouse, sql)
}

/** Waits until everything on the log is committed, then counts the rows of view spans. */
export async function countSpans(pipeline: StartedPipeline, where = 'true'): Promise<number> {
  await untilCaughtUp(pipeline)
  const [row] = await ask<{ spans: string }>(pipeline, `SELECT toString(count()) AS spans FROM spans WHERE ${where}`)
  return Number(row!.spans)
}

/** Waits for `condition`; throws with what was waited for. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeout_ms = 20_000,
): Promise<void> {
  const deadline = systemClock.monotonic() + timeout_ms
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited ${timeout_ms} ms in vain: ${what}`)
    await systemClock.sleep(50)
  }
}
