import { CodedError } from '../../core/errors.ts'
import type { IngestLimits } from '../../core/ingest-limits.ts'
import { parseJson, scanRequest } from '../../core/otlp-body.ts'
import type { Translated, Translations } from '../../core/otlp-digest.ts'
import { rejectionText } from '../../core/otlp-failures.ts'
import { OtlpLimitError } from '../../schemas/otlp/errors.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import type { RejectionReason } from '../../schemas/otlp/scan.ts'
import { canonicalJson, derivedTraceId, traceIdFrom } from './ids.ts'
import { MAX_PROBLEMS, type Path, type Problem, problem, problemsOf } from './problems.ts'
import { extentOf, otlpRequest, type PlacedSpan, placedSpans, resourceAttributes } from './to-otlp.ts'
import { batchSchema, isMessages, isObject, type SpanInput, type TraceInput, traceSchema } from './trace-schema.ts'

/** Where to find what was accepted. `span_ids` in the order of the spans as sent, the trace's own first. */
export interface AcceptedTrace {
  readonly index: number
  readonly trace_id: string
  readonly span_ids: readonly string[]
}

export interface RejectedTrace {
  readonly index: number
  readonly errors: readonly Problem[]
}

/** What became of every trace of a request, in its order. Of the form `trace`, exactly one. */
export interface RestReport {
  readonly accepted: readonly AcceptedTrace[]
  readonly rejected: readonly RejectedTrace[]
}

const CODE = 'TRACE_INVALID'

/** For createOtlpIntake and serveDigests. Parameter `idempotency_key`: the header of that name, or absent. */
export const REST_TRANSLATIONS = {
  rest_trace: (body, { idempotency_key = '' }, limits) => translate('trace', body, { idempotency_key, limits }),
  rest_batch: (body, { idempotency_key = '' }, limits) => translate('batch', body, { idempotency_key, limits }),
} as const satisfies Translations

interface Reading {
  readonly idempotency_key: string
  readonly limits: IngestLimits
}

interface Checked {
  readonly bytes: Uint8Array
  readonly trace_id: string
  readonly span_ids: readonly string[]
}

/**
 * One trace, or a batch, as the bytes of an ExportTraceServiceRequest. A trace is taken whole or not at all, and a bad one
 * costs no other. Pure: the same body gives the same bytes. Throws TRACE_INVALID where the body is no JSON, and
 * REQUEST_TOO_LARGE.
 */
function translate(
  form: 'trace' | 'batch',
  body: Buffer,
  { idempotency_key, limits }: Reading,
): Translated<RestReport> {
  const json = parseJson(body, limits, CODE)
  const traces = form === 'batch' ? tracesOf(json) : [json]
  refuseTooMany(isRefusal(traces) ? [] : traces, limits)
  if (isRefusal(traces)) return nothing({ accepted: [], rejected: [{ index: 0, errors: traces.errors }] })
  const accepted: AcceptedTrace[] = []
  const rejected: RejectedTrace[] = []
  const pieces: Uint8Array[] = []
  const occurrences = new Map<string, number>()
  const taken = new Set<string>()
  let problems = 0
  let left = limits.max_inflated_bytes
  for (const [index, trace] of traces.entries()) {
    const root = form === 'batch' ? ['traces', index] : []
    const checked = checkTrace(trace, root, { ...limits, max_inflated_bytes: left }, (content) => {
      const text = canonicalJson(content)
      const occurrence = occurrences.get(text) ?? 0
      occurrences.set(text, occurrence + 1)
      return derivedTraceId(text, { idempotency_key, occurrence })
    })
    const errors = isRefusal(checked) ? checked.errors : repeatedTrace(checked, taken, root)
    if (isRefusal(checked) || errors.length > 0) {
      rejected.push({ index, errors: errors.slice(0, Math.max(1, MAX_PROBLEMS - problems)) })
      problems += errors.length
    } else {
      pieces.push(checked.bytes)
      left -= checked.bytes.length
      taken.add(checked.trace_id)
      accepted.push({ index, trace_id: checked.trace_id, span_ids: checked.span_ids })
    }
  }
  const report = { accepted, rejected }
  // Requests put behind each other are one request: resource_spans is a repeated field.
  if (accepted.length === 0 && rejected.length > 0) return nothing(report)
  return { protobuf: Buffer.concat(pieces), report, rejected: { code: CODE, count: rejected.length } }
}

/** Counted before each is looked at, which costs a hundred times as much. */
function refuseTooMany(traces: readonly unknown[], { max_spans }: IngestLimits): void {
  let left = max_spans
  const rest: (readonly unknown[])[] = [traces]
  for (let spans = rest.pop(); spans !== undefined; spans = rest.pop()) {
    left -= spans.length
    if (left < 0) {
      throw new CodedError('REQUEST_TOO_LARGE', `The request holds more than ${max_spans} spans; send smaller batches.`)
    }
    for (const span of spans) if (isObject(span) && Array.isArray(span.spans)) rest.push(span.spans)
  }
}

