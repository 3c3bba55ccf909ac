import { styleText } from 'node:util'
import { formatTable } from '../demo/print.ts'
import type { RevealedFault, SeedResult } from './result.ts'

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
const dim = (text: string) => styleText('dim', text, { stream: process.stdout })

/** `stays`: an instance goes on running that can be asked. */
export function formatSeed(result: SeedResult, { stays }: { stays: boolean }): string {
  const whole = result.lost === 0 && result.duplicated === 0
  return [
    '',
    bold(
      `${result.spans_sent} spans in ${result.traces_sent} traces, ${day(result.from)} to ${day(result.until)}, project ${result.project}`,
    ),
    `  sent in ${result.seconds_sending.toFixed(1)} s, queryable after ${result.seconds_total.toFixed(1)} s: ${Math.round(result.spans_per_second)} spans/s, ${result.retries} tried again`,
    `  stored ${result.spans_stored}, lost ${result.lost}, duplicated ${result.duplicated}   ${whole ? 'everything is accounted for' : bold('NOT everything is accounted for')}`,
    `  seed ${result.seed}; ids of its traces begin with ${result.trace_prefix}`,
    '',
    bold('What is wrong in it, and where (times are UTC)'),
    formatTable(
      ['fault', 'from', 'to', 'affected', 'shown', 'what'],
      result.faults.map((fault) => [
        fault.fault,
        minute(fault.from),
        minute(fault.to),
        String(fault.affected),
        shown(fault),
        fault.what,
      ]),
      ['left', 'left', 'left', 'right', 'left', 'left'],
    ),
    '',
    bold('Questions that show each'),
    ...result.faults.flatMap((fault) => formatQuestion(fault)),
    dim(
      stays ? '  ask them with ./evalforge query "…"' : '  start EvalForge, then ask them with ./evalforge query "…"',
    ),
    '',
  ].join('\n')
}

function formatQuestion({ fault, query, rows }: RevealedFault): readonly string[] {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.slice(0, 3).map((row) => columns.map((column) => textOf(row[column])))
  const table =
    rows.length === 0
      ? []
      : [
          formatTable(
            columns,
            cells,
            columns.map((_, n) => (n === 0 ? 'left' : 'right')),
          ),
        ]
  return [bold(`  ${fault}`), ...query.split('\n').map((line) => `    ${line}`), ...table, '']
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '-' : Array.isArray(value) ? value.join(', ') : String(value)
}

const shown = ({ revealed }: RevealedFault) => (revealed === null ? 'too few' : revealed ? 'yes' : 'NO')
const day = (iso: string) => iso.slice(0, 10)
const minute = (iso: string) => iso.slice(0, 16).replace('T', ' ')
