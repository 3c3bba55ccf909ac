import { type Command, InvalidArgumentError } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import type { TailOptions } from '../commands/tail.ts'
import { parseCount, parseTime, withPorts } from './flags.ts'

function parseOffset(text: string): string {
  if (!/^\d{1,16}$/.test(text)) throw new InvalidArgumentError('An offset is a whole number.')
  return text
}

function parsePartition(text: string): number {
  return Number(parseOffset(text))
}

function parseFrom(text: string): TailOptions['from'] {
  if (text === 'beginning' || text === 'end') return text
  return /^\d{1,16}$/.test(text) ? { offset: text } : { time_ms: parseTime(text) }
}

export function addTopicsCommands(program: Command): void {
  const topics = program.command('topics').description('the log: topics, records, consumer groups')
  withPorts(topics.command('list').description('every topic: records, bytes, ages, and who reads it'))
    .option('--json', 'print one JSON list', false)
    .action(async (flags: CommonFlags & { json: boolean }) =>
      (await import('../commands/topics.ts')).list(contextOf(flags), flags),
    )
  withPorts(topics.command('describe <topic>').description('what a topic holds, and its partitions'))
    .option('--json', 'print one JSON object', false)
    .action(async (topic: string, flags: CommonFlags & { json: boolean }) =>
      (await import('../commands/topics.ts')).describe(contextOf(flags), { topic, json: flags.json }),
    )
  addTail(topics)
  addGroups(topics)
  withPorts(
    topics.command('skip <partition>').description('let readers go on behind damaged records, as <topic>/<partition>'),
  )
    .requiredOption('--to <offset>', 'the first offset to be read again', parseOffset)
    .option('--yes', 'do it; without it, only say what would be given up', false)
    .option('--json', 'print one JSON object', false)
    .action(async (place: string, flags: CommonFlags & { to: string; yes: boolean; json: boolean }) =>
      (await import('../commands/topics.ts')).skip(contextOf(flags), { ...flags, place }),
    )
}

function addTail(topics: Command): void {
  withPorts(topics.command('tail <topic>').description('records of a topic, decoded: the last 10, or from a place on'))
    .option('--from <place>', 'beginning, end, an offset, a time, or 15m for a quarter of an hour ago', parseFrom)
    .option('--project <project>', 'only of this project', '')
    .option('--partition <number>', 'only this partition', parsePartition)
    .option('--limit <count>', 'at most so many records', parseCount)
    .option('-f, --follow', 'go on with what comes, until Ctrl-C', false)
    .option('--json', 'print one JSON object a record', false)
    .option('--raw', 'write the bytes of the values and nothing else', false)
    .action(async (topic: string, flags: CommonFlags & Omit<TailOptions, 'topic'>) =>
      (await import('../commands/tail.ts')).tail(contextOf(flags), { ...flags, topic }),
    )
}

function addGroups(topics: Command): void {
  withPorts(topics.command('groups').description('consumer groups: where they stand and what they hold back'))
    .option('--json', 'print one JSON list', false)
    .action(async (flags: CommonFlags & { json: boolean }) =>
      (await import('../commands/topics.ts')).groups(contextOf(flags), flags),
    )
  withPorts(topics.command('drop-group <group>').description('forget a group that nothing reads for any more'))
    .option('--yes', 'do it', false)
    .action(async (group: string, flags: CommonFlags & { yes: boolean }) =>
      (await import('../commands/topics.ts')).dropGroup(contextOf(flags), { group, yes: flags.yes }),
    )
}
