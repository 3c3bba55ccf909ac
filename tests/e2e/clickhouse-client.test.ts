import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  countSpans,
  postTraces,
  type TestPipeline,
  temporaryDirectory,
} from './a-pipeline.ts'

const directory = temporaryDirectory()
let pipeline: TestPipeline
let client: ReturnType<typeof createClient>

beforeAll(async () => {
  pipeline = await aPipeline(directory)
  const now = systemClock.now()
  const input = '[{"role":"user","parts":[{"type":"text","content":"Größe?\\n\\nAnd \'quotes\'"}]}]'
  const spans = [1, 2, 3].map((span) =>
    aChat({ trace: 1, span, start_ms: now - span * 1_000, attributes: { 'gen_ai.input.messages': input } }),
  )
  expect(await postTraces(pipeline, aRequest(spans))).toBe(200)
  expect(await countSpans(pipeline)).toBe(3)
  client = createClient({ url: pipeline.clickhouse, log: { level: ClickHouseLogLevel.OFF } })
})

afterAll(async () => {
  await client.close()
  await pipeline[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

it.each(['spans', 'span_texts', 'span_facts', 'evaluations', 'all_evaluations', 'usage', 'traces', 'ledger'])(
  'the client reads view %s',
  async (view) => {
    const result = await client.query({ query: `SELECT count() AS rows FROM ${view}`, format: 'JSONEachRow' })
    expect(Number((await result.json<{ rows: string }>())[0]!.rows)).toBeGreaterThanOrEqual(0)
  },
)

it('the client binds parameters, streams rows and gets texts back as they were sent', async () => {
  const result = await client.query({
    query: 'SELECT span_id, input_messages FROM span_texts WHERE project = {project:String} ORDER BY span_id',
    query_params: { project: 'default' },
    format: 'JSONEachRow',
  })
  const rows: { span_id: string; input_messages: string }[] = []
  for await (const batch of result.stream<{ span_id: string; input_messages: string }>())
    for (const row of batch) rows.push(row.json())
  expect(rows).toHaveLength(3)
  const [message] = JSON.parse(rows[0]!.input_messages) as { parts: { content: string }[] }[]
  expect(message!.parts[0]!.content).toBe("Größe?\n\nAnd 'quotes'")
  expect((await client.ping()).success).toBe(true)
})

it('one HTTP question with fetch, as curl asks it', async () => {
  const sql = 'SELECT sum(input_tokens) AS input, sum(output_tokens) AS output FROM usage FORMAT TabSeparated'
  expect(await (await fetch(`${pipeline.clickhouse}/?query=${encodeURIComponent(sql)}`)).text()).toBe('30\t15\n')
  expect(await (await fetch(pipeline.clickhouse, { method: 'POST', body: sql })).text()).toBe('30\t15\n')
})

it.each([
  "INSERT INTO spans_rows (project) VALUES ('x')",
  'DROP TABLE spans_rows',
  'TRUNCATE TABLE spans_rows',
  'ALTER TABLE spans_rows DELETE WHERE 1',
  'CREATE TABLE t (a Int8) ENGINE = Memory',
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
  "SELECT 1 INTO OUTFILE '/tmp/evalforge-must-not-exist'",
  'SELECT 1; DROP TABLE spans_rows',
  'SET readonly = 0',
  'SELECT count() FROM spans SETTINGS readonly = 0',
  'SYSTEM SHUTDOWN',
])('refuses %s and changes nothing', async (sql) => {
  const response = await fetch(pipeline.clickhouse, { method: 'POST', body: sql })
  expect(response.status, await response.text()).toBeGreaterThanOrEqual(400)
  expect(response.headers.get('x-clickhouse-exception-code')).toMatch(/^\d+$/)
  await expect(client.command({ query: sql })).rejects.toThrow()
  expect(await countSpansNow()).toBe('3\n')
})

const countSpansNow = async () =>
  (await fetch(pipeline.clickhouse, { method: 'POST', body: 'SELECT count() FROM spans FORMAT TabSeparated' })).text()
