import { createMutator } from '../../core/mutations.samples.ts'
import type { Form, Signal } from '../../core/otlp-body.ts'
import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import { aBomb, anEncoding } from './bombs.ts'
import type { Door, HostileRequest, HttpRequest, Payload, RunContext } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'
import { aSlowloris, aTrick } from './http-tricks.ts'
import { damageJson, massJson } from './json-damage.ts'
import { damageProtobuf, manySpans, massProtobuf } from './protobuf-damage.ts'
import { stamp } from './seeds.ts'

/** The answers of docs/bad-input.md, and 417, with which HTTP answers an expectation it does not know. */
export const OTLP_ANSWERS: ReadonlySet<string> = new Set(
  '200 400 401 403 404 405 408 413 415 417 431 429+retry 503+retry'.split(' '),
)
/** The fuzzed instance gives a slow body and slow headers 10 s; what looks at them comes by every second. */
const SLOW_MS = 40_000
const TYPES: Readonly<Record<Form, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' }

export interface Body {
  readonly what: string
  readonly signal: Signal
  readonly form: Form
  readonly bytes: Buffer
}

/** Damaged OTLP of one span, for any transport. */
export function damagedBody(context: RunContext, random: Random, index: number, form: Form): Body {
  const { protobuf, json, logs } = context.seeds
  if (random(12) === 0) {
    const log = logs[random(logs.length)]!
    return { what: 'logs: bytes', signal: 'logs', form: log.form, bytes: Buffer.from(mutate(log.bytes, random)) }
  }
  const seed = form === 'protobuf' ? protobuf[random(protobuf.length)]! : json[random(json.length)]!
  const bytes = stamp(seed, { ...context, index })
  const damaged =
    form === 'json'
      ? damageJson(bytes, seed.bytes, random)
      : random(40) === 0
        ? massProtobuf(bytes, seed.fields, random)
        : damageProtobuf(bytes, seed.fields, random)
  return { what: `${form}: ${damaged.what}`, signal: 'traces', form, bytes: damaged.bytes }
}

export function goodBody(context: RunContext, index: number, form: Form = 'protobuf'): Body {
  const bytes = stamp(context.seeds[form][0]!, { ...context, index })
  return { what: 'nothing wrong', signal: 'traces', form, bytes }
}

