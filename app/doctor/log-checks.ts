import { existsSync } from 'node:fs'
import type { Broker } from '../../adapters/broker/broker.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import type { Clock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { INGEST_TOPICS } from '../../schemas/topics.ts'
import { formatBytes } from '../commands/columns.ts'
import type { Config } from '../config.ts'
import { ASSEMBLE_GROUP, CONSUMER_GROUP } from '../consumer-group.ts'
import { deadLetterOperations, type ListedLetters } from '../operations/dead-letters.ts'
import { type GroupState, groupStates } from '../operations/groups.ts'
import { type TopicState, topicOperations } from '../operations/topics.ts'
import { logDirectory, logSettings } from '../paths.ts'
import { type Finding, finding } from './check.ts'

const LATE_MS = 30_000
const STUCK_MS = 5 * 60_000
const NEARLY_FULL = 0.8
const AHEAD_MS = 2_000

/** What the log's files say, read beside whatever runs: that may hang. */
export async function checkLog(config: Config, clock: Clock, isRunning: boolean): Promise<readonly Finding[]> {
  const directory = logDirectory(config)
  if (!existsSync(directory)) return [finding('ok', 'log', `nothing was received yet in ${config.data_dir}`)]
  const broker = await createEmbeddedBroker({ directory, writes: [], clock, on_fatal: () => {} })
  try {
    const topics = (await topicOperations({ broker }).topics!({})) as readonly TopicState[]
    const groups = await groupStates(broker)
    const now = clock.now()
    return [
      ...judgeSize(topics, groups, config),
      ...judgeTimes(topics, now),
      ...judgeGroups(groups, { now, isRunning }),
      ...(await checkDamage(broker, groups)),
      ...(await checkLetters(broker)),
    ]
  } finally {
    await broker.close()
  }
}

export function judgeSize(
  topics: readonly TopicState[],
  groups: readonly GroupState[],
  config: Config,
): readonly Finding[] {
  const received = new Set(INGEST_TOPICS.map(({ name }) => name))
  return (['ingest', 'process'] as const).map((role) => {
    const own = topics.filter(({ topic }) => received.has(topic) === (role === 'ingest'))
    const room = logSettings(config, role).retention_bytes
    const bytes = own.reduce((sum, topic) => sum + bytesOf(topic), 0)
    const held = own.reduce((sum, topic) => sum + heldBytes(topic, groups), 0)
    const name = role === 'ingest' ? 'log, received' : 'log, written'
    const found = `${formatBytes(bytes)} of ${formatBytes(room)}`
    if (held < NEARLY_FULL * room) return finding('ok', name, found)
    const slow = groups.filter(({ lag, topic }) => lag !== '0' && own.some((one) => one.topic === topic))
    const dead = slow.find(({ group, in_use }) => group !== CONSUMER_GROUP && !in_use)
    const advice = dead
      ? `Group ${dead.group} holds it back: \`evalforge topics drop-group ${dead.group}\` if nothing uses it.`
      : 'Let the consumers catch up (`evalforge topics groups`), or raise log.retention_bytes; senders get 503 when it is full.'
    return finding(
      held >= 0.98 * room ? 'fail' : 'warn',
      name,
      `${found}, ${formatBytes(held)} of it still to be read`,
      advice,
    )
  })
}

const bytesOf = ({ partitions }: TopicState) => partitions.reduce((sum, { bytes }) => sum + bytes, 0)

/** What may not be deleted, since the slowest group has yet to read it; records taken as equally large. */
function heldBytes({ topic, partitions }: TopicState, groups: readonly GroupState[]): number {
  let held = 0
  for (const { partition, start, end, bytes } of partitions) {
    const lags = groups.filter((group) => group.topic === topic && group.partition === partition)
    const lag = lags.reduce((most, group) => Math.max(most, Number(group.lag)), 0)
    const records = Number(BigInt(end) - BigInt(start))
    if (records > 0) held += (bytes * lag) / records
  }
  return held
}

export function judgeTimes(topics: readonly TopicState[], now: number): readonly Finding[] {
  const newest = Math.max(
    0,
    ...topics.flatMap(({ partitions }) => partitions.flatMap(({ newest_ms }) => newest_ms ?? [])),
  )
  if (newest <= now + AHEAD_MS) return []
  const ahead = Math.round((newest - now) / 1000)
  return [
    finding(
      'fail',
      'clock',
      `the newest record was received ${ahead} s in the future`,
      'The clock of this machine was wrong, or is: check it (timedatectl). New records take the later time until it is reached.',
    ),
  ]
}

export function judgeGroups(
  groups: readonly GroupState[],
  { now, isRunning }: { now: number; isRunning: boolean },
): readonly Finding[] {
  const name = 'lag'
  const findings: Finding[] = []
  for (const { group, topic, partition, lag, waiting_since_ms } of groups) {
    // The commits of `assemble` hold its watermark: it reads nothing.
    if (lag === '0' || group === ASSEMBLE_GROUP) continue
    const waits = waiting_since_ms === null ? 0 : now - waiting_since_ms
    const where = `${group} on ${topic}/${partition}: ${lag} records, for ${Math.round(waits / 1000)} s`
    if (group !== CONSUMER_GROUP)
      findings.push(
        finding(
          'warn',
          name,
          where,
          `If nothing uses it: \`evalforge topics drop-group ${group}\`; it holds back retention.`,
        ),
      )
    else if (!isRunning) findings.push(finding('ok', name, `${where}; read when EvalForge starts`))
    else if (waits > STUCK_MS)
      findings.push(finding('fail', name, where, 'It does not move: curl /ready on the admin port says why.'))
    else if (waits > LATE_MS)
      findings.push(
        finding('warn', name, where, 'More arrives than is judged, or the store is slow; look again in a minute.'),
      )
  }
  return findings.length > 0 ? findings : [finding('ok', name, 'everything received is judged and stored')]
}

/** Looks where each group will read next: damage there is what keeps it. */
async function checkDamage(broker: Broker, groups: readonly GroupState[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const { group, topic, partition, committed, lag } of groups) {
    if (lag === '0' || group === ASSEMBLE_GROUP) continue
    const { start } = (await broker.offsets(topic))[partition]!
    const next = committed === null || BigInt(committed) < start ? start : BigInt(committed)
    try {
      await broker.fetch(topic, partition, next, { max_bytes: 1 })
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'LOG_CORRUPT')) throw error
      findings.push(
        finding(
          'fail',
          'damage',
          `${topic}/${partition}: ${error.message}`,
          `Restore the file; or stop EvalForge and see what \`evalforge topics skip ${topic}/${partition} --to ${next + 1n}\` would give up.`,
        ),
      )
    }
  }
  return findings
}

async function checkLetters(broker: Broker): Promise<readonly Finding[]> {
  const { total, codes } = (await deadLetterOperations({ broker }).dead_letters!({
    limit: 0,
    waiting: true,
  })) as ListedLetters
  if (total === 0) return [finding('ok', 'dead letters', 'none that were not replayed')]
  const by_code = Object.entries(codes).map(([code, count]) => `${count} ${code}`)
  return [
    finding(
      'warn',
      'dead letters',
      by_code.join(', '),
      '`evalforge dead-letters list` and `show <id>`; what the cause is mended of, `replay`.',
    ),
  ]
}
