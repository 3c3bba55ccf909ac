import { STATUS_CODES } from 'node:http'
import { CodedError } from '../../../../core/errors.ts'
import { EngineError } from '../engine.ts'

/** An error as ClickHouse answers it over HTTP: a status, a code and a text. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly clickhouse_code: number

  constructor(status: number, clickhouse_code: number, message: string) {
    super(message)
    this.status = status
    this.clickhouse_code = clickhouse_code
  }
}

/** ClickHouse's names for the codes this door gives itself. */
export const CLICKHOUSE = {
  ILLEGAL_ARGUMENT: { code: 36, name: 'BAD_ARGUMENTS', status: 400 },
  NOT_IMPLEMENTED: { code: 48, name: 'NOT_IMPLEMENTED', status: 501 },
  SYNTAX_ERROR: { code: 62, name: 'SYNTAX_ERROR', status: 400 },
  UNKNOWN_FORMAT: { code: 73, name: 'UNKNOWN_FORMAT', status: 404 },
  UNKNOWN_DATABASE: { code: 81, name: 'UNKNOWN_DATABASE', status: 404 },
  UNKNOWN_SETTING: { code: 115, name: 'UNKNOWN_SETTING', status: 400 },
  TOO_MANY_QUERIES: { code: 202, name: 'TOO_MANY_SIMULTANEOUS_QUERIES', status: 503 },
  TOO_LARGE: { code: 229, name: 'QUERY_IS_TOO_LARGE', status: 413 },
  CANNOT_DECOMPRESS: { code: 271, name: 'CANNOT_DECOMPRESS', status: 400 },
  BAD_PARAMETER: { code: 408, name: 'BAD_REQUEST_PARAMETER', status: 400 },
  ACCESS_DENIED: { code: 497, name: 'ACCESS_DENIED', status: 403 },
  AUTHENTICATION_FAILED: { code: 516, name: 'AUTHENTICATION_FAILED', status: 403 },
} as const

export function httpError(kind: keyof typeof CLICKHOUSE, message: string): HttpError {
  const { code, name, status } = CLICKHOUSE[kind]
  return new HttpError(status, code, `Code: ${code}. DB::Exception: ${message} (${name})`)
}

/**
 * The engine's own trouble: disk, memory of the process, damaged parts, bugs. A server answers 500 to every code it has no
 * status for, most of which the query itself causes (a type that does not fit, sleep() for too long): here those are 400.
 */
const OWN_FAULT = [
  33, 40, 49, 74, 75, 77, 79, 107, 173, 210, 225, 226, 228, 232, 233, 236, 240, 242, 243, 246, 252, 286, 290, 999,
]
const NOT_FOUND = [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336]
/** Otherwise as the server maps its codes (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp), and limits to 4xx instead of 500. */
const STATUS = new Map<number, number>([
  ...OWN_FAULT.map((code) => [code, 500] as const),
  ...NOT_FOUND.map((code) => [code, 404] as const),
  [48, 501],
  [76, 503],
  [159, 408],
  [164, 403],
  [209, 503],
  [229, 413],
  [381, 411],
  [394, 503],
  [439, 503],
  [497, 403],
  [516, 403],
])

/** Codes from 1000 on are exceptions of libraries below the engine. */
const FIRST_FOREIGN_CODE = 1000

function statusOf(code: number): number {
  return STATUS.get(code) ?? (code >= FIRST_FOREIGN_CODE ? 500 : 400)
}

/** Whatever failed, as an answer of ClickHouse. */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof EngineError)
    return new HttpError(statusOf(error.clickhouse_code), error.clickhouse_code, error.message)
  if (error instanceof CodedError && error.cause instanceof EngineError) return asHttpError(error.cause)
  if (error instanceof CodedError && error.code === 'STORE_UNAVAILABLE')
    return httpError('TOO_MANY_QUERIES', error.message)
  if (error instanceof CodedError) return new HttpError(500, 1000, `Code: 1000. DB::Exception: ${error.message}`)
  return new HttpError(500, 1000, `Code: 1000. DB::Exception: ${STATUS_CODES[500]}`)
}
