import { create, type MessageInitShape } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { ExportTraceServiceRequestSchema } from './generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import type { AnyValueSchema, KeyValueSchema } from './generated/opentelemetry/proto/common/v1/common_pb.js'

type AnyValueInit = MessageInitShape<typeof AnyValueSchema>
type KeyValueInit = MessageInitShape<typeof KeyValueSchema>

/** Well-formed text of all planes. The BOM is left out: protobuf-es drops it at the start of a string. */
const text = fc.string({ unit: 'binary', maxLength: 90 }).map((raw) => raw.replaceAll('\uFEFF', ''))
const key = fc.oneof(fc.constantFrom('', 'gen_ai.request.model', '__proto__', 'constructor', 'a', 'a.b'), text)
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)),
)
const fixed64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const uint32 = fc.nat(2 ** 32 - 1)
const bytes = fc.uint8Array({ maxLength: 40 })

const { anyValue } = fc.letrec<{ anyValue: AnyValueInit; keyValue: KeyValueInit }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    text.map((value): AnyValueInit => ({ value: { case: 'stringValue', value } })),
    fc.boolean().map((value): AnyValueInit => ({ value: { case: 'boolValue', value } })),
    int64.map((value): AnyValueInit => ({ value: { case: 'intValue', value } })),
    fc.double().map((value): AnyValueInit => ({ value: { case: 'doubleValue', value } })),
    bytes.map((value): AnyValueInit => ({ value: { case: 'bytesValue', value } })),
    fc.constant<AnyValueInit>({}),
    fc
      .array(tie('anyValue'), { maxLength: 4 })
      .map((values): AnyValueInit => ({ value: { case: 'arrayValue', value: { values } } })),
    fc
      .array(tie('keyValue'), { maxLength: 4 })
      .map((values): AnyValueInit => ({ value: { case: 'kvlistValue', value: { values } } })),
  ),
  keyValue: fc.record({ key, value: tie('anyValue') }, { requiredKeys: [] }),
}))

const attributes = fc.array(fc.record({ key, value: anyValue }, { requiredKeys: [] }), { maxLength: 6 })
const id = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).filter((raw) => raw.some((byte) => byte > 0))

const event = fc.record(
  { timeUnixNano: fixed64, name: text, attributes, droppedAttributesCount: uint32 },
  { requiredKeys: [] },
)
const link = fc.record(
  { traceId: id(16), spanId: id(8), traceState: text, attributes, droppedAttributesCount: uint32, flags: uint32 },
  { requiredKeys: [] },
)
const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    traceState: text,
    parentSpanId: fc.oneof(id(8), fc.constantFrom(new Uint8Array(), new Uint8Array(8))),
    flags: uint32,
    name: text,
    kind: fc.oneof(fc.nat(5), fc.constantFrom(-1, 2 ** 31 - 1, -(2 ** 31))),
    startTimeUnixNano: fixed64,
    endTimeUnixNano: fixed64,
    attributes,
    droppedAttributesCount: uint32,
    events: fc.array(event, { maxLength: 3 }),
    droppedEventsCount: uint32,
    links: fc.array(link, { maxLength: 2 }),
    droppedLinksCount: uint32,
    status: fc.record({ message: text, code: fc.nat(2) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['traceId', 'spanId'] },
)
const scope = fc.record({ name: text, version: text, attributes, droppedAttributesCount: uint32 }, { requiredKeys: [] })
const scopeSpans = fc.record({ scope, spans: fc.array(span, { maxLength: 4 }), schemaUrl: text }, { requiredKeys: [] })
const resource = fc.record(
  {
    attributes,
    droppedAttributesCount: uint32,
    entityRefs: fc.array(fc.record({ schemaUrl: text, type: text, idKeys: fc.array(text, { maxLength: 2 }) }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: [] },
)
const resourceSpans = fc.record(
  { resource, scopeSpans: fc.array(scopeSpans, { maxLength: 3 }), schemaUrl: text },
  { requiredKeys: [] },
)

/** Trace requests of every shape the contract allows, whose spans all have valid ids. */
export const tracesRequest = fc
  .array(resourceSpans, { maxLength: 3 })
  .map((groups) => create(ExportTraceServiceRequestSchema, { resourceSpans: groups }))
