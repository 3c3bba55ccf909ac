import type { ServerResponse } from 'node:http'
import type { EngineResult } from '../engine.ts'
import { compress } from './body.ts'
import type { HttpError } from './http-error.ts'

export interface Answer {
  readonly result: EngineResult
  readonly format: string
  readonly content_type: string
  /** Accept-Encoding when the client asked for compression by setting, else ''. */
  readonly accept_encoding: string
}

export interface AnswerContext {
  readonly query_id: string
  readonly timezone: string
}

export async function sendAnswer(response: ServerResponse, answer: Answer, context: AnswerContext): Promise<void> {
  const { result, format, content_type, accept_encoding } = answer
  const { bytes, encoding } = await compress(result.bytes, accept_encoding)
  setContext(response, context)
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Summary', summary(result))
  response.setHeader('Content-Type', content_type)
  if (encoding !== null) response.setHeader('Content-Encoding', encoding)
  end(response, 200, bytes)
}

/** The answer to an insert or a statement without rows. */
export function sendDone(response: ServerResponse, context: AnswerContext): void {
  setContext(response, context)
  response.setHeader('X-ClickHouse-Summary', summary({ rows_read: 0, bytes_read: 0, elapsed_s: 0 }))
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  end(response, 200, new Uint8Array(0))
}

export function sendError(response: ServerResponse, error: HttpError, context: AnswerContext): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  setContext(response, context)
  response.setHeader('X-ClickHouse-Exception-Code', String(error.clickhouse_code))
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  if (error.status === 503) response.setHeader('Retry-After', '1')
  // The rest of a body nobody reads would be taken for the next request.
  response.setHeader('Connection', 'close')
  end(response, error.status, Buffer.from(`${error.message.trimEnd()}\n`))
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  end(response, status, Buffer.from(text))
}

function setContext(response: ServerResponse, { query_id, timezone }: AnswerContext): void {
  response.setHeader('X-ClickHouse-Server-Display-Name', 'evalforge')
  response.setHeader('X-ClickHouse-Timezone', timezone)
  response.setHeader('X-ClickHouse-Query-Id', query_id)
}

function summary({ rows_read, bytes_read, elapsed_s }: Omit<EngineResult, 'bytes'>): string {
  return JSON.stringify({
    read_rows: String(rows_read),
    read_bytes: String(bytes_read),
    written_rows: '0',
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: String(rows_read),
    result_bytes: String(bytes_read),
    elapsed_ns: String(Math.round(elapsed_s * 1e9)),
  })
}

function end(response: ServerResponse, status: number, bytes: Uint8Array): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = status
  response.setHeader('Content-Length', bytes.byteLength)
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}
