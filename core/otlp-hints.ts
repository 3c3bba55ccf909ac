type JsonObject = Readonly<Record<string, unknown>>

/** What a body says that is JSON but no export request, and what its sender should do. First match wins. */
interface Mistake {
  readonly hint: string
  matches(body: JsonObject): boolean
}

const has = (...keys: readonly string[]) => {
  return (body: JsonObject) => keys.every((key) => key in body)
}
const any = (...tests: readonly ((body: JsonObject) => boolean)[]) => {
  return (body: JsonObject) => tests.some((test) => test(body))
}

const PLAIN_JSON = 'Plain JSON goes to /api/v1/traces (its form: GET /api/v1/openapi.json).'
const NO_PROXY =
  'EvalForge calls no models: leave the address of your LLM client as it is, and send traces, from an OTLP exporter or as plain JSON to /api/v1/traces.'

/** Forms by the members that make them unmistakable, the most telling first. */
const MISTAKES: readonly Mistake[] = [
  { matches: any(has('scopeSpans'), has('scope_spans')), hint: wrap('one entry of resourceSpans', 'resourceSpans') },
  { matches: any(has('scopeLogs'), has('scope_logs')), hint: wrap('one entry of resourceLogs', 'resourceLogs') },
  {
    matches: any(has('batches'), has('instrumentationLibrarySpans')),
    hint: 'This is the JSON of an older OTLP or of a trace store: export requests hold {"resourceSpans":[{"scopeSpans":[{"spans":[…]}]}]}.',
  },
  {
    matches: (body) => has('traceID')(body) || (has('data')(body) && isList(body.data) && isJaeger(body.data[0])),
    hint: 'This is the JSON of Jaeger, which is not read: send OTLP, which Jaeger clients and the OpenTelemetry Collector can export.',
  },
  {
    matches: any(has('localEndpoint'), has('remoteEndpoint'), has('traceId', 'timestamp')),
    hint: 'This is the JSON of Zipkin, which is not read: send OTLP, or let an OpenTelemetry Collector (receiver zipkin) pass it on.',
  },
  {
    matches: any(has('traceId', 'spanId'), has('trace_id', 'span_id')),
    hint: `This is a single span: ${wrapped('resourceSpans', 'scopeSpans', 'spans')}.`,
  },
  {
    matches: any(has('timeUnixNano'), has('severityText')),
    hint: `This is a single log record: ${wrapped('resourceLogs', 'scopeLogs', 'logRecords')}.`,
  },
  {
    matches: has('spans'),
    hint: `Spans stand deeper: ${wrapped('resourceSpans', 'scopeSpans', 'spans')}. ${PLAIN_JSON}`,
  },
  { matches: any(has('traces'), has('name', 'input'), has('name', 'output')), hint: PLAIN_JSON },
  { matches: any(has('model', 'messages'), has('model', 'input')), hint: `This is a request to a model. ${NO_PROXY}` },
  {
    matches: any(has('object', 'choices'), has('choices', 'usage')),
    hint: `This is the answer of a model. ${NO_PROXY}`,
  },
]

/**
 * Why `json`, sent to the address of `signal`, is no export request, as sentences for its sender; undefined where it may be
 * one. Unknown members of a request are to be ignored (OTLP 1.11, "JSON Protobuf Encoding"), so anything else that is JSON
 * would vanish behind a 200. Names members we know, never what was sent.
 */
export function otlpHint(signal: 'traces' | 'logs', json: unknown): string | undefined {
  const [own, inner, items] =
    signal === 'traces' ? ['resourceSpans', 'scopeSpans', 'spans'] : ['resourceLogs', 'scopeLogs', 'logRecords']
  if (isList(json)) {
    return `The body is a list: ${hintFor(json[0]) ?? `an OTLP request is one object, {"${own}":[…]}. ${PLAIN_JSON}`}`
  }
  if (!isObject(json)) return `The body is JSON, but no object: ${wrapped(own, inner, items)}. ${PLAIN_JSON}`
  const groups = json[own] ?? json[own.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)]
  if (isList(groups)) return outdatedGroup(groups)
  if (Object.keys(json).length === 0 || own in json) return undefined
  return `The body is JSON, but holds no ${own}. ${hintFor(json) ?? `An OTLP request holds ${shape(own, inner, items)}. ${PLAIN_JSON}`}`
}

/** Spans of OTLP before 0.15 stand under a member that is unknown now. */
function outdatedGroup(groups: readonly unknown[]): string | undefined {
  const isOutdated = groups.some((group) => isObject(group) && 'instrumentationLibrarySpans' in group)
  return isOutdated ? 'instrumentationLibrarySpans is OTLP of before 2022: the member is scopeSpans now.' : undefined
}

function hintFor(json: unknown): string | undefined {
  return isObject(json) ? MISTAKES.find(({ matches }) => matches(json))?.hint : undefined
}

function isJaeger(trace: unknown): boolean {
  return isObject(trace) && 'traceID' in trace
}

function wrap(what: string, member: string): string {
  return `This is ${what}: put it into {"${member}":[…]}.`
}

function wrapped(groups: string, scopes: string, items: string): string {
  return `an OTLP request is ${shape(groups, scopes, items)}`
}

function shape(groups: string, scopes: string, items: string): string {
  return `{"${groups}":[{"${scopes}":[{"${items}":[…]}]}]}`
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}
