import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { withPorts } from './flags.ts'

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('the configuration in evalforge.yaml')
  withPorts(config.command('check').description('say everything that is wrong with it, with paths')).action(
    async (flags: CommonFlags) => (await import('../commands/config.ts')).check(contextOf(flags)),
  )
  withPorts(config.command('print').description('print it with all defaults filled in'))
    .option('--describe', 'say what every setting is for', false)
    .action(async (flags: CommonFlags & { describe: boolean }) =>
      (await import('../commands/config.ts')).print(contextOf(flags), { describe: flags.describe }),
    )
}
