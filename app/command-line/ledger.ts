import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { withPorts } from './flags.ts'

export function addLedgerCommands(program: Command): void {
  withPorts(program.command('ledger').description('compare log, ledger and tables: lost and duplicated must read 0'))
    .option('--full', 're-read every range instead of the configured share', false)
    .option('--json', 'print one JSON object', false)
    .action(async (flags: CommonFlags & { full: boolean; json: boolean }) =>
      (await import('../commands/ledger.ts')).ledger(contextOf(flags), { full: flags.full, json: flags.json }),
    )
}
