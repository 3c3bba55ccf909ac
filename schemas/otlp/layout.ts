import { Buffer } from 'node:buffer'
import { type Cursor, createCursor, readEnd, readTag, skipField } from './wire.ts'

/**
 * Where the parts of an export request lie, for traces and logs alike: request > resource groups > scope groups > items
 * (spans or log records), nested in fields 1, 2 and 2. `rest` is every other field with its tag: the resource or scope
 * itself, the schema URL, unknown fields.
 */
export interface RequestLayout {
  readonly rest: Uint8Array
  readonly resources: readonly ResourceLayout[]
}

export interface ResourceLayout {
  readonly rest: Uint8Array
  readonly scopes: readonly ScopeLayout[]
}

export interface ScopeLayout {
  readonly rest: Uint8Array
  readonly items: readonly ItemLayout[]
}

/** Byte positions of a message body, without its tag and length. */
export interface ItemLayout {
  readonly byte_start: number
  readonly byte_end: number
}

/** An item with what surrounds it. */
export interface PlacedItem extends ItemLayout {
  readonly resource: ResourceLayout
  readonly scope: ScopeLayout
}

export const RESOURCE_GROUP_TAG = 10
export const SCOPE_GROUP_TAG = 18
export const ITEM_TAG = 18

/** @throws OtlpSyntaxError where the envelopes are not well-formed; items are not looked into. */
export function readLayout(body: Uint8Array): RequestLayout {
  const cursor = createCursor(body)
  const resources: ResourceLayout[] = []
  const rest = readFields(cursor, body.byteLength, RESOURCE_GROUP_TAG, (resourceEnd) => {
    const scopes: ScopeLayout[] = []
    const resourceRest = readFields(cursor, resourceEnd, SCOPE_GROUP_TAG, (scopeEnd) => {
      const items: ItemLayout[] = []
      const scopeRest = readFields(cursor, scopeEnd, ITEM_TAG, (byte_end) => {
        items.push({ byte_start: cursor.position, byte_end })
        cursor.position = byte_end
      })
      scopes.push({ rest: scopeRest, items })
    })
    resources.push({ rest: resourceRest, scopes })
  })
  return { rest, resources }
}

/** All items in the order of the request. */
export function* placedItems(request: RequestLayout): Generator<PlacedItem> {
  for (const resource of request.resources) {
    for (const scope of resource.scopes) for (const item of scope.items) yield { resource, scope, ...item }
  }
}

/** Calls `readChild` at the body of every field with `childTag` and returns the other fields. */
function readFields(cursor: Cursor, end: number, childTag: number, readChild: (childEnd: number) => void): Uint8Array {
  const rest: Uint8Array[] = []
  while (cursor.position < end) {
    const fieldStart = cursor.position
    const tag = readTag(cursor, end)
    if (tag === childTag) readChild(readEnd(cursor, end))
    else {
      skipField(cursor, tag, end)
      rest.push(cursor.bytes.subarray(fieldStart, cursor.position))
    }
  }
  return Buffer.concat(rest)
}
