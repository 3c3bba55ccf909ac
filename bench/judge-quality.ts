import { join } from 'node:path'
import { decide, QUALITY_SETS, qualityOf, readRows } from './judge-quality-sets.ts'

/** Precision, recall, F1 and AUROC of the rule judges on labelled public data. `--json` prints one object; `--data <folder>`. */

const given = process.argv.indexOf('--data')
const folder = given > 0 ? process.argv[given + 1]! : join(import.meta.dirname, '../../shared/datasets')
const results = []
const absent: string[] = []
for (const set of QUALITY_SETS) {
  const rows = readRows(folder, set.set)
  if (rows === null) absent.push(set.set)
  else results.push(qualityOf(set, decide(set, rows)))
}

if (process.argv.includes('--json')) console.log(JSON.stringify({ results, absent }))
else {
  console.table(results)
  if (absent.length > 0) console.log(`Not found in ${folder}: ${absent.join(', ')}`)
}
