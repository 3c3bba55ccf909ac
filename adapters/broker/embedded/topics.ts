import { dirname, join } from 'node:path'
import type { DirectoryLock } from '../../../core/directory-lock.ts'
import { CodedError } from '../../../core/errors.ts'
import { COMMITS, COMMITS_SHAPE } from './offset-commits.ts'
import {
  openTopicForReading,
  openTopicForWriting,
  readTopicShape,
  type Topic,
  type TopicContext,
  type TopicShape,
} from './topic.ts'

const TOPIC_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/

/** The topics of a directory, opened when first asked for; those this process writes are locked for it. */
export interface Topics {
  /** Already open, or undefined. */
  peek(name: string): Topic | undefined
  /** Opens it, or null when nobody has created it yet. */
  find(name: string): Promise<Topic | null>
  /** Creates it if this process writes it; otherwise remembers its shape until its writer has. */
  ensure(name: string, shape: TopicShape): Promise<void>
  opened(): readonly Topic[]
  isOurs(name: string): boolean
  close(): Promise<void>
}

export async function openTopics(context: TopicContext, writes: readonly string[] | 'all'): Promise<Topics> {
  const topics = new Map<string, Topic>()
  const shapes = new Map<string, TopicShape>([[COMMITS, COMMITS_SHAPE]])
  const opening = new Map<string, Promise<Topic | null>>()
  const locks = new Map<string, DirectoryLock>()

  function isOurs(name: string): boolean {
    return writes === 'all' || writes.includes(name)
  }

  function lock(name: string): void {
    if (!locks.has(name)) locks.set(name, context.fileSystem.lock(join(context.directory, name)))
  }

  async function open(name: string): Promise<Topic | null> {
    const topic = isOurs(name) ? await openOurs(name) : await openTheirs(name)
    if (topic !== null) topics.set(name, topic)
    return topic
  }

  async function openOurs(name: string): Promise<Topic | null> {
    const wanted = shapes.get(name) ?? null
    if (wanted === null && (await readTopicShape(context, name)) === null) return null
    lock(name)
    return openTopicForWriting(context, name, wanted)
  }

  async function openTheirs(name: string): Promise<Topic | null> {
    const shape = (await readTopicShape(context, name)) ?? shapes.get(name) ?? null
    return shape && openTopicForReading(context, name, shape)
  }

  async function find(name: string): Promise<Topic | null> {
    const known = topics.get(name)
    if (known !== undefined) return known
    if (!TOPIC_NAME.test(name)) throw new CodedError('TOPIC_UNKNOWN', `'${name}' cannot be the name of a topic.`)
    const started = opening.get(name) ?? open(name).finally(() => opening.delete(name))
    opening.set(name, started)
    return started
  }

  async function close(): Promise<void> {
    await Promise.allSettled(opening.values())
    try {
      for (const topic of topics.values()) await topic.close()
    } finally {
      for (const held of locks.values()) held.release()
    }
  }

  async function openWritten(): Promise<void> {
    if (writes !== 'all') for (const name of writes) lock(name)
    const names = writes === 'all' ? [COMMITS, ...(await context.fileSystem.list(context.directory))] : writes
    for (const name of names) if (writes !== 'all' || TOPIC_NAME.test(name)) await find(name)
  }

  try {
    if (writes.length > 0) {
      await context.fileSystem.makeDirectory(context.directory)
      // Without its own name on the disk a new log would be gone as a whole after a loss of power.
      await context.fileSystem.syncDirectory(dirname(context.directory))
    }
    await openWritten()
  } catch (error) {
    await close()
    throw error
  }

  return {
    peek: (name) => topics.get(name),
    find,
    async ensure(name, shape) {
      if (name === COMMITS) throw new CodedError('TOPIC_READ_ONLY', `'${COMMITS}' is kept by the broker itself.`)
      if (!shapes.has(name)) shapes.set(name, shape)
      await find(name)
    },
    opened: () => [...topics.values()],
    isOurs,
    close,
  }
}
