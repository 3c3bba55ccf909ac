import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  trace,
} from '@opentelemetry/api'

export interface RecordedSpan {
  readonly name: string
  readonly trace_id: string
  readonly parent: string
  readonly span_id: string
  readonly links: readonly string[]
  readonly attributes: Attributes
}

/** Records every span that ends, sampled all of them, until it is disposed: what the SDK does, without it. */
export function recordSpans(): { readonly spans: RecordedSpan[] } & Disposable {
  const spans: RecordedSpan[] = []
  let made = 0

  function startSpan(name: string, options: SpanOptions = {}, within: Context = context.active()): Span {
    const parent = trace.getSpanContext(within)
    const trace_id = parent?.traceId ?? `${++made}`.padStart(32, '0')
    const span_id = `${++made}`.padStart(16, '0')
    const attributes: Attributes = { ...options.attributes }
    const links = (options.links ?? []).map((link) => link.context.spanId)
    const span = {
      spanContext: () => ({ traceId: trace_id, spanId: span_id, traceFlags: 1 }),
      isRecording: () => true,
      setAttribute(key: string, value: string) {
        attributes[key] = value
        return span
      },
      setAttributes: (more: Attributes) => Object.assign(attributes, more) && span,
      setStatus: () => span,
      end: () => void spans.push({ name, trace_id, parent: parent?.spanId ?? '', span_id, links, attributes }),
    } as unknown as Span
    return span
  }

  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan: () => undefined as never }) })
  context.setGlobalContextManager(aContextManager())
  return {
    spans,
    [Symbol.dispose]() {
      trace.disable()
      context.disable()
    },
  }
}

function aContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (given, work, self, ...parameters) => storage.run(given, () => work.apply(self, parameters)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