export function createOtlpHttpDoor(context: RunContext): Door {
  const authorization = ['authorization', `Bearer ${context.key}`] as const

  function parts({ signal, form, bytes }: Omit<Body, 'what'>, encoding = ''): HttpParts {
    const coded = encoding === '' ? [] : ([['content-encoding', encoding]] as const)
    return { target: `/v1/${signal}`, headers: [['content-type', TYPES[form]], authorization, ...coded], body: bytes }
  }

  function asRequest(body: Body, encoding = '', sent = body.bytes): HttpRequest {
    const { what, signal, form } = body
    const encodings = encoding.split(',').map((name) => name.trim())
    const payload: Payload = { signal, declared: form, sent, encodings: encoding === '' ? [] : encodings }
    return { kind: 'http', what, method: 'POST', bytes: httpBytes(parts({ ...body, bytes: sent }, encoding)), payload }
  }

  function encoded(random: Random, index: number): HostileRequest {
    const body = goodBody(context, index, random(2) === 0 ? 'json' : 'protobuf')
    const { damage } = createMutator(1 + random(2 ** 31))
    const { what, header, sent } = anEncoding(body.bytes, random, damage)
    return { ...asRequest(body, header, sent), what: `encoding: ${what}` }
  }

  /** Something about the request that is not its body. */
  function odd(random: Random, index: number): HostileRequest {
    const body = random(2) === 0 ? goodBody(context, index) : goodBody(context, index, 'json')
    const good = parts(body)
    const without = (...names: string[]) => good.headers.filter(([name]) => !names.includes(name))
    const types = [
      '',
      'text/plain',
      'application/grpc',
      'application/json; charset=utf-16',
      'multipart/form-data',
      ';;',
      'a'.repeat(900),
    ]
    const keys = [
      '',
      'Bearer',
      'Bearer x',
      `Basic ${'A'.repeat(900)}`,
      'Basic !!',
      `Bearer ${context.key}x`,
      'Digest a="b"',
    ]
    const paths = [
      '/v1/metrics',
      '/v1development/profiles',
      '/',
      '/v1/trace',
      '/x/v1/traces/',
      '/v1/traces/x',
      '/%ff',
      '/v1/logs',
    ]
    const changes: readonly (() => Partial<HttpParts> & { readonly what: string })[] = [
      () => ({ what: 'type', headers: [...without('content-type'), ['content-type', types[random(types.length)]!]] }),
      () => ({ what: 'no type', headers: without('content-type') }),
      () => ({ what: 'key', headers: [...without('authorization'), ['authorization', keys[random(keys.length)]!]] }),
      () => ({ what: 'no key', headers: without('authorization') }),
      () => ({ what: 'two keys', headers: [['x-api-key', 'nonsense'], ...good.headers, authorization] }),
      () => ({ what: 'path', target: paths[random(paths.length)]! }),
      () => ({ what: 'method', method: ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'][random(6)]! }),
      () => ({
        what: 'origin',
        headers: [...good.headers, ['origin', ['http://evil.example', 'null', ':::'][random(3)]!]],
      }),
      () => ({ what: 'traceparent', headers: [...good.headers, ['traceparent', '00-'.repeat(1 + random(300))]] }),
      () => ({
        what: 'preflight',
        method: 'OPTIONS',
        headers: [
          ['origin', 'http://evil.example'],
          ['access-control-request-method', 'POST'],
        ],
      }),
    ]
    const { what, ...change } = changes[random(changes.length)]!()
    const sent = { ...good, ...change }
    const { payload } = asRequest(body)
    return {
      kind: 'http',
      what: `request: ${what}`,
      method: sent.method ?? 'POST',
      bytes: httpBytes(sent),
      ...(payload && { payload }),
    }
  }

  function bomb(random: Random, index: number): HostileRequest {
    const { protobuf } = context.seeds
    switch (random(4)) {
      case 0: {
        const { what, bytes } = massJson(random, [20_000, 300_000, 3_000_000][random(3)]!)
        return { ...asRequest({ what: `bomb: ${what}`, signal: 'traces', form: 'json', bytes }), heavy: true }
      }
      case 1: {
        const seed = protobuf[random(protobuf.length)]!
        const many = manySpans(stamp(seed, { ...context, index }), seed.fields, 300 + random(500))
        return {
          ...asRequest({ what: `bomb: ${many.what}`, signal: 'traces', form: 'protobuf', bytes: many.bytes }),
          heavy: true,
        }
      }
      default: {
        const { what, header, sent } = aBomb(random)
        return { ...asRequest({ ...goodBody(context, index), what: `bomb: ${what}` }, header, sent), heavy: true }
      }
    }
  }

  return {
    name: 'otlp-http',
    weight: 62,
    answers: OTLP_ANSWERS,
    make(random, index) {
      const draw = random(10_000)
      if (draw < 4) return { ...aSlowloris(parts(goodBody(context, index)), random, SLOW_MS), ...payloadOf(index) }
      if (draw < 19) return bomb(random, index)
      if (draw < 60) return { ...aTrick(parts(goodBody(context, index)), random), ...payloadOf(index) }
      if (draw < 700) return odd(random, index)
      if (draw < 1_400) return encoded(random, index)
      if (draw < 1_700) return this.good(index)
      return asRequest(damagedBody(context, random, index, draw < 7_000 ? 'protobuf' : 'json'))
    },
    good: (index) => ({ ...asRequest(goodBody(context, index)), expect: '200' }),
  }

  function payloadOf(index: number): Pick<HostileRequest, 'payload'> {
    const { payload } = asRequest(goodBody(context, index))
    return payload === undefined ? {} : { payload }
  }
}
