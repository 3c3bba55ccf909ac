import { createMutator } from '../../core/mutations.samples.ts'
import type { Random } from '../../core/random.ts'
import { aBomb, anEncoding } from './bombs.ts'
import { OTLP_ANSWERS } from './doors-otlp-http.ts'
import type { Door, HostileRequest, HttpRequest, Payload, RunContext } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'
import { damageJson, massJson } from './json-damage.ts'

/** docs/rest.md: as OTLP, and 207 where a batch is taken in part. */
const ANSWERS = new Set([...OTLP_ANSWERS, '207'])
const ID_DIGITS = 32

/** The same members as people send, with an id of its own; its length is the same for every index. */
function aTrace({ seed, start_ms }: RunContext, index: number): object {
  const id = `f0220001${(seed >>> 0).toString(16).padStart(8, '0')}${(index + 1).toString(16).padStart(ID_DIGITS - 16, '0')}`
  return {
    id,
    name: `ask ${id}`,
    kind: 'llm',
    model: 'gpt-4o',
    provider: 'openai',
    input: [{ role: 'user', content: 'Where is my order?' }],
    output: 'On its way.',
    start_time: start_ms,
    usage: { input_tokens: 12, output_tokens: 4 },
    parameters: { temperature: 0.2, max_tokens: 100 },
    tags: ['a', 'b'],
    metadata: { plan: 'pro', nested: { deep: [1, 2, 3] } },
    error: { type: 'Timeout', message: 'late' },
    documents: ['one', { content: 'two', score: 0.5 }],
    tool_calls: [{ id: 'call', name: 'look', arguments: { order: 1 } }],
    spans: [{ name: 'inside', kind: 'tool', input: { order: 1 }, output: 'found', spans: [] }],
  }
}

export function createRestDoor(context: RunContext): Door {
  const headers = [
    ['content-type', 'application/json'],
    ['authorization', `Bearer ${context.key}`],
  ] as const

  const bodyOf = (index: number, rest: 'rest_trace' | 'rest_batch') => {
    const trace = { ...aTrace(context, index), end_time: context.start_ms + 900 }
    return Buffer.from(JSON.stringify(rest === 'rest_trace' ? trace : { traces: [trace, { ...trace, id: undefined }] }))
  }
  const seeds = { rest_trace: bodyOf(0, 'rest_trace'), rest_batch: bodyOf(0, 'rest_batch') }

  function ask(
    what: string,
    payload: Payload & Pick<Required<Payload>, 'rest'>,
    change: Partial<HttpParts> = {},
  ): HttpRequest {
    const { sent, rest, encodings } = payload
    const coded = encodings.length > 0 ? [['content-encoding', encodings.join(', ')] as const] : []
    const target = rest.form === 'rest_trace' ? '/api/v1/traces' : '/api/v1/traces/batch'
    const parts = { method: 'POST', target, headers: [...headers, ...coded], body: sent, ...change }
    return { kind: 'http', what: `rest: ${what}`, method: parts.method, bytes: httpBytes(parts), payload }
  }

  const plain = (sent: Buffer, form: 'rest_trace' | 'rest_batch', idempotency_key = '') =>
    ({ signal: 'traces', declared: 'json', encodings: [], sent, rest: { form, idempotency_key } }) as const

  function damaged(random: Random, index: number): HttpRequest {
    const rest = random(3) === 0 ? 'rest_batch' : 'rest_trace'
    const { what, bytes } = damageJson(bodyOf(index, rest), seeds[rest], random)
    return ask(what, plain(bytes, rest))
  }

  /** Ids that are missing are made of the body and this key. */
  function idempotent(random: Random, index: number): HttpRequest {
    const key = ['x', 'x'.repeat(5000), '__proto__', '\u00e9', '""'][random(5)]!
    const body = plain(bodyOf(index, 'rest_trace'), 'rest_trace', key)
    return ask('idempotency key', body, { headers: [...headers, ['idempotency-key', key]] })
  }

  function odd(random: Random, index: number): HttpRequest {
    if (random(5) === 0) return idempotent(random, index)
    const whole = plain(bodyOf(index, 'rest_trace'), 'rest_trace')
    const paths = [
      '/api/v1/openapi.json',
      '/api/v1/',
      '/api/v1/traces/x',
      '/api/v2/traces',
      '/api/v1/traces/batch/..',
      '/api/v1/traces//',
    ]
    const kinds: readonly (readonly [string, Partial<HttpParts>])[] = [
      ['method', { method: ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'][random(5)]! }],
      ['path', { target: paths[random(paths.length)]!, method: ['GET', 'POST'][random(2)]! }],
      ['no key', { headers: [headers[0]] }],
      ['type', { headers: [['content-type', ['text/plain', '', 'application/xml'][random(3)]!], headers[1]] }],
    ]
    const [what, change] = kinds[random(kinds.length)]!
    const { payload, ...request } = ask(what, whole, change)
    // What is read with GET promises nothing.
    return request.method === 'POST' && payload ? { ...request, payload } : request
  }

  function encoded(random: Random, index: number): HttpRequest {
    const whole = plain(bodyOf(index, 'rest_trace'), 'rest_trace')
    const { damage } = createMutator(1 + random(2 ** 31))
    const { what, header, sent, heavy } = random(20) === 0 ? aBomb(random) : anEncoding(whole.sent, random, damage)
    return { ...ask(what, { ...whole, sent, encodings: [header] }), heavy }
  }

  return {
    name: 'rest',
    weight: 8,
    answers: ANSWERS,
    make(random, index): HostileRequest {
      const draw = random(10_000)
      if (draw < 20) {
        const { what, bytes } = massJson(random, [20_000, 300_000, 3_000_000][random(3)]!)
        return { ...ask(`bomb: ${what}`, plain(bytes, 'rest_trace')), heavy: true }
      }
      if (draw < 500) return encoded(random, index)
      if (draw < 1_200) return odd(random, index)
      if (draw < 1_700) return this.good(index)
      return damaged(random, index)
    },
    good: (index) => ({ ...ask('nothing wrong', plain(bodyOf(index, 'rest_trace'), 'rest_trace')), expect: '200' }),
  }
}
