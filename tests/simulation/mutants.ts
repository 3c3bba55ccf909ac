import type { FileSystem, LogFile } from '../../adapters/broker/embedded/file-system.ts'
import { readIntent } from '../../core/intent.ts'
import type { MutableParts, Mutant, World } from './world.ts'

/** A bug that the simulation must find, and the kinds of schedules in which it can show. */
export interface KnownBug extends Mutant {
  readonly generators: readonly string[]
}

type Changes = {
  readonly [Part in keyof MutableParts]?: (original: MutableParts[Part], world: World) => MutableParts[Part]
}

function bug(name: string, generators: readonly string[], changes: Changes): KnownBug {
  return {
    name,
    generators,
    apply(part, original, world) {
      const change = changes[part] as ((original: unknown, world: World) => unknown) | undefined
      return (change?.(original, world) ?? original) as typeof original
    },
  }
}

const KILLS = ['kill between insert and commit', 'kill at the commit', 'kill -9 at any moment']

function withFiles(fileSystem: FileSystem, change: (file: LogFile) => LogFile): FileSystem {
  return {
    ...fileSystem,
    open: async (path, mode) => {
      const file = await fileSystem.open(path, mode)
      return path.includes('/otlp_spans/') ? change(file) : file
    },
  }
}

/** Each breaks one sentence of guarantees.md, "How". */
export const KNOWN_BUGS: readonly KnownBug[] = [
  bug('commits a range before it is inserted', KILLS, {
    source: (source) => ({
      ...source,
      commit(position) {
        const intent = readIntent(position.metadata)
        return source.commit(intent === null ? position : { offset: intent.end, metadata: '' })
      },
    }),
  }),
  bug('commits without an intent', [...KILLS, 'kill between two deliveries'], {
    source: (source) => ({
      ...source,
      commit: async (position) => (position.metadata === '' ? source.commit(position) : undefined),
    }),
  }),
  bug('commits an old offset now and then', ['quiet', 'answer lost after the insert'], {
    source(source) {
      let commits = 0
      return {
        ...source,
        async commit(position) {
          await source.commit(position)
          commits += 1
          if (commits % 6 === 0) await source.commit({ offset: 0n, metadata: '' })
        },
      }
    },
  }),
  bug('gives inserts a token without their range', ['quiet', 'kill -9 at any moment'], {
    store: (store) => ({
      ...store,
      insert: (batch) => store.insert({ ...batch, token: batch.token.split(':').slice(0, 3).join(':') }),
    }),
  }),
  bug('gives the pieces of a range one token', ['many days in one request, and 1970'], {
    store: (store) => ({
      ...store,
      insert: (batch) => store.insert({ ...batch, token: batch.token.replace(/:\d+$/, ':0') }),
    }),
  }),
  bug('takes a failed insert for a done one', ['the store refuses for minutes', 'part of an insert fails'], {
    store: (store) => ({ ...store, insert: (batch) => store.insert(batch).catch(() => {}) }),
  }),
  bug('leaves a ledger row out', ['quiet', 'one slow partition'], {
    store(store) {
      let rows = 0
      return {
        ...store,
        insert: async (batch) => (batch.table === 'ledger_rows' && ++rows % 4 === 0 ? undefined : store.insert(batch)),
      }
    },
  }),
  bug('forgets dead letters', ['poison among many', 'many days in one request, and 1970'], {
    dead_letters: () => ({ deliver: async () => {} }),
  }),
  bug('answers before the append is durable', ['kill the collector at a write', 'the power goes', 'disk full'], {
    append: (append) => async (topic, records) => void append(topic, records).catch(() => {}),
  }),
  bug('does not flush the log', ['the power goes'], {
    fileSystem: (fileSystem) => withFiles(fileSystem, (file) => ({ ...file, datasync: async () => {} })),
  }),
  bug('does not flush the directory of a new segment', ['the power goes'], {
    fileSystem: (fileSystem) => ({ ...fileSystem, syncDirectory: async () => {} }),
  }),
  bug('takes a short write for a whole one', ['a short write', 'disk full'], {
    fileSystem: (fileSystem) =>
      withFiles(fileSystem, (file) => ({
        ...file,
        async write(buffers, position) {
          await file.write(buffers, position).catch(() => {})
          return buffers.reduce((sum, { length }) => sum + length, 0)
        },
      })),
  }),
  bug(
    'stamps rows with the time of processing',
    [...KILLS, 'the store hangs', 'an insert that was given up is done later'],
    {
      chain: (chain, world) => ({
        ...chain,
        process: (record) => chain.process({ ...record, timestamp_ms: world.wall() }),
      }),
    },
  ),
  bug('keeps a span under the hour in which it arrived', ['the same request twice, also across midnight'], {
    chain: (chain) => ({
      ...chain,
      process(record) {
        const { items, rejects } = chain.process(record)
        const start_time = BigInt(record.timestamp_ms) * 1_000_000n
        return { items: items.map((item) => ({ ...item, span: { ...item.span, start_time } })), rejects }
      },
    }),
  }),
]
