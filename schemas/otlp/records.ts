import type { Verdict } from './item-checks.ts'
import {
  ITEM_TAG,
  type PlacedItem,
  placedItems,
  RESOURCE_GROUP_TAG,
  type RequestLayout,
  readLayout,
  SCOPE_GROUP_TAG,
} from './layout.ts'
import {
  beginLength,
  createWriter,
  endLength,
  lengthOfVarint,
  type Writer,
  writeBytesField,
  writeRaw,
  writeVarint,
  writtenBytes,
} from './writer.ts'

/** The lengths of a record while items are added; `closed` means: without the last group inside. */
interface RecordLength {
  readonly last: PlacedItem
  readonly record_closed: number
  readonly resource_closed: number
  readonly scope: number
}

/**
 * Cuts a checked request into requests of at most `max_record_bytes` that hold the accepted items in their order, each
 * with its resource, its scope and every unknown field around it. An item that does not fit alone becomes
 * span_too_large in `verdicts`. Where cutting is needed, what surrounds an item must fit into half a record, else it is
 * resource_too_large: repeating it then at most quadruples the bytes of the request.
 */
export function cutRecords(body: Uint8Array, max_record_bytes: number, verdicts: Verdict[]): Uint8Array[] {
  const request = readLayout(body)
  const maxAround = body.byteLength > max_record_bytes ? max_record_bytes / 2 : max_record_bytes
  const records: Uint8Array[] = []
  let items: PlacedItem[] = []
  let length: RecordLength | undefined
  let index = 0
  for (const item of placedItems(request)) {
    const at = index++
    if (verdicts[at] !== 'accepted') continue
    const alone = withItem(undefined, request, item)
    if (request.rest.length + item.resource.rest.length + item.scope.rest.length > maxAround) {
      verdicts[at] = 'resource_too_large'
    } else if (total(alone) > max_record_bytes) {
      verdicts[at] = 'span_too_large'
    } else {
      length = withItem(length, request, item)
      if (total(length) > max_record_bytes) {
        records.push(encodeItems(body, request, items))
        items = []
        length = alone
      }
      items.push(item)
    }
  }
  if (items.length > 0) records.push(encodeItems(body, request, items))
  return records
}

/**
 * Takes items out of a request, for dead letters: the function it returns gives a request with the items whose message
 * bodies begin at `byte_starts`, each with its resource and its scope. The request is read once.
 */
export function createItemExtractor(body: Uint8Array): (byte_starts: readonly number[]) => Uint8Array {
  const request = readLayout(body)
  const places = new Map<number, PlacedItem>()
  for (const item of placedItems(request)) places.set(item.byte_start, item)
  return function extract(byte_starts) {
    const items = byte_starts.map((byte_start) => {
      const item = places.get(byte_start)
      if (!item) throw new RangeError(`No span or log record begins at byte ${byte_start} of the request.`)
      return item
    })
    return encodeItems(body, request, items)
  }
}

/** The request with each item replaced by what `rewrite` makes of its message body, found at `byte_start` of the request. */
export function rewriteItems(
  body: Uint8Array,
  rewrite: (item: Uint8Array, byte_start: number) => Uint8Array,
): Uint8Array {
  const request = readLayout(body)
  return encodeItems(body, request, [...placedItems(request)], rewrite)
}

function withItem(before: RecordLength | undefined, request: RequestLayout, item: PlacedItem): RecordLength {
  const itemLength = fieldLength(item.byte_end - item.byte_start)
  if (before?.last.scope === item.scope) return { ...before, last: item, scope: before.scope + itemLength }
  const scope = item.scope.rest.length + itemLength
  if (before?.last.resource === item.resource) {
    return { ...before, last: item, resource_closed: before.resource_closed + fieldLength(before.scope), scope }
  }
  const record_closed = before ? total(before) : request.rest.length
  return { last: item, record_closed, resource_closed: item.resource.rest.length, scope }
}

function total(length: RecordLength): number {
  return length.record_closed + fieldLength(length.resource_closed + fieldLength(length.scope))
}

/** Of a field with a one-byte tag and `bodyLength` bytes of content. */
function fieldLength(bodyLength: number): number {
  return 1 + lengthOfVarint(bodyLength) + bodyLength
}

/** Lengths of groups mostly take three bytes (16 KB to 2 MB). */
const GROUP_LENGTH_BYTES = 3

function encodeItems(
  body: Uint8Array,
  request: RequestLayout,
  items: readonly PlacedItem[],
  rewrite: (item: Uint8Array, byte_start: number) => Uint8Array = (item) => item,
): Uint8Array {
  const writer = createWriter(items.reduce((bytes, item) => bytes + item.byte_end - item.byte_start, 4096))
  let open: PlacedItem | undefined
  let resourceStart = 0
  let scopeStart = 0
  writeRaw(writer, request.rest)
  for (const item of items) {
    if (open && open.scope !== item.scope) endLength(writer, scopeStart, GROUP_LENGTH_BYTES)
    if (open && open.resource !== item.resource) endLength(writer, resourceStart, GROUP_LENGTH_BYTES)
    if (open?.resource !== item.resource) resourceStart = beginGroup(writer, RESOURCE_GROUP_TAG, item.resource.rest)
    if (open?.scope !== item.scope) scopeStart = beginGroup(writer, SCOPE_GROUP_TAG, item.scope.rest)
    writeBytesField(writer, ITEM_TAG, rewrite(body.subarray(item.byte_start, item.byte_end), item.byte_start))
    open = item
  }
  if (open) endLength(writer, scopeStart, GROUP_LENGTH_BYTES)
  if (open) endLength(writer, resourceStart, GROUP_LENGTH_BYTES)
  return writtenBytes(writer)
}

function beginGroup(writer: Writer, tag: number, rest: Uint8Array): number {
  writeVarint(writer, tag)
  const start = beginLength(writer, GROUP_LENGTH_BYTES)
  writeRaw(writer, rest)
  return start
}
