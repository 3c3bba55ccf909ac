import { presentedKeys } from '../../core/api-keys.ts'
import { CodedError } from '../../core/errors.ts'
import type { HttpAnswer, HttpCall, HttpCollector } from '../../core/http-collector.ts'
import { parseContentEncoding } from '../../core/inflate.ts'
import { type CollectorDeps, createOtlpIntake, type Outcome } from '../../core/otlp-intake.ts'
import { accepted, jsonAnswer, refused } from './answer.ts'
import { openApiDocument } from './openapi.ts'
import { REST_TRANSLATIONS, type RestReport } from './translate.ts'

type Target = 'trace' | 'batch' | 'openapi'

const TARGETS: ReadonlyMap<string, Target> = new Map([
  ['/api/v1/traces', 'trace'],
  ['/api/v1/traces/batch', 'batch'],
  ['/api/v1/openapi.json', 'openapi'],
])

/** Traces in simple JSON, for programs without OpenTelemetry. They become the same records as OTLP (docs/rest.md). */
export function createRest(deps: CollectorDeps): HttpCollector {
  const intake = createOtlpIntake('rest', deps, REST_TRANSLATIONS)
  let document: object | undefined

  function refuse(call: HttpCall, error: CodedError): HttpAnswer {
    return toAnswer(call, 'trace', intake.refuse(error, call.trail))
  }

  function describe(call: HttpCall): HttpAnswer {
    if (call.method !== 'GET') return refuse(call, new CodedError('METHOD_NOT_ALLOWED', 'This is read with GET.'))
    document ??= openApiDocument()
    return jsonAnswer(200, document)
  }

  async function take(call: HttpCall, form: 'trace' | 'batch'): Promise<HttpAnswer | null> {
    if (call.method !== 'POST') {
      return refuse(
        call,
        new CodedError('METHOD_NOT_ALLOWED', 'Traces are sent here with POST, and read from port 8123.'),
      )
    }
    const outcome = await intake.handle({
      signal: 'traces',
      transport: 'http',
      keys: presentedKeys(call.header),
      trail: call.trail,
      declared_bytes: call.declared_bytes,
      translation: {
        name: `rest_${form}`,
        parameters: { idempotency_key: call.header('idempotency-key') ?? '' },
      },
      async read(ticket) {
        const encodings = parseContentEncoding(call.header('content-encoding'))
        const bytes = await call.read(ticket, deps.limits.max_request_bytes)
        return { bytes, encodings, declared: 'json' }
      },
    })
    return !outcome.ok && outcome.code === 'CLIENT_CLOSED' ? null : toAnswer(call, form, outcome)
  }

  return {
    takes: (call) => targetOf(call) !== undefined,
    async answer(call) {
      const target = targetOf(call)
      if (target === undefined) return refuse(call, new CodedError('ROUTE_NOT_FOUND'))
      return target === 'openapi' ? describe(call) : take(call, target)
    },
    refuse,
    stop: intake.stop,
  }
}

/** An OTLP exporter whose base address ends in /api sends its protobuf to /api/v1/traces, too. */
function targetOf(call: HttpCall): Target | undefined {
  const target = TARGETS.get(call.path.replace(/\/+$/, ''))
  const isProtobuf = /^application\/(x-)?protobuf\b/i.test(call.header('content-type') ?? '')
  return target === 'trace' && isProtobuf ? undefined : target
}

function toAnswer(call: HttpCall, form: 'trace' | 'batch', outcome: Outcome): HttpAnswer {
  if (outcome.ok) return accepted(form, outcome.report as RestReport)
  return refused(outcome, targetOf(call) === 'openapi' ? 'GET' : 'POST')
}
