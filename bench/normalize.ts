import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPriceList } from '../core/prices.ts'
import type { OtlpResourceSpans } from '../schemas/otlp/otlp.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import type { PriceFile } from '../schemas/prices/price-file.ts'
import { createNormalize, type Normalize } from '../stream-processors/normalize/normalize.ts'

const ROOT = join(import.meta.dirname, '..')
const CAPTURES = join(ROOT, 'schemas/fixtures/live-captures')
const MEASURE_MS = 1_000

interface Result {
  readonly capture: string
  readonly spans: number
  readonly bytes_per_span: number
  readonly normalize_cpu_us_per_span: number
}

/** How much CPU the canonical span costs, per capture of a real SDK. `--json` prints one object. */
function main(): void {
  const prices = JSON.parse(readFileSync(join(ROOT, 'schemas/prices/2026-11-20.json'), 'utf8')) as PriceFile
  const normalize = createNormalize({ prices: createPriceList(prices) })
  const measure = (request: OtlpResourceSpans[]) => {
    const context = { project: 'bench', received_at: 1_795_000_000_000 }
    const { spans } = normalize(request, context)
    timed(() => normalize(request, context), MEASURE_MS / 4)
    return timed(() => normalize(request, context), MEASURE_MS) / spans.length
  }

  warmUp(normalize)
  const results: Result[] = []
  for (const capture of readdirSync(CAPTURES)) {
    const file = readdirSync(join(CAPTURES, capture)).find((name) => name.includes('traces') && name.endsWith('.pb'))
    if (!file) continue
    const body = readFileSync(join(CAPTURES, capture, file))
    const request = readTraces(body)
    const spans = request.flatMap(({ scope_spans }) => scope_spans.flatMap((scope) => scope.spans)).length
    results.push({
      capture,
      spans,
      bytes_per_span: Math.round(body.length / spans),
      normalize_cpu_us_per_span: measure(request),
    })
  }
  report(results)
}

/** All captures in turn, so that no measurement profits from code that has only ever seen one SDK. */
function warmUp(normalize: Normalize): void {
  const requests = readdirSync(CAPTURES).flatMap((capture) =>
    readdirSync(join(CAPTURES, capture))
      .filter((name) => name.includes('traces') && name.endsWith('.pb'))
      .map((name) => readTraces(readFileSync(join(CAPTURES, capture, name)))),
  )
  timed(() => {
    for (const request of requests) normalize(request, { project: 'bench', received_at: 1_795_000_000_000 })
  }, 2 * MEASURE_MS)
}

/** Mean CPU microseconds of one call over `for_ms`, garbage collection included: other programs do not disturb it. */
function timed(call: () => unknown, for_ms: number): number {
  const begun = performance.now()
  const cpu = process.cpuUsage()
  let calls = 0
  while (performance.now() - begun < for_ms) {
    call()
    calls++
  }
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / calls
}

function report(results: readonly Result[]): void {
  const spans = results.reduce((sum, result) => sum + result.spans, 0)
  const weighted = results.reduce((sum, result) => sum + result.normalize_cpu_us_per_span * result.spans, 0) / spans
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ normalize_cpu_us_per_span: weighted, captures: results }))
    return
  }
  console.table(
    results.map((result) => ({ ...result, normalize_cpu_us_per_span: result.normalize_cpu_us_per_span.toFixed(2) })),
  )
  console.log(`mean of all spans: ${weighted.toFixed(2)} us`)
}

main()
