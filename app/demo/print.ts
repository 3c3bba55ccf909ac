import { styleText } from 'node:util'
import type { Addresses } from '../instance.ts'
import type { DemoResult } from './result.ts'
import type { Example, Summary } from './summary.ts'

type Style = Parameters<typeof styleText>[0]
type Align = 'left' | 'right'

const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout })
const heading = (text: string) => `\n${paint('bold', text)}`
const dim = (text: string) => paint('dim', text)

const SEVERITY_STYLE: Readonly<Record<string, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
}

/** Columns as wide as their widest cell; numbers to the right. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[],
): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (align[column] === 'right' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ')}`.trimEnd()
  return [dim(line(header)), ...rows.map(line)].join('\n')
}

export interface PrintOptions {
  readonly addresses: Addresses
  /** Whether the pipeline goes on behind the summary, so that it can be asked. */
  readonly stays: boolean
}

export function formatSummary(result: DemoResult, summary: Summary, options: PrintOptions): string {
  const { accepted_to_queryable_ms: latency } = result
  const accounted = result.lost === 0 && result.duplicated === 0 && result.spans_stored === result.spans_sent
  return [
    heading(`${result.spans_sent} spans of ${result.sdks} SDKs, sent over OTLP/HTTP (protobuf, JSON) and OTLP/gRPC`),
    formatTable(
      ['instrumentation', 'read as', 'spans', 'model calls', 'errors'],
      summary.sdks.map((row) => [row.sdk, row.dialect, row.spans, row.calls, row.errors]),
      ['left', 'left', 'right', 'right', 'right'],
    ),
    heading(`${result.evaluations} verdicts of ${summary.judges.length} rule judges, on every span they apply to`),
    formatTable(
      ['judge', 'judged', 'passed', 'failed', 'undecided', 'errors'],
      summary.judges.map((row) => [row.judge, row.judged, row.passed, row.failed, row.undecided, row.errors]),
      ['left', 'right', 'right', 'right', 'right', 'right'],
    ),
    heading(summary.examples.length > 0 ? 'The worst of what they found' : 'They found nothing wrong'),
    ...summary.examples.map(formatExample),
    heading('Tokens and cost of model calls, each counted once'),
    formatTable(
      ['model', 'calls', 'failed', 'input', 'cached', 'output', 'cost'],
      summary.models.map((row) => [
        row.model,
        row.calls,
        row.failed,
        row.input_tokens,
        row.cached_tokens,
        row.output_tokens,
        formatCost(row.cost_usd, Number(row.unpriced)),
      ]),
      ['left', 'right', 'right', 'right', 'right', 'right', 'left'],
    ),
    heading('Delivery'),
    `  accepted to queryable  p50 ${ms(latency.p50)}   p95 ${ms(latency.p95)}   p99 ${ms(latency.p99)}`,
    `  sent ${result.spans_sent}, stored ${result.spans_stored}, lost ${result.lost}, duplicated ${result.duplicated}, dead letters ${result.dead_letters}   ${
      accounted
        ? paint('green', 'everything is accounted for')
        : paint(['bold', 'red'], 'NOT everything is accounted for')
    }`,
    heading('Where to look next'),
    ...formatNext(options),
    dim('  tables and columns: docs/tables.md · judges: docs/judges.md · topics: docs/topics.md'),
    '',
  ].join('\n')
}

function formatNext({ addresses, stays }: PrintOptions): readonly string[] {
  const own = `  your own traffic:  npm start, then OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 in your app`
  if (!stays) return ['  look around in these spans:  npm run demo, without --exit', own]
  const sql = 'SELECT name, model, severity, deciding_judges FROM spans WHERE NOT passed FORMAT PrettyCompact'
  return [
    `  ask anything in SQL:  curl ${addresses.clickhouse} --data "${sql}"`,
    `  metrics:  curl ${addresses.admin}/metrics`,
    own,
  ]
}

function formatExample(example: Example): string {
  const { judge, label, severity, explanation, span, model, scope_name, times, match } = example
  const badge = paint(SEVERITY_STYLE[severity] ?? 'dim', severity.padEnd(8))
  const where = [span, model, scope_name].filter((text) => text !== '').join(dim(' · '))
  const lines = [
    `  ${badge} ${paint('bold', `${judge}: ${label}`)} ${dim(`× ${times}`)}  ${where}`,
    `           ${explanation}`,
  ]
  if (match !== '')
    lines.push(
      `           ${dim(`…${oneLine(example.before)}`)}${paint('inverse', oneLine(match))}${dim(`${oneLine(example.after)}…`)}`,
    )
  return lines.join('\n')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function formatCost(cost_usd: number | null, unpriced: number): string {
  if (cost_usd === null) return 'unknown'
  const amount = `$${cost_usd.toFixed(6)}`
  return unpriced > 0 ? `${amount} (${unpriced} without a price)` : amount
}

function ms(value: number): string {
  return Number.isNaN(value) ? '-' : `${Math.round(value)} ms`
}
