/**
 * Writes what normalize makes of these spans into the golden files, after a person read them with show-payload.ts and found
 * each reading true. Spans approved before stay as they are unless they are chosen again.
 * `node stream-processors/normalize/testing/approve-payload.ts <folder> [options of payload-choice.ts]`
 */
import { chosenSpans } from './payload-choice.ts'
import { goldenOf, readGolden, writeGolden } from './payload-golden.ts'

const { folder, spans } = chosenSpans(process.argv.slice(2))
const golden = { ...readGolden(folder) }
for (const { id, read } of spans) golden[id] = goldenOf(read)
writeGolden(folder, golden)
process.stdout.write(`${folder}: ${spans.length} approved, ${Object.keys(golden).length} in all\n`)
