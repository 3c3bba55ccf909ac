import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import type { SeedFlags } from '../commands/seed.ts'
import { option, parseCount, withPorts } from './flags.ts'

export function addSeedCommands(program: Command): void {
  withPorts(
    program
      .command('seed')
      .description('send a made-up history with known faults through the real door, and say what is wrong in it'),
  )
    .option('--spans <count>', 'spans of the history', parseCount, 20_000)
    .option('--days <count>', 'days it covers', parseCount, 7)
    .option('--until <time>', 'when it ends, ISO 8601 (default: now)', '')
    .option('--seed <number>', 'the same seed, size and end give the same history', parseCount, 1)
    .option('--project <project>', 'whose it is (default: that of the key, or `default`)', '')
    .addOption(option('--key <key>', 'KEY', 'API key, where the running instance wants one').default(''))
    .addOption(option('--password <key>', 'READER_KEY', 'the reader key, where one is configured').default(''))
    .option('--json', 'print one JSON object', false)
    .action(async (flags: CommonFlags & SeedFlags) =>
      (await import('../commands/seed.ts')).seed(contextOf(flags), flags),
    )
}
