import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { withPorts } from './flags.ts'

export function addRunCommands(program: Command): void {
  withPorts(program.command('start').description('run the whole pipeline on this machine until Ctrl-C')).action(
    async (flags: CommonFlags) => (await import('../commands/start.ts')).start(contextOf(flags)),
  )

  withPorts(program.command('demo').description('run the pipeline on real recorded traces and print what it found'))
    .option('--exit', 'stop after the summary; exit code 0 only if everything sent is accounted for', false)
    .option('--json', 'print one JSON object instead of the summary', false)
    .action(async (flags: CommonFlags & { exit: boolean; json: boolean }) =>
      (await import('../commands/demo.ts')).demo(contextOf(flags), { exit: flags.exit, json: flags.json }),
    )
}
