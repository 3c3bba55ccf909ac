import { STATUS_CODES } from 'node:http'
import { ERRORS } from '../../core/errors.ts'
import type { HttpAnswer } from '../../core/http-collector.ts'
import { httpFailure } from '../../core/http-failure.ts'
import type { Outcome } from '../../core/otlp-intake.ts'
import { MAX_PROBLEMS } from './problems.ts'
import type { RestReport } from './translate.ts'

const NO_REPORT: RestReport = { accepted: [], rejected: [] }

/** For one trace {trace_id, span_ids}; for a batch {accepted, rejected}, 207 where both hold something. */
export function accepted(form: 'trace' | 'batch', { accepted, rejected }: RestReport): HttpAnswer {
  const [first] = accepted
  const body = form === 'batch' ? { accepted, rejected } : { trace_id: first?.trace_id, span_ids: first?.span_ids }
  return jsonAnswer(rejected.length > 0 ? 207 : 200, body)
}

/** Problem details (RFC 9457), with our `code`, and `errors` where places in the body are wrong. */
export function refused(outcome: Extract<Outcome, { ok: false }>, allow: string): HttpAnswer {
  const { code, message } = outcome
  const { status, headers } = httpFailure(outcome, allow)
  const { rejected } = (outcome.report as RestReport | undefined) ?? NO_REPORT
  const errors = rejected.flatMap((trace) => trace.errors).slice(0, MAX_PROBLEMS)
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? ERRORS[code].sentence,
    status,
    detail: message,
    code,
    ...(errors.length > 0 && { errors }),
  }
  return { status, headers: { 'content-type': 'application/problem+json', ...headers }, body: bytesOf(body) }
}

export function jsonAnswer(status: number, body: object): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: bytesOf(body) }
}

/** Bytes, because the framework adds a charset to the type of a text, which JSON has none of. */
function bytesOf(body: object): Buffer {
  return Buffer.from(JSON.stringify(body))
}
