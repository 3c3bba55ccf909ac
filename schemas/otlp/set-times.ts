import { Buffer } from 'node:buffer'
import { readTraces } from './reader.ts'
import { rewriteItems } from './records.ts'

const START_TAG = 57
const END_TAG = 65

/**
 * A copy of a traces request in which every span without any time starts and ends at `time_ns`. A field that is written
 * twice counts with its last value (protobuf, "Last One Wins"), so the times stand at the end of the span.
 * @throws OtlpSyntaxError
 */
export function setMissingTimes(body: Uint8Array, time_ns: bigint): Uint8Array {
  const untimed = new Set<number>()
  for (const { scope_spans } of readTraces(body))
    for (const { spans } of scope_spans)
      for (const { start_time_unix_nano, end_time_unix_nano, byte_start } of spans)
        if (start_time_unix_nano === 0n && end_time_unix_nano === 0n) untimed.add(byte_start)
  if (untimed.size === 0) return body
  const times = Buffer.alloc(18)
  times.writeUInt8(START_TAG, 0)
  times.writeBigUInt64LE(time_ns, 1)
  times.writeUInt8(END_TAG, 9)
  times.writeBigUInt64LE(time_ns, 10)
  return rewriteItems(body, (item, byte_start) => (untimed.has(byte_start) ? Buffer.concat([item, times]) : item))
}
