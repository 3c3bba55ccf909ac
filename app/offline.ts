import { existsSync } from 'node:fs'
import { type DeadLetter, scanDeadLetters } from '../adapters/broker/dead-letters.ts'
import { createEmbeddedBroker } from '../adapters/broker/embedded/embedded-broker.ts'
import { createChdbStore } from '../adapters/store/chdb/chdb-store.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Mux } from '../core/channel.ts'
import { systemClock } from '../core/clock.ts'
import { lockDirectory } from '../core/directory-lock.ts'
import { CodedError } from '../core/errors.ts'
import type { Reconciliation } from '../sinks/clickhouse/reconcile.ts'
import type { Config } from './config.ts'
import { CONSUMER_GROUP } from './consumer-group.ts'
import { createLogger } from './logger.ts'
import { migrateStore } from './migrations.ts'
import { logDirectory, spoolDirectory } from './paths.ts'
import { createReconciler } from './reconciler.ts'
import { createSupervisedProcess } from './supervisor/supervised-process.ts'

/** What the command line can do with a data directory that nothing runs on. */
export interface OfflineInstance {
  reconcile(options: { full: boolean }): Promise<Reconciliation>
  migrate(): Promise<readonly string[]>
  deadLetters(options: { limit: number; project: string }): Promise<{ total: number; letters: readonly DeadLetter[] }>
  deadLetter(id: string): Promise<(DeadLetter & { value_base64: string }) | null>
}

/** Takes the data directory, lends it to `work`, lets go of it. Throws DATA_DIRECTORY_LOCKED where something runs. */
export async function withOfflineInstance<Result>(
  config: Config,
  work: (instance: OfflineInstance) => Promise<Result>,
): Promise<Result> {
  const lock = lockDirectory(config.data_dir)
  const broker = await createEmbeddedBroker({
    directory: logDirectory(config),
    writes: [],
    clock: systemClock,
    on_fatal: () => {},
  })
  const stores = createStoreOnDemand(config)
  try {
    return await work({
      async reconcile(options) {
        const store = await stores.open()
        return createReconciler({ broker, store, config, clock: systemClock, group: CONSUMER_GROUP }).run(options)
      },
      async migrate() {
        return migrateStore(await stores.open(), config)
      },
      deadLetters: (options) => listDeadLetters(scanDeadLetters(broker), options),
      deadLetter: (id) => findDeadLetter(scanDeadLetters(broker), id),
    })
  } finally {
    await stores.close()
    await broker.close()
    lock.release()
  }
}

/** As `withOfflineInstance`, and DATA_DIRECTORY_UNUSABLE where nothing was ever kept: looking makes nothing. */
export async function lookOffline<Result>(
  config: Config,
  work: (instance: OfflineInstance) => Promise<Result>,
): Promise<Result> {
  if (existsSync(logDirectory(config))) return withOfflineInstance(config, work)
  const { host, port } = config.admin
  throw new CodedError(
    'DATA_DIRECTORY_UNUSABLE',
    `Nothing answers on ${host}:${port}, and nothing was ever kept in ${config.data_dir}. ` +
      'Start EvalForge first, or name its --admin-port or --data-dir.',
  )
}

/** The store process is started only for commands that need it. */
function createStoreOnDemand(config: Config) {
  let mux: Mux | undefined
  let store: Store | undefined
  const supervised = createSupervisedProcess({
    role: 'store',
    config: { ...config, log_level: 'warn', store: { ...config.store, http: { ...config.store.http, port: 0 } } },
    log: createLogger('cli', 'warn'),
    clock: systemClock,
    onLaunched: (launched) => {
      mux = launched
    },
  })
  return {
    async open(): Promise<Store> {
      if (store) return store
      await supervised.start()
      store = createChdbStore({ connect: () => mux?.open('store') ?? null, spool_directory: spoolDirectory(config) })
      return store
    },
    async close() {
      await store?.close()
      if (store) await supervised.stop(config.shutdown_timeout_ms)
    },
  }
}

type Letters = AsyncIterable<{ readonly letter: DeadLetter; readonly value: Buffer }>

/** Newest `limit` letters, oldest of them first, and how many there are. */
export async function listDeadLetters(all: Letters, { limit, project }: { limit: number; project: string }) {
  const letters: DeadLetter[] = []
  for await (const { letter } of all) if (project === '' || letter.project === project) letters.push(letter)
  letters.sort((a, b) => a.timestamp_ms - b.timestamp_ms)
  return { total: letters.length, letters: letters.slice(-limit) }
}

export async function findDeadLetter(all: Letters, id: string) {
  for await (const { letter, value } of all)
    if (letter.dead_letter_id === id) return { ...letter, value_base64: value.toString('base64') }
  return null
}
