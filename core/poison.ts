import type { Reject, SourceRecord } from './component.ts'

/** A bug met on a record: the whole record as a dead letter, named by the kind of error only. */
export function poisonOf(component: string, error: unknown, record: SourceRecord): Reject {
  return {
    code: 'UNEXPECTED',
    message: `${component} threw ${error instanceof Error ? error.name : 'a value'}`,
    component,
    value: record.value ?? new Uint8Array(0),
    index: -1,
  }
}

/** Where an error was thrown, without its message: V8 quotes the text it could not parse. */
export function framesOf(error: unknown): { readonly error: string; readonly frames: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, frames: [] }
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return { error: error.name, frames: frames.map((line) => line.trim()) }
}
