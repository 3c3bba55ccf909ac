import type { HttpAnswer, HttpCall } from '../../core/http-collector.ts'
import { ACCEPT_ENCODING } from '../../core/inflate.ts'
import type { Form, Signal } from '../../core/otlp-body.ts'
import { failureStatus } from '../../core/otlp-failures.ts'
import type { Outcome } from '../../core/otlp-intake.ts'
import { encodeFailure } from '../../core/rpc-status.ts'
import { encodeExportResponse } from '../../schemas/otlp/response.ts'

/** null where the sender gives no content type, or one that is not of OTLP. */
export function declaredForm(call: HttpCall): Form | null {
  const type = (call.header('content-type') ?? '').replace(/;.*/s, '').trim().toLowerCase()
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf'
  return type === 'application/json' ? 'json' : null
}

/** In the encoding of the request; where neither its header nor its body tells, in JSON, which people can read. */
export function toAnswer(call: HttpCall, signal: Signal | 'other', outcome: Outcome): HttpAnswer {
  const form = declaredForm(call) ?? outcome.form ?? 'json'
  const headers: Record<string, string | number> = {
    'content-type': form === 'json' ? 'application/json' : 'application/x-protobuf',
  }
  if (outcome.ok) {
    const body = encodeExportResponse(signal === 'logs' ? 'logs' : 'traces', outcome, form)
    return { status: 200, headers, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
  }
  const { code } = outcome
  const { http, retry_after_s: usual_s } = failureStatus(code)
  const retry_after_s = outcome.retry_after_s ?? usual_s
  if (retry_after_s > 0) headers['retry-after'] = retry_after_s
  if (http === 401) headers['www-authenticate'] = 'Bearer realm="evalforge"'
  if (code === 'UNSUPPORTED_ENCODING') headers['accept-encoding'] = ACCEPT_ENCODING
  if (code === 'METHOD_NOT_ALLOWED') headers.allow = 'POST'
  if (code === 'REQUEST_TOO_SLOW') headers.connection = 'close'
  return { status: http, headers, body: encodeFailure(outcome, form) }
}
