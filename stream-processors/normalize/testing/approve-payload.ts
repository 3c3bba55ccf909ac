/**
 * Writes what normalize makes of these spans into the golden files, after a person read them with show-payload.ts and found
 * each reading true. Spans approved before stay as they are unless they are chosen again. `log-records` approves all records
 * of logs.
 * `node stream-processors/normalize/testing/approve-payload.ts <folder>|log-records [options of payload-choice.ts]`
 */
import { chosenSpans } from './payload-choice.ts'
import { goldenOf, goldenOfRecord, readGolden, writeGolden } from './payload-golden.ts'
import { payloadRecords } from './payload-records.ts'

const args = process.argv.slice(2)

function approve() {
  if (args[0] === 'log-records') {
    const records = payloadRecords().map(({ id, read }) => [id, goldenOfRecord(read)] as const)
    return { folder: 'log-records', approved: records }
  }
  const { folder, spans } = chosenSpans(args)
  return { folder, approved: spans.map(({ id, read }) => [id, goldenOf(read)] as const) }
}

const { folder, approved } = approve()
const golden = { ...readGolden(folder), ...Object.fromEntries(approved) }
writeGolden(folder, golden)
process.stdout.write(`${folder}: ${approved.length} approved, ${Object.keys(golden).length} in all\n`)
