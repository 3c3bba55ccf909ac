import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { CodedError } from './errors.ts'

/**
 * Spans about EvalForge itself, by the API of OpenTelemetry alone: nothing is recorded, and next to nothing is spent, until
 * app/tracing.ts has started the SDK. Attributes never hold customer text.
 */
export const TRACER_NAME = 'evalforge'

/**
 * Resource attribute of all our own spans. A request that carries it is never traced, whatever relayed it to us: else its
 * trace would be sent, traced, and sent again.
 */
export const SELF_TELEMETRY_MARK = 'evalforge.self_telemetry'

export interface SpanOptions {
  readonly kind?: keyof typeof KINDS
  /** traceparent (W3C Trace Context) of what caused it; without it the active span is the parent. */
  readonly parent?: string | undefined
  /** traceparents of what else it belongs to. */
  readonly links?: readonly string[]
  readonly attributes?: Attributes
  /** Milliseconds since 1970, where it began earlier. */
  readonly start_ms?: number
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const

const dropped = new WeakSet<Span>()

/** Starts a span; null where it is not sampled, or nothing is. Who starts it ends it. */
export function startSpan(name: string, options: SpanOptions = {}): Span | null {
  const { kind = 'internal', parent, links = [], attributes, start_ms } = options
  const within = parent === undefined ? context.active() : contextOf(parent)
  const span = trace.getTracer(TRACER_NAME).startSpan(
    name,
    {
      kind: KINDS[kind],
      links: links.flatMap((link) => trace.getSpanContext(contextOf(link)) ?? []).map((context) => ({ context })),
      ...(attributes && { attributes }),
      ...(start_ms !== undefined && { startTime: start_ms }),
    },
    within,
  )
  return span.isRecording() ? span : null
}

/** Runs `work` within a span of its own, which ends with it; `span` is null where it is not sampled. */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options)
  if (span === null) return work(null)
  try {
    return await within(span, () => work(span))
  } catch (error) {
    markFailed(span, error)
    throw error
  } finally {
    if (!dropped.has(span)) span.end()
  }
}

/** Makes `span` the active one for what `work` does, now and later. */
export function within<Result>(span: Span, work: () => Result): Result {
  return context.with(trace.setSpan(context.active(), span), work)
}

/** The kind of the error only: messages may quote what was sent. */
export function markFailed(span: Span, error: unknown): void {
  const type = error instanceof CodedError ? error.code : error instanceof Error ? error.name : typeof error
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR })
}

/** The active span is not recorded after all, and is nobody's parent. */
export function dropActiveSpan(): void {
  const span = trace.getActiveSpan()
  if (span !== undefined) dropped.add(span)
}

/** traceparent of the active span; undefined where none is sampled. */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan()
  return span === undefined || dropped.has(span) ? undefined : traceparentOf(span)
}

export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : `00-${traceId}-${spanId}-01`
}

/** A context with the span that a traceparent names; one without any where it names none. */
function contextOf(traceparent: string): Context {
  const [, traceId, spanId, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags!, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}
