import { join } from 'node:path'
import { CodedError } from '../../../core/errors.ts'
import type { FileSystem } from './file-system.ts'

/** A segment file, named by the first offset it may hold. */
const SEGMENT_NAME = /^(\d{20})\.log$/

export function segmentPath(directory: string, base: number): string {
  return join(directory, `${String(base).padStart(20, '0')}.log`)
}

/** First offsets of the segments in a partition's directory, ascending. */
export async function listSegments(fileSystem: FileSystem, directory: string): Promise<number[]> {
  const names = await fileSystem.list(directory)
  return names
    .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

export function corruption(path: string, position: number, what: string): CodedError {
  return new CodedError('LOG_CORRUPT', `${what} at byte ${position} of ${path}.`)
}
