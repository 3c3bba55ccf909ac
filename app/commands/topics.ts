import { giveUpMissingEnd, missingEnd } from '../../adapters/broker/embedded/missing-end.ts'
import { systemClock } from '../../core/clock.ts'
import { lockDirectory } from '../../core/directory-lock.ts'
import { CodedError } from '../../core/errors.ts'
import { TOPICS } from '../../schemas/topics.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, loadConfig } from '../config.ts'
import { isRunning, operate } from '../operate.ts'
import type { GroupState } from '../operations/groups.ts'
import type { TopicState } from '../operations/topics.ts'
import { logDirectory } from '../paths.ts'
import type { Skipped } from '../skip-records.ts'
import { columns, formatBytes, formatTime } from './columns.ts'
import { TOPIC_CONTRACTS } from './topic-contracts.ts'

export async function list(context: CommandContext, options: { json: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const topics = await operate<readonly TopicState[]>(config, 'topics')
  if (options.json) return console.log(JSON.stringify(topics))
  const head = ['topic', 'partitions', 'records', 'bytes', 'oldest', 'newest', 'groups']
  const rows = topics.map((topic) => [
    topic.topic,
    String(topic.partitions.length),
    String(recordsOf(topic)),
    formatBytes(topic.partitions.reduce((sum, { bytes }) => sum + bytes, 0)),
    formatTime(extreme(topic, 'oldest_ms')),
    formatTime(extreme(topic, 'newest_ms')),
    topic.groups.map(({ group, lag }) => `${group} (lag ${lag})`).join(', ') || '-',
  ])
  console.log(columns([head, ...rows]))
}

/** Offsets between start and end: of a compacted topic some are gone. */
function recordsOf({ partitions }: TopicState): bigint {
  return partitions.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start), 0n)
}

function extreme({ partitions }: TopicState, which: 'oldest_ms' | 'newest_ms'): number | null {
  const times = partitions.flatMap((partition) => partition[which] ?? [])
  if (times.length === 0) return null
  return which === 'oldest_ms' ? Math.min(...times) : Math.max(...times)
}

function describeDuration(ms: number): string {
  const hours = ms / 3_600_000
  return hours >= 48 && hours % 24 === 0 ? `${hours / 24} days` : `${hours} h`
}

export async function describe(
  context: CommandContext,
  { topic: name, json }: { topic: string; json: boolean },
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const [topic] = await operate<readonly TopicState[]>(config, 'topics', { topic: name })
  const { key, value, headers } = TOPIC_CONTRACTS[name] ?? { key: '?', value: '?', headers: [] }
  const definition = TOPICS.find((one) => one.name === name)
  const compacted = definition === undefined || definition.cleanup === 'compact'
  const { retention_ms, retention_bytes } = config.log
  const retention = compacted
    ? 'the last record of each key, for ever'
    : `${describeDuration(retention_ms)} or ${formatBytes(retention_bytes)} of all topics, never what a group has yet to read`
  if (json) return console.log(JSON.stringify({ ...topic, key, value, headers, retention }))
  const facts = [
    ['what it is', definition?.summary ?? 'Places of consumer groups.'],
    ['key', key],
    ['value', value],
    ['headers', headers.join(', ') || 'none'],
    ['kept', retention],
    ['groups', topic!.groups.map(({ group, lag }) => `${group} (lag ${lag})`).join(', ') || 'none'],
  ]
  for (const [what, text] of facts) console.log(`${what!.padEnd(12)} ${text}`)
  const rows = topic!.partitions.map(({ partition, start, end, bytes, oldest_ms, newest_ms }) => [
    String(partition),
    start,
    end,
    formatBytes(bytes),
    formatTime(oldest_ms),
    formatTime(newest_ms),
  ])
  console.log(`\n${columns([['partition', 'start', 'end', 'bytes', 'oldest', 'newest'], ...rows])}`)
}

