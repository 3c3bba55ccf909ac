import { placedItems, readLayout } from './layout.ts'
import { createCursor, readEnd, readFixed64, readTag, skipField } from './wire.ts'

const MAX_TIME = 2n ** 64n - 1n

/** Which fixed64 fields of an item are times, and under which tag its events lie, whose time has tag 9. */
const TIMES = {
  traces: { time_tags: [57, 65], event_tag: 90 },
  logs: { time_tags: [9, 89], event_tag: undefined },
}
const EVENT_TIMES = { time_tags: [9], event_tag: undefined }

type Times = (typeof TIMES)['traces' | 'logs']

/**
 * A copy of an export request with every time of its spans and events, or log records, moved by `delta_ns`. Nothing
 * else changes, not even by a byte. A time that is not set stays unset; results are kept within fixed64.
 * @throws OtlpSyntaxError
 */
export function shiftTimes(body: Uint8Array, delta_ns: bigint, signal: 'traces' | 'logs' = 'traces'): Uint8Array {
  const copy = new Uint8Array(body)
  const cursor = createCursor(copy)

  function shiftMessage(start: number, end: number, times: Times): void {
    cursor.position = start
    while (cursor.position < end) {
      const tag = readTag(cursor, end)
      const at = cursor.position
      if (times.time_tags.includes(tag)) {
        const time = readFixed64(cursor, end)
        if (time !== 0n) cursor.view.setBigUint64(at, withinFixed64(time + delta_ns), true)
      } else if (tag === times.event_tag) {
        const eventEnd = readEnd(cursor, end)
        shiftMessage(cursor.position, eventEnd, EVENT_TIMES)
      } else skipField(cursor, tag, end)
    }
  }

  for (const item of placedItems(readLayout(copy))) shiftMessage(item.byte_start, item.byte_end, TIMES[signal])
  return copy
}

function withinFixed64(time: bigint): bigint {
  if (time < 1n) return 1n
  return time > MAX_TIME ? MAX_TIME : time
}
