import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { withFiles } from './flags.ts'

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('API keys of senders')
  withFiles(
    keys
      .command('create <project>')
      .description('make a key, print it once, and keep its SHA-256 in the configuration'),
  )
    .option('--name <name>', 'who uses it')
    .action(async (project: string, flags: CommonFlags & { name?: string }) =>
      (await import('../commands/keys.ts')).createKey(contextOf(flags), { project, name: flags.name ?? '' }),
    )
  withFiles(keys.command('list').description('show projects and hashes; keys themselves are not kept')).action(
    async (flags: CommonFlags) => (await import('../commands/keys.ts')).listKeys(contextOf(flags)),
  )
}
