import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { parseTime, withPorts } from './flags.ts'

export function addTraceCommand(program: Command): void {
  withPorts(
    program.command('trace <id>').description('follow a trace id, span id or correlation id from the log to its row'),
  )
    .option('--since <time>', 'how far back to search the log where no row tells (default: 1d)', parseTime)
    .option('--json', 'print one JSON object', false)
    .action(async (id: string, flags: CommonFlags & { since?: number; json: boolean }) =>
      (await import('../commands/trace.ts')).trace(contextOf(flags), { ...flags, id }),
    )
}
