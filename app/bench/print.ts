import { styleText } from 'node:util'
import type { BenchResult, Quantiles } from './pipeline.ts'
import type { TargetResult } from './target.ts'

/** What was measured, the figure, and what it means. */
type Line = readonly [string, string, string]

const quantiles = ({ p50, p95, p99 }: Quantiles) => `p50 ${p50}   p95 ${p95}   p99 ${p99}`

export function formatBench(result: BenchResult): string {
  const { lost, duplicated, ledger, insert_only_cpu_us_per_row } = result
  const processes = Object.entries(result.cpu_us_per_span_by_process).map(([role, cpu]) => `${role} ${cpu}`)
  return formatLines([
    [
      'spans per second',
      `${result.spans_per_second} of ${result.offered_spans_per_second} offered`,
      `acknowledged and queryable, over ${result.seconds} s; the sender never waits`,
    ],
    ['span', `${result.span_bytes} bytes`, 'mean, encoded'],
    ['CPU µs per span', `${result.cpu_us_per_span}`, `${processes.join(', ')}; without the load generator`],
    [
      'insert only, µs per row',
      `${insert_only_cpu_us_per_row}`,
      `ClickHouse alone, ${result.rows_per_insert} rows an insert: ${result.share_of_insert_limit} of the above`,
    ],
    ['ms to acknowledgement', quantiles(result.ack_ms), 'from when a request was due: waiting for a connection counts'],
    [
      'ms from there to queryable',
      quantiles(result.queryable_ms),
      `until a query shows a span, judged; ${result.probes} probes`,
    ],
    ['memory', `${result.rss_mb} MB`, 'all processes, the most at once'],
    ['acknowledged, stored', `${result.spans_acknowledged}, ${result.spans_stored}`, 'compared span by span'],
    ['lost, duplicated', `${lost}, ${duplicated}`, `must be 0; the ledger says ${ledger.lost}, ${ledger.duplicated}`],
    ...doorLines(result),
  ])
}

export function formatTarget(result: TargetResult): string {
  return formatLines([
    [
      'spans per second',
      `${result.spans_per_second} of ${result.offered_spans_per_second} offered`,
      `acknowledged by ${result.target}, over ${result.seconds} s`,
    ],
    ['span', `${result.span_bytes} bytes`, 'mean, encoded'],
    ['ms to acknowledgement', quantiles(result.ack_ms), 'from when a request was due: waiting for a connection counts'],
    ['acknowledged', `${result.spans_acknowledged} spans`, 'whether they are stored its own ledger says'],
    ...doorLines(result),
  ])
}

function doorLines({ retries, errors, requests_unanswered }: BenchResult | TargetResult): readonly Line[] {
  const kinds = Object.entries(errors).map(([status, count]) => `${status} × ${count}`)
  return [
    ['sent again', `${retries}`, kinds.length > 0 ? `because of ${kinds.join(', ')}` : 'nothing was refused'],
    ['requests without an answer', `${requests_unanswered}`, 'within a minute after the end'],
  ]
}

function formatLines(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([, figure]) => figure.length)) + 2
  const dim = (text: string) => styleText('dim', text, { stream: process.stdout })
  return lines.map(([name, figure, meaning]) => `  ${name.padEnd(28)}${figure.padEnd(width)}${dim(meaning)}`).join('\n')
}
