import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createPriceList } from '../../../core/prices.ts'
import type { LlmSpan } from '../../../schemas/llm-span.ts'
import { encodeTracesJson } from '../../../schemas/otlp/json.ts'
import type { AttributeValue, OtlpResourceSpans, OtlpSpan } from '../../../schemas/otlp/otlp.ts'
import { readTraces } from '../../../schemas/otlp/reader.ts'
import { createNormalize, type SpanFailure } from '../normalize.ts'
import { anEvent, aRequest, aSpan, type Plain } from './builders.ts'

/** Fixtures of other projects; they may lie beside the repository and are not part of it. */
export const PAYLOADS = join(import.meta.dirname, '../../../../shared/payloads')
const RECEIVED_AT = 1_795_000_000_000
const normalize = createNormalize({ prices: createPriceList({ version: '2026-01-01', vendors: [] }) })

/** One span of a payload beside what normalize made of it. */
export interface PayloadSpan {
  /** `<path below the folder>#<place in its request, or line of its file>`. */
  readonly id: string
  readonly scope_name: string
  readonly given: OtlpSpan
  readonly read: LlmSpan | SpanFailure['code']
  /** What the upstream project expects of its own reader, where the case says so. */
  readonly langfuse_expected: Readonly<Record<string, unknown>> | undefined
}

export function hasPayloads(folder: string): boolean {
  return existsSync(join(PAYLOADS, folder))
}

export function payloadFolders(): readonly string[] {
  return globSync('*/{otlp,attrs}', { cwd: PAYLOADS })
    .map(dirname)
    .filter((folder, at, all) => all.indexOf(folder) === at)
    .sort()
}

const remembered = new Map<string, readonly PayloadSpan[]>()

/** Every span of a folder: requests that the transport refuses (several are broken on purpose) never reach normalize. */
export function payloadSpans(folder: string): readonly PayloadSpan[] {
  const spans = remembered.get(folder) ?? readFolder(folder)
  remembered.set(folder, spans)
  return spans
}

function readFolder(folder: string): readonly PayloadSpan[] {
  const cwd = join(PAYLOADS, folder)
  const requests = globSync('otlp/**/*.json', { cwd }).sort()
  const bags = globSync('attrs/*.jsonl', { cwd }).sort()
  return [...requests.flatMap((file) => readRequest(cwd, file)), ...bags.flatMap((file) => readBags(cwd, file))]
}

function readRequest(cwd: string, file: string): readonly PayloadSpan[] {
  let request: readonly OtlpResourceSpans[]
  try {
    request = readTraces(encodeTracesJson(JSON.parse(readFileSync(join(cwd, file), 'utf8'))))
  } catch {
    return []
  }
  return readAll(request).map((span, at) => ({ ...span, id: `${file}#${at}` }))
}

/** Rows of the requests that were kept as protobuf as well. */
export function protobufRows(): readonly LlmSpan[] {
  const files = globSync('*/pb/**/*.pb', { cwd: PAYLOADS }).sort()
  return files.flatMap((file) => {
    const readings = readAll(readTraces(readFileSync(join(PAYLOADS, file))))
    return readings.flatMap(({ read }) => (typeof read === 'string' ? [] : [read]))
  })
}

/** Spans and readings of one request, in the order of both; a span that cannot become a row keeps its place. */
function readAll(request: readonly OtlpResourceSpans[]): readonly Omit<PayloadSpan, 'id'>[] {
  const { spans, failures } = normalize(request, { project: 'default', received_at: RECEIVED_AT })
  const unexpected = failures.find(({ code }) => code === 'UNEXPECTED')
  if (unexpected) throw unexpected.cause
  const failedAt = new Map(failures.map(({ byte_start, code }) => [byte_start, code]))
  let next = 0
  return request.flatMap(({ scope_spans }) =>
    scope_spans.flatMap(({ scope_name, spans: given }) =>
      given.map((span) => {
        const read = failedAt.get(span.byte_start) ?? (spans[next++] as LlmSpan)
        return { scope_name, given: span, read, langfuse_expected: undefined }
      }),
    ),
  )
}

/** A line of attrs/*.jsonl: a single span's attributes, with as much around them as the upstream test has. */
interface Bag {
  readonly name?: string
  readonly scope?: { readonly name?: string }
  readonly resource?: Readonly<Record<string, Plain>>
  readonly attributes: Readonly<Record<string, Plain>>
  readonly events?: readonly { readonly name?: string; readonly attributes?: Readonly<Record<string, Plain>> }[]
  readonly langfuse_expected?: Readonly<Record<string, unknown>>
}

function readBags(cwd: string, file: string): readonly PayloadSpan[] {
  const lines = readFileSync(join(cwd, file), 'utf8').split('\n').filter(Boolean)
  return lines.map((line, at) => {
    const bag = JSON.parse(line) as Bag
    const events = (bag.events ?? []).map((event) => anEvent(event.name ?? '', event.attributes))
    const span = aSpan(bag.attributes, { name: bag.name ?? basename(file), events })
    const [read] = readAll(aRequest([span], bag.scope?.name ?? 'test', bag.resource))
    return { ...(read as Omit<PayloadSpan, 'id'>), id: `${file}#${at}`, langfuse_expected: bag.langfuse_expected }
  })
}

/** Attribute names with indexes as `#`, and event names: spans of one shape are read by the same code. */
export function shapeOf({ scope_name, given }: PayloadSpan): string {
  const keys = [...given.attributes].map(([key, value]) => key.replaceAll(/\.\d+(?=\.|$)/g, '.#') + typeMark(value))
  return JSON.stringify([
    scope_name,
    [...new Set(keys)].sort(),
    [...new Set(given.events.map(({ name }) => name))].sort(),
  ])
}

function typeMark(value: AttributeValue): string {
  if (value === '') return '=""'
  return typeof value === 'object' && value !== null ? '=object' : ''
}
