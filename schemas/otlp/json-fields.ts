/**
 * The members of OTLP/JSON messages, by both spellings: lowerCamelCase is the specification's, snake_case is what some
 * senders write. A message is a table from member name to protobuf tag and kind of value.
 */
export type FieldKind =
  | 'string'
  | 'bool'
  | 'int'
  | 'double'
  | 'bytes'
  | 'uint32'
  | 'fixed32'
  | 'time'
  | 'span_kind'
  | 'status_code'
  | 'severity'
  | 'trace_id'
  | 'span_id'
  | 'parent_span_id'
  | 'strings'
  | 'message'
  | 'messages'
  | 'values'
  | 'nested'

export interface Field {
  readonly tag: number
  readonly kind: FieldKind
  /** How many bytes the length of this message mostly takes; a wrong guess costs a move, nothing else. */
  readonly length_bytes: number
  /** Of kinds message, messages, values and nested. A function, because AnyValue contains itself. */
  readonly message: () => Message
}

export type Message = ReadonlyMap<string, Field>

type FieldRow = readonly [name: string, tag: number, kind: FieldKind, message?: () => Message, length_bytes?: number]

function defineMessage(rows: readonly FieldRow[]): Message {
  const message = new Map<string, Field>()
  for (const [name, tag, kind, inner = noMessage, length_bytes = 1] of rows) {
    const field: Field = { tag, kind, message: inner, length_bytes }
    message.set(name, field)
    message.set(
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      field,
    )
  }
  return message
}

const NO_MESSAGE: Message = new Map()
const noMessage = () => NO_MESSAGE

const ARRAY_VALUE: Message = defineMessage([['values', 10, 'values', () => ANY_VALUE]])
const KEY_VALUE_LIST: Message = defineMessage([['values', 10, 'messages', () => KEY_VALUE]])

export const ANY_VALUE: Message = defineMessage([
  ['string_value', 10, 'string'],
  ['bool_value', 16, 'bool'],
  ['int_value', 24, 'int'],
  ['double_value', 33, 'double'],
  ['array_value', 42, 'nested', () => ARRAY_VALUE],
  ['kvlist_value', 50, 'nested', () => KEY_VALUE_LIST],
  ['bytes_value', 58, 'bytes'],
])

const KEY_VALUE: Message = defineMessage([
  ['key', 10, 'string'],
  ['value', 18, 'message', () => ANY_VALUE],
])

const keyValue = () => KEY_VALUE

const ENTITY_REF: Message = defineMessage([
  ['schema_url', 10, 'string'],
  ['type', 18, 'string'],
  ['id_keys', 26, 'strings'],
  ['description_keys', 34, 'strings'],
])

const RESOURCE: Message = defineMessage([
  ['attributes', 10, 'messages', keyValue],
  ['dropped_attributes_count', 16, 'uint32'],
  ['entity_refs', 26, 'messages', () => ENTITY_REF],
])

const SCOPE: Message = defineMessage([
  ['name', 10, 'string'],
  ['version', 18, 'string'],
  ['attributes', 26, 'messages', keyValue],
  ['dropped_attributes_count', 32, 'uint32'],
])

const EVENT: Message = defineMessage([
  ['time_unix_nano', 9, 'time'],
  ['name', 18, 'string'],
  ['attributes', 26, 'messages', keyValue],
  ['dropped_attributes_count', 32, 'uint32'],
])

const LINK: Message = defineMessage([
  ['trace_id', 10, 'trace_id'],
  ['span_id', 18, 'span_id'],
  ['trace_state', 26, 'string'],
  ['attributes', 34, 'messages', keyValue],
  ['dropped_attributes_count', 40, 'uint32'],
  ['flags', 53, 'fixed32'],
])

const STATUS: Message = defineMessage([
  ['message', 18, 'string'],
  ['code', 24, 'status_code'],
])

const SPAN: Message = defineMessage([
  ['trace_id', 10, 'trace_id'],
  ['span_id', 18, 'span_id'],
  ['trace_state', 26, 'string'],
  ['parent_span_id', 34, 'parent_span_id'],
  ['name', 42, 'string'],
  ['kind', 48, 'span_kind'],
  ['start_time_unix_nano', 57, 'time'],
  ['end_time_unix_nano', 65, 'time'],
  ['attributes', 74, 'messages', keyValue],
  ['dropped_attributes_count', 80, 'uint32'],
  ['events', 90, 'messages', () => EVENT, 2],
  ['dropped_events_count', 96, 'uint32'],
  ['links', 106, 'messages', () => LINK],
  ['dropped_links_count', 112, 'uint32'],
  ['status', 122, 'message', () => STATUS],
  ['flags', 133, 'fixed32'],
])

const LOG_RECORD: Message = defineMessage([
  ['time_unix_nano', 9, 'time'],
  ['severity_number', 16, 'severity'],
  ['severity_text', 26, 'string'],
  ['body', 42, 'message', () => ANY_VALUE, 2],
  ['attributes', 50, 'messages', keyValue],
  ['dropped_attributes_count', 56, 'uint32'],
  ['flags', 69, 'fixed32'],
  ['trace_id', 74, 'trace_id'],
  ['span_id', 82, 'span_id'],
  ['observed_time_unix_nano', 89, 'time'],
  ['event_name', 98, 'string'],
])

function defineRequest(groups: string, scopes: string, items: string, item: Message): Message {
  const scope = defineMessage([
    ['scope', 10, 'message', () => SCOPE],
    [items, 18, 'messages', () => item, 2],
    ['schema_url', 26, 'string'],
  ])
  const resource = defineMessage([
    ['resource', 10, 'message', () => RESOURCE, 2],
    [scopes, 18, 'messages', () => scope, 3],
    ['schema_url', 26, 'string'],
  ])
  return defineMessage([[groups, 10, 'messages', () => resource, 3]])
}

export const TRACES_REQUEST = defineRequest('resource_spans', 'scope_spans', 'spans', SPAN)
export const LOGS_REQUEST = defineRequest('resource_logs', 'scope_logs', 'log_records', LOG_RECORD)
