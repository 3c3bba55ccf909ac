import type { Random } from '../../core/random.ts'
import { aMessage, jsonAttributes, type Plain } from './otlp-json.ts'

type Attributes = Readonly<Record<string, Plain>>

export interface SpanGiven {
  readonly name: string
  /** OTLP: 1 internal, 3 client. */
  readonly kind: 1 | 3
  readonly parent?: string
  readonly start_ms: number
  readonly end_ms: number
  readonly attributes: Attributes
  readonly error?: { readonly type: string; readonly message: string }
  readonly first_token_ms?: number
}

/** One trace in the making. Ids are drawn from the trace's own random numbers. */
export interface Trace {
  readonly trace_id: string
  readonly spans: object[]
  /** Log records that carry content of its spans. */
  readonly logs: object[]
  /** Returns the span's id. */
  add(span: SpanGiven, id?: string): string
  newSpanId(): string
  addLog(span_id: string, name: string, body: object, at_ms: number): void
}

export function createTrace(random: Random, trace_id: string): Trace {
  const spans: object[] = []
  const logs: object[] = []

  function newSpanId(): string {
    // The count makes it unique in its trace whatever is drawn.
    return (spans.length + 1).toString(16).padStart(2, '0') + hex(random, 14)
  }

  return {
    trace_id,
    spans,
    logs,
    newSpanId,
    add({ name, kind, parent, start_ms, end_ms, attributes, error, first_token_ms }, id = newSpanId()) {
      spans.push({
        traceId: trace_id,
        spanId: id,
        ...(parent !== undefined && { parentSpanId: parent }),
        name,
        kind,
        startTimeUnixNano: nanoseconds(start_ms),
        endTimeUnixNano: nanoseconds(end_ms),
        attributes: jsonAttributes(error ? { ...attributes, 'error.type': error.type } : attributes),
        ...(first_token_ms !== undefined && {
          events: [{ name: 'First Token Stream Event', timeUnixNano: nanoseconds(start_ms + first_token_ms) }],
        }),
        status: error ? { code: 2, message: error.message } : { code: 1 },
      })
      return id
    },
    addLog(span_id, name, body, at_ms) {
      logs.push({
        traceId: trace_id,
        spanId: span_id,
        timeUnixNano: nanoseconds(at_ms),
        severityNumber: 9,
        eventName: name,
        body: { stringValue: JSON.stringify(body) },
        attributes: jsonAttributes({ 'event.name': name, 'gen_ai.system': 'openai' }),
      })
    },
  }
}

const nanoseconds = (ms: number) => `${Math.round(ms)}000000`

export function hex(random: Random, digits: number): string {
  let text = ''
  while (text.length < digits) text += random(0x1_0000).toString(16).padStart(4, '0')
  return text.slice(0, digits)
}

export interface CallGiven {
  readonly provider: string
  readonly model: string
  /** What the provider calls the snapshot that answered. */
  readonly response_model?: string
  readonly system?: string
  readonly input: string
  readonly output: string
  readonly finish?: string
  readonly max_tokens?: number
  readonly extra_input_tokens?: number
}

/** About four characters a token, as English is. */
export const tokensOf = (text: string) => Math.max(1, Math.ceil(text.length / 4))

/** Attributes of a chat call by the OpenTelemetry GenAI conventions. */
export function chatAttributes(random: Random, call: CallGiven): Attributes {
  const { provider, model, system, input, output, finish = 'stop', max_tokens, extra_input_tokens = 0 } = call
  const input_tokens = tokensOf(`${system ?? ''}${input}`) + extra_input_tokens
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.response.model': call.response_model ?? model,
    'gen_ai.response.id': `chatcmpl-${hex(random, 24)}`,
    'gen_ai.request.temperature': 0.2,
    ...(max_tokens !== undefined && { 'gen_ai.request.max_tokens': max_tokens }),
    ...(system !== undefined && {
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: system }]),
    }),
    'gen_ai.input.messages': JSON.stringify([aMessage('user', input)]),
    'gen_ai.output.messages': JSON.stringify([{ ...aMessage('assistant', output), finish_reason: finish }]),
    'gen_ai.response.finish_reasons': [finish],
    'gen_ai.usage.input_tokens': input_tokens,
    'gen_ai.usage.cache_read.input_tokens': random(3) === 0 ? Math.floor(input_tokens / 2) : 0,
    'gen_ai.usage.output_tokens': tokensOf(output),
  }
}

/** The same of a call that failed: there is no answer, and nothing was used. */
export function failedChatAttributes(call: Pick<CallGiven, 'provider' | 'model' | 'system' | 'input'>): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.model,
    'gen_ai.input.messages': JSON.stringify([aMessage('user', call.input)]),
  }
}