export async function groups(context: CommandContext, options: { json: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const found = await operate<readonly GroupState[]>(config, 'groups')
  if (options.json) return console.log(JSON.stringify(found))
  if (found.length === 0) return console.log('No consumer group ever read here.')
  const head = ['group', 'topic', 'partition', 'committed', 'lag', 'in use', 'waits since']
  const rows = found.map((place) => [
    place.group,
    place.topic,
    String(place.partition),
    place.committed ?? 'never',
    place.lag,
    place.in_use ? 'yes' : 'no',
    formatTime(place.waiting_since_ms),
  ])
  console.log(columns([head, ...rows]))
}

export async function dropGroup(
  context: CommandContext,
  { group, yes }: { group: string; yes: boolean },
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const places = (await operate<readonly GroupState[]>(config, 'groups')).filter((place) => place.group === group)
  if (places.length === 0) {
    console.error(`There is no group ${group}. \`evalforge topics groups\` shows all.`)
    process.exitCode = 1
    return
  }
  const lag = places.reduce((sum, place) => sum + BigInt(place.lag), 0n)
  const what = `${places.length} places and ${lag} records that it has yet to read`
  if (!yes)
    throw new CodedError('REQUEST_INVALID', `Group ${group} would be forgotten with ${what}. Add --yes to do it.`)
  await operate(config, 'group_drop', { group })
  console.log(`Group ${group} is forgotten, with ${what}. Retention no longer waits for it.`)
}

export async function skip(
  context: CommandContext,
  options: { place: string; to: string; yes: boolean; json: boolean },
): Promise<void> {
  const [, topic, partition] = /^([^/]+)\/(\d+)$/.exec(options.place) ?? []
  if (topic === undefined)
    throw new CodedError('REQUEST_INVALID', `Name the partition as <topic>/<partition>, not ${options.place}.`)
  const config = loadConfig(context.file, context.overrides)
  const body = { topic, partition: Number(partition), to: options.to }
  await acceptMissingEnd(config, { ...options, topic, partition: Number(partition) })
  const skipped = await operate<Skipped>(config, 'records_skip', { ...body, dry_run: !options.yes })
  if (options.json) console.log(JSON.stringify({ ...skipped, done: options.yes }))
  else describeSkip(options.place, skipped, options.yes)
  if (!options.yes) process.exitCode = 1
}

/** Where the end of the partition is gone, nothing starts and nothing opens it: that is mended first. */
async function acceptMissingEnd(
  config: Config,
  { topic, partition, to, yes }: { topic: string; partition: number; to: string; yes: boolean },
): Promise<void> {
  if (await isRunning(config)) return
  const place = { directory: logDirectory(config), topic, partition, clock: systemClock }
  const end = await missingEnd(place)
  if (end === null) return
  if (String(end) !== to || !yes)
    throw new CodedError(
      'LOG_CORRUPT',
      `The last records of ${topic}/${partition} are gone, before offset ${end}. Restore its files; to go on without them, use --to ${end} --yes.`,
    )
  const lock = lockDirectory(config.data_dir)
  try {
    await giveUpMissingEnd({ ...place, end })
  } finally {
    lock.release()
  }
  console.error(`The missing end of ${topic}/${partition} is given up: it goes on at offset ${end}.`)
}

function describeSkip(place: string, { from, to, groups, saved, lost }: Skipped, done: boolean): void {
  console.log(`${groups.join(', ')} on ${place}: from offset ${from} to ${to}`)
  console.log(`  ${saved} whole records on the way ${done ? 'were' : 'would be'} appended again, to be read from there`)
  for (const { start, end, file } of lost) {
    const which = BigInt(end) - BigInt(start) === 1n ? `record ${start}` : `records ${start} to ${BigInt(end) - 1n}`
    console.log(`  given up: ${which}, damaged in ${file}`)
  }
  if (lost.length === 0) console.log('  nothing on the way is damaged')
  if (!done) console.log('Nothing was changed. Add --yes to do it.')
  else if (lost.length > 0)
    console.log('What stands there instead is in dead_letters (LOG_CORRUPT); the ledger keeps counting it as lost.')
}
