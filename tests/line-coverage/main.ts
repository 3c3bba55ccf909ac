/** `npm run coverage`: line coverage of each top folder, counting the processes that tests start. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type IstanbulFile, lineHits, rangesOf, type V8Record } from './line-hits.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['schemas', 'core', 'adapters', 'judges', 'collectors', 'stream-processors', 'sinks', 'app']
const NOT_PRODUCT = /\.(test|contract|fixture|samples)\.ts$|-cases\.ts$|contract-bench\.ts$|a-span\.ts$/
const WANTED_PERCENT = 80

const work = mkdtempSync(join(tmpdir(), 'evalforge-coverage-'))
try {
  process.exitCode = measure()
} finally {
  rmSync(work, { recursive: true, force: true })
}

function measure(): number {
  const children = join(work, 'children')
  const flags = [
    '--coverage.enabled',
    '--coverage.provider=v8',
    '--coverage.reporter=json',
    `--coverage.reportsDirectory=${join(work, 'vitest')}`,
    ...FOLDERS.map((folder) => `--coverage.include=${folder}/**/*.ts`),
    ...process.argv.slice(2),
  ]
  const env = { ...process.env, EVALFORGE_TEST_CHILD_COVERAGE: children }
  const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...flags], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) return status ?? 1
  return report(readReport(join(work, 'vitest', 'coverage-final.json')), readRecords(children))
}

function report(files: readonly IstanbulFile[], records: readonly V8Record[]): number {
  const totals = new Map(FOLDERS.map((folder) => [folder, { lines: 0, ran: 0 }]))
  const gaps: { readonly path: string; readonly missed: number }[] = []
  for (const file of files) {
    const path = relative(ROOT, file.path)
    const total = totals.get(path.split('/')[0] ?? '')
    if (total === undefined || NOT_PRODUCT.test(path)) continue
    const url = pathToFileURL(file.path).href
    const ranges = records.map((record) => rangesOf(record, url)).filter(({ length }) => length > 0)
    const hits = [...lineHits(file, readFileSync(file.path, 'utf8'), ranges).values()]
    const ran = hits.filter(Boolean).length
    total.lines += hits.length
    total.ran += ran
    if (ran < hits.length) gaps.push({ path, missed: hits.length - ran })
  }
  gaps.sort((a, b) => b.missed - a.missed)
  console.log(`\nLines that ran, ${records.length} processes of the tests included\n`)
  let failed = 0
  for (const [folder, { lines, ran }] of totals) {
    const percent = lines === 0 ? 100 : (100 * ran) / lines
    if (percent < WANTED_PERCENT) failed++
    const note = percent < WANTED_PERCENT ? `  less than ${WANTED_PERCENT} %` : ''
    console.log(`  ${folder.padEnd(20)} ${percent.toFixed(1).padStart(5)} %  of ${lines}${note}`)
  }
  console.log(`\nMost lines that never ran\n`)
  for (const { path, missed } of gaps.slice(0, 15)) console.log(`  ${String(missed).padStart(4)}  ${path}`)
  return failed > 0 ? 1 : 0
}

function readReport(file: string): readonly IstanbulFile[] {
  return Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, IstanbulFile>)
}

function readRecords(directory: string): readonly V8Record[] {
  const prefix = pathToFileURL(ROOT).href
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as V8Record)
    .map(({ result }) => ({
      result: result.filter(({ url }) => url.startsWith(prefix) && !url.includes('/node_modules/')),
    }))
}
