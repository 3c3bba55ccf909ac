import { presentedKeys } from '../../core/api-keys.ts'
import { CodedError } from '../../core/errors.ts'
import type { HttpAnswer, HttpCall, HttpCollector } from '../../core/http-collector.ts'
import { parseContentEncoding } from '../../core/inflate.ts'
import { type CollectorDeps, createOtlpIntake } from '../../core/otlp-intake.ts'
import { declaredForm, toAnswer } from './answer.ts'
import { signalOf } from './route.ts'

/** OTLP over HTTP/1.1: any POST path that ends in /v1/traces or /v1/logs, protobuf or JSON. */
export function createOtlpHttp(deps: CollectorDeps): HttpCollector {
  const intake = createOtlpIntake('otlp-http', deps)

  function refuse(call: HttpCall, error: CodedError): HttpAnswer {
    return toAnswer(call, 'other', intake.refuse(error, call.trail))
  }

  return {
    takes: ({ path }) => signalOf(path) !== null,
    async answer(call) {
      const signal = signalOf(call.path)
      if (signal === null) return refuse(call, new CodedError('ROUTE_NOT_FOUND'))
      if (call.method !== 'POST') return refuse(call, new CodedError('METHOD_NOT_ALLOWED'))
      const outcome = await intake.handle({
        signal,
        transport: 'http',
        keys: presentedKeys(call.header),
        trail: call.trail,
        declared_bytes: call.declared_bytes,
        async read(ticket) {
          const encodings = parseContentEncoding(call.header('content-encoding'))
          const bytes = await call.read(ticket, deps.limits.max_request_bytes)
          return { bytes, encodings, declared: declaredForm(call) }
        },
      })
      return !outcome.ok && outcome.code === 'CLIENT_CLOSED' ? null : toAnswer(call, signal, outcome)
    },
    refuse,
    stop: intake.stop,
  }
}
