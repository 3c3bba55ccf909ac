import type { Signal } from '../../core/otlp-body.ts'

/**
 * By suffix, so that SDKs with a prefix of their own (Langfuse) and doubled paths work; null for every other path.
 * `other`: a signal of OTLP that is not collected.
 */
export function signalOf(path: string): Signal | 'other' | null {
  const [, signal] = /\/(v1\/traces|v1\/logs|v1\/metrics|v1development\/profiles)\/*$/.exec(path) ?? []
  if (signal === undefined) return null
  return signal === 'v1/traces' ? 'traces' : signal === 'v1/logs' ? 'logs' : 'other'
}
