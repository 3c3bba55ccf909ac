import { OtlpLimitError } from './errors.ts'
import {
  type CheckItem,
  checkLogRecord,
  checkPart,
  checkSpan,
  type RejectionReason,
  reject,
  type Scan,
  type ScanLimits,
  type Verdict,
} from './item-checks.ts'
import { cutRecords } from './records.ts'
import { MAX_VALUE_DEPTH, MAX_VALUES } from './values.ts'
import { createCursor, readEnd, readTag, skipField } from './wire.ts'

export type { RejectionReason, ScanLimits } from './item-checks.ts'

export interface Rejection {
  readonly reason: RejectionReason
  readonly count: number
}

export interface ScanResult {
  readonly accepted: number
  readonly rejected: readonly Rejection[]
  /** Export requests of at most `max_record_bytes` that hold what was accepted; the body itself where it is unchanged. */
  readonly records: readonly Uint8Array[]
}

/**
 * Checks an ExportTraceServiceRequest without decoding it. Spans without valid ids or over a limit are rejected one by
 * one; a resource or scope over a limit rejects its spans. What is accepted, `readTraces` can read.
 * @throws OtlpSyntaxError when any part is not well-formed: a truncated request is never accepted in part.
 * @throws OtlpLimitError when there are more than `max_spans`.
 */
export function scanTraces(body: Uint8Array, limits: ScanLimits): ScanResult {
  return scanRequest(body, limits, checkSpan)
}

/** The same for an ExportLogsServiceRequest. Ids may be missing or wrong: such a record belongs to no trace (logs.proto). */
export function scanLogs(body: Uint8Array, limits: ScanLimits): ScanResult {
  return scanRequest(body, limits, checkLogRecord)
}

/** The spans from `first` on share a resource or a scope. */
interface Group {
  readonly first: number
  attributes: number
  verdict: Verdict
}

function scanRequest(body: Uint8Array, limits: ScanLimits, checkItem: CheckItem): ScanResult {
  const cursor = createCursor(body)
  const scan: Scan = { cursor, limits: withinReader(limits), verdicts: [], verdict: 'accepted', values: 0 }
  const end = body.byteLength
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) checkResourceItems(scan, end, checkItem)
    else skipField(cursor, tag, end)
  }
  const { verdicts } = scan
  if (verdicts.length === 0) return { accepted: 0, rejected: [], records: [] }
  const untouched = body.byteLength <= limits.max_record_bytes && verdicts.every((verdict) => verdict === 'accepted')
  if (untouched) return { accepted: verdicts.length, rejected: [], records: [body] }
  const records = cutRecords(body, limits.max_record_bytes, verdicts)
  return { ...countVerdicts(verdicts), records }
}

/** What the reader refuses in any case. */
function withinReader(limits: ScanLimits): ScanLimits {
  return {
    ...limits,
    max_depth: Math.min(limits.max_depth, MAX_VALUE_DEPTH),
    max_attributes: Math.min(limits.max_attributes, MAX_VALUES),
  }
}

function countVerdicts(verdicts: readonly Verdict[]): { accepted: number; rejected: Rejection[] } {
  const counts = new Map<Verdict, number>()
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const rejected: Rejection[] = []
  for (const [reason, count] of counts) if (reason !== 'accepted') rejected.push({ reason, count })
  return { accepted: counts.get('accepted') ?? 0, rejected }
}

function checkResourceItems(scan: Scan, parentEnd: number, checkItem: CheckItem): void {
  const { cursor, verdicts } = scan
  const end = readEnd(cursor, parentEnd)
  const group: Group = { first: verdicts.length, attributes: 0, verdict: 'accepted' }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) checkGroup(scan, group, end, 10)
    else if (tag === 18) checkScopeItems(scan, end, checkItem)
    else skipField(cursor, tag, end)
  }
  if (group.verdict !== 'accepted') verdicts.fill(group.verdict, group.first)
}

function checkScopeItems(scan: Scan, parentEnd: number, checkItem: CheckItem): void {
  const { cursor, verdicts } = scan
  const end = readEnd(cursor, parentEnd)
  const group: Group = { first: verdicts.length, attributes: 0, verdict: 'accepted' }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) checkGroup(scan, group, end, 26)
    else if (tag === 18) {
      startItem(scan)
      checkItem(scan, end)
      verdicts.push(scan.verdict)
    } else skipField(cursor, tag, end)
  }
  if (group.verdict !== 'accepted') verdicts.fill(group.verdict, group.first)
}

function startItem(scan: Scan): void {
  const { max_spans } = scan.limits
  if (scan.verdicts.length === max_spans) {
    throw new OtlpLimitError(`The request holds more than ${max_spans} spans or log records; send smaller batches.`)
  }
  scan.verdict = 'accepted'
  scan.values = 0
}

/** Resource or scope: only their attributes, under `attributesTag`, have limits. Protobuf merges repeated ones. */
function checkGroup(scan: Scan, group: Group, parentEnd: number, attributesTag: number): void {
  scan.verdict = group.verdict
  scan.values = 0
  group.attributes += checkPart(scan, parentEnd, attributesTag)
  if (group.attributes > scan.limits.max_attributes) reject(scan, 'too_many_attributes')
  group.verdict = scan.verdict
}