function nothing(report: RestReport): Translated<RestReport> {
  const count = report.rejected.reduce((sum, { errors }) => sum + errors.length, 0)
  const message = `Nothing was taken: ${count === 1 ? '1 problem' : `${count} problems`}.`
  const rejected = { code: CODE, count: report.rejected.length } as const
  return { protobuf: new Uint8Array(), report, rejected, refused: message }
}

/** Rows of the one would replace those of the other. */
function repeatedTrace({ trace_id }: Checked, accepted: ReadonlySet<string>, root: Path): readonly Problem[] {
  return accepted.has(trace_id) ? [problem([...root, 'id'], 'is the id of another trace of this request')] : []
}

interface Refusal {
  readonly errors: readonly Problem[]
}

function isRefusal(value: object): value is Refusal {
  return 'errors' in value
}

function tracesOf(json: unknown): readonly unknown[] | Refusal {
  const parsed = batchSchema.safeParse(json)
  return parsed.success ? parsed.data.traces : { errors: problemsOf(parsed.error, []) }
}

function checkTrace(
  json: unknown,
  root: Path,
  limits: IngestLimits,
  derive: (content: unknown) => string,
): Checked | Refusal {
  if (isObject(json) && ('resourceSpans' in json || 'resource_spans' in json)) {
    return { errors: [problem(root, 'is an OTLP request: send it to /v1/traces')] }
  }
  // First, because the rest looks at every member several times.
  const crowded = crowdedMetadata(json, root, limits)
  if (crowded.length > 0) return { errors: crowded }
  const parsed = traceSchema.safeParse(json)
  if (!parsed.success) return { errors: problemsOf(parsed.error, root) }
  const trace = parsed.data
  const trace_id = trace.id ? traceIdFrom(trace.id) : derive(json)
  const spans = placedSpans(trace, trace_id)
  const errors = [...missingTime(trace, root), ...misplacedToolCalls(trace, root), ...repeatedIds(spans, root)]
  if (errors.length > 0) return { errors }
  return encode(trace, spans, root, limits)
}

function crowdedMetadata(span: unknown, path: Path, limits: IngestLimits): readonly Problem[] {
  if (!isObject(span)) return []
  const { metadata, spans } = span
  const own =
    isObject(metadata) && Object.keys(metadata).length > limits.max_attributes
      ? [tooMuch(path, 'too_many_attributes')]
      : []
  if (!Array.isArray(spans)) return own
  return [...own, ...spans.flatMap((inner, at) => crowdedMetadata(inner, [...path, 'spans', at], limits))]
}

/** A time of arrival instead would put a repeated request beside the first one, as another trace. */
function missingTime(trace: TraceInput, root: Path): readonly Problem[] {
  if (extentOf(trace).start !== 0n) return []
  return [problem([...root, 'start_time'], 'is missing: give the trace, or a span in it, at least one time')]
}

function misplacedToolCalls(span: SpanInput | TraceInput, path: Path): readonly Problem[] {
  const isMessage = isMessages(span.output) || (isObject(span.output) && span.output.role !== undefined)
  const own =
    span.tool_calls && isMessage
      ? [problem([...path, 'tool_calls'], 'stand in `output` already where it is a message: leave them out here')]
      : []
  return [...own, ...(span.spans ?? []).flatMap((inner, at) => misplacedToolCalls(inner, [...path, 'spans', at]))]
}

function repeatedIds(spans: readonly PlacedSpan[], root: Path): readonly Problem[] {
  const seen = new Set<string>()
  return spans.flatMap(({ path, span }) => {
    const isRepeated = seen.has(span.spanId)
    seen.add(span.spanId)
    return isRepeated ? [problem([...root, ...path, 'id'], 'is the id of another span of this trace')] : []
  })
}

function encode(trace: TraceInput, spans: readonly PlacedSpan[], root: Path, limits: IngestLimits): Checked | Refusal {
  const resource = resourceAttributes(trace)
  const encoded = (part: readonly PlacedSpan[]) =>
    withinBounds(
      otlpRequest(
        resource,
        part.map(({ span }) => span),
      ),
      limits,
    )
  const bytes = encoded(spans)
  if (scanRequest('traces', bytes, limits).rejected.length === 0) {
    const { traceId } = spans[0]!.span
    return { bytes, trace_id: traceId, span_ids: spans.map(({ span }) => span.spanId) }
  }
  // Rare, so that the spans are looked at one by one only now.
  const errors = spans.flatMap((one) =>
    scanRequest('traces', encoded([one]), limits).rejected.map(({ reason }) => tooMuch([...root, ...one.path], reason)),
  )
  return { errors }
}

/** Throws REQUEST_TOO_LARGE: what the spans of a trace have from it, such as tags, is written for each of them. */
function withinBounds(request: object, { max_inflated_bytes }: IngestLimits): Uint8Array {
  try {
    return encodeTracesJson(request, max_inflated_bytes)
  } catch (error) {
    if (!(error instanceof OtlpLimitError)) throw error
    const message = 'The spans take more than max_inflated_bytes together, with all that they have from their traces.'
    throw new CodedError('REQUEST_TOO_LARGE', message, { cause: error })
  }
}

function tooMuch(path: Path, reason: RejectionReason): Problem {
  return problem(path, `${rejectionText(reason)} (${reason}); the limits are ingest.limits in evalforge.yaml`)
}
