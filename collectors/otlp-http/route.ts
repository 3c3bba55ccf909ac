import type { FastifyRequest } from 'fastify'
import { CodedError } from '../../core/errors.ts'
import { isLoopback } from '../../core/listen.ts'
import type { Signal } from '../../core/otlp-body.ts'

export interface Route {
  /** `other`: a signal of OTLP that is not collected. */
  readonly signal: Signal | 'other'
}

/** What a request asks for, or why not. `open`: no API keys are configured. */
export function routeOf({ method, url, headers }: FastifyRequest, open: boolean): Route | CodedError {
  const signal = signalOf(url)
  if (signal === null) return new CodedError('ROUTE_NOT_FOUND')
  if (method !== 'POST') return new CodedError('METHOD_NOT_ALLOWED')
  if (open && headers.origin !== undefined && !isLoopbackOrigin(headers.origin)) return new CodedError('ORIGIN_REFUSED')
  return { signal }
}

/** By suffix, so that SDKs with a prefix of their own (Langfuse) and doubled paths work; null for every other path. */
function signalOf(url: string): Route['signal'] | null {
  const [path = ''] = url.split(/[?#]/, 1)
  const [, signal] = /\/(v1\/traces|v1\/logs|v1\/metrics|v1development\/profiles)\/*$/.exec(path) ?? []
  if (signal === undefined) return null
  return signal === 'v1/traces' ? 'traces' : signal === 'v1/logs' ? 'logs' : 'other'
}

/** A page of another site can make a browser on this machine send to loopback; it cannot hide where it comes from. */
function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname)
}
