import type { HttpAnswer, HttpCall } from '../../core/http-collector.ts'
import { httpFailure } from '../../core/http-failure.ts'
import type { Form, Signal } from '../../core/otlp-body.ts'
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
  const headers = { 'content-type': form === 'json' ? 'application/json' : 'application/x-protobuf' }
  if (outcome.ok) {
    const body = encodeExportResponse(signal === 'logs' ? 'logs' : 'traces', outcome, form)
    return { status: 200, headers, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
  }
  const failure = httpFailure(outcome, 'POST')
  return { ...failure, headers: { ...headers, ...failure.headers }, body: encodeFailure(outcome, form) }
}
