import { type Command, InvalidArgumentError } from 'commander'
import type { BenchFlags } from '../commands/bench.ts'
import { option } from './flags.ts'

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError('Give a number above 0.')
  return value
}

export function addBenchCommands(program: Command): void {
  program
    .command('bench')
    .description('measure the whole pipeline under load: speed, latency, CPU, memory, and that nothing is lost')
    .option('--seconds <count>', 'measured time, after 5 s of warm-up', positive, 60)
    .option('--rate <spans>', 'spans a second that are sent, whatever the pipeline does', positive, 5_000)
    .option('--span-bytes <bytes>', 'mean size of an encoded span', positive, 2_300)
    .option('--data-dir <directory>', 'where its data is kept (default: a temporary place, removed afterwards)', '')
    .option(
      '--target <url>',
      'load this OTLP/HTTP address instead of an instance of its own, e.g. http://host:4318',
      '',
    )
    .addOption(option('--key <key>', 'KEY', 'API key of the target').default(''))
    .option('--json', 'print one JSON object', false)
    .action(async (flags: BenchFlags) => (await import('../commands/bench.ts')).bench(flags))
}
