import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { operate } from '../operate.ts'

/** Exit code 1 when something is lost, doubled, late or changed, so that a script can watch it. */
export async function ledger(context: CommandContext, options: { full: boolean; json: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const found = await operate<Reconciliation>(config, 'ledger', { full: options.full })
  console.log(options.json ? JSON.stringify(found) : describe(found, options.full))
  if (found.lost + found.duplicated + found.late + found.checksum_mismatches > 0) process.exitCode = 1
}

function describe(found: Reconciliation, full: boolean): string {
  const which = full ? '' : ', new since the last look; --full looks at all'
  const rows: readonly (readonly [string, number, string])[] = [
    ['lost', found.lost, 'must be 0'],
    ['duplicated', found.duplicated, 'must be 0'],
    ['late', found.late, 'partitions that wait longer than 30 s for their commit'],
    ['checksum mismatches', found.checksum_mismatches, 're-read ranges that now give other spans'],
    ['conflicting', found.conflicting, 'ids that a sender gave to spans of different hours: two spans here'],
    ['collapsed', found.collapsed, 'repeats recognised as such; not an error'],
    ['dead letters', found.dead_letters, 'see `evalforge dead-letters list`'],
    ['spans committed', found.spans_committed, `in ${found.ranges} ranges${which}`],
    ['spans checked', found.spans_checked, `in ${found.ranges_read} re-read ranges`],
  ]
  const lines = rows.map(([name, value, note]) => `${name.padEnd(20)} ${String(value).padStart(10)}  ${note}`)
  for (const { project, trace_id, span_id } of found.missing_examples)
    lines.push(`missing: ${project} ${trace_id} ${span_id}`)
  return lines.join('\n')
}
