import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeLogsJson } from '../../../schemas/otlp/json.ts'
import type { OtlpLogRecord } from '../../../schemas/otlp/log-reader.ts'
import { readLogs } from '../../../schemas/otlp/log-reader.ts'
import { type EventFindings, readContentEvent } from '../span-events.ts'
import { PAYLOADS } from './payload-files.ts'

/** A log record of a payload beside what it says about a model call; undefined where it says nothing. */
export interface PayloadRecord {
  /** `<folder>/<path below it>#<place in its request>`. */
  readonly id: string
  readonly given: OtlpLogRecord
  readonly read: EventFindings | undefined
}

/** Every log record of all payloads. */
export function payloadRecords(): readonly PayloadRecord[] {
  const files = globSync('*/otlp/**/*logs.json', { cwd: PAYLOADS }).sort()
  return files.flatMap((file) => {
    const records = readLogs(encodeLogsJson(JSON.parse(readFileSync(join(PAYLOADS, file), 'utf8'))))
    return records.map((given, at) => {
      const read = readContentEvent(given.event_name, given.attributes, given.body)
      return { id: `${file}#${at}`, given, read }
    })
  })
}
