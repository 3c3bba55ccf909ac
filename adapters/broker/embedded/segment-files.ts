import { join } from 'node:path'
import { CodedError } from '../../../core/errors.ts'
import { type FileSystem, isMissing } from './file-system.ts'

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

/** Bytes of a partition's segments; one that retention takes meanwhile counts nothing. */
export async function segmentBytes(fileSystem: FileSystem, directory: string): Promise<number> {
  let bytes = 0
  for (const base of await listSegments(fileSystem, directory)) {
    bytes += await fileSystem.size(segmentPath(directory, base)).catch((error: unknown) => {
      if (isMissing(error)) return 0
      throw error
    })
  }
  return bytes
}

export function corruption(path: string, position: number, what: string): CodedError {
  return new CodedError('LOG_CORRUPT', `${what} at byte ${position} of ${path}.`)
}
