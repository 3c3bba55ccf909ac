/** `npm run bench`: the whole pipeline under load, as a table, or with --json one object on stdout and nothing else. */
import { parseArgs } from 'node:util'
import { type BenchResult, benchPipeline } from './pipeline.ts'

const HELP = `npm run bench -- [options]

  --seconds <n>      measured time, after 5 s of warm-up (default 60)
  --rate <n>         spans a second that are sent, whatever the pipeline does (default 5000)
  --span-bytes <n>   mean size of an encoded span (default 2300)
  --data-dir <dir>   where the pipeline keeps its data (default: a temporary one, removed afterwards)
  --json             one JSON object instead of the table

One file per question: bench/broker.ts, bench/otlp.ts and their neighbours are run with node.`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '5000' },
    'span-bytes': { type: 'string', default: '2300' },
    'data-dir': { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function positive(name: 'seconds' | 'rate' | 'span-bytes'): number {
  const value = Number(values[name])
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0; got ${values[name]}.`)
  return value
}

function formatTable(result: BenchResult): string {
  const quantiles = ({ p50, p95, p99 }: BenchResult['ack_ms']) => `p50 ${p50}   p95 ${p95}   p99 ${p99}`
  const processes = Object.entries(result.cpu_us_per_span_by_process).map(([role, cpu]) => `${role} ${cpu}`)
  const errors = Object.entries(result.errors).map(([status, count]) => `${status} × ${count}`)
  const rows: readonly (readonly [string, string])[] = [
    [
      'spans per second',
      `${result.spans_per_second} of ${result.offered_spans_per_second} offered, for ${result.seconds} s`,
    ],
    ['span', `${result.span_bytes} bytes`],
    ['CPU µs per span', `${result.cpu_us_per_span}  (${processes.join(', ')})`],
    ['insert only, µs per row', `${result.insert_only_cpu_us_per_row}  (${result.rows_per_insert} rows an insert)`],
    ['share of insert limit', `${result.share_of_insert_limit}`],
    ['ms to acknowledgement', quantiles(result.ack_ms)],
    ['ms from there to queryable', `${quantiles(result.queryable_ms)}   (${result.probes} probes)`],
    ['memory', `${result.rss_mb} MB`],
    ['acknowledged, stored', `${result.spans_acknowledged}, ${result.spans_stored}`],
    [
      'lost, duplicated',
      `${result.lost}, ${result.duplicated}  (ledger ${result.ledger.lost}, ${result.ledger.duplicated})`,
    ],
    ['retries, errors', `${result.retries}${errors.length > 0 ? `, ${errors.join(', ')}` : ', none'}`],
    ['requests without an answer', `${result.requests_unanswered}`],
  ]
  return rows.map(([name, value]) => `  ${name.padEnd(28)}${value}`).join('\n')
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP)
  const options = {
    seconds: positive('seconds'),
    rate: positive('rate'),
    span_bytes: positive('span-bytes'),
    data_dir: values['data-dir'],
  }
  const result = await benchPipeline(options, (text) => process.stderr.write(`${text}\n`))
  console.log(values.json ? JSON.stringify(result) : `\n${formatTable(result)}\n`)
  if (result.lost > 0 || result.duplicated > 0) process.exitCode = 1
}

await main()
