import { existsSync } from 'node:fs'
import { createEmbeddedBroker } from '../adapters/broker/embedded/embedded-broker.ts'
import { createChdbStore } from '../adapters/store/chdb/chdb-store.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Mux } from '../core/channel.ts'
import { systemClock } from '../core/clock.ts'
import { lockDirectory } from '../core/directory-lock.ts'
import { CodedError } from '../core/errors.ts'
import { TOPICS } from '../schemas/topics.ts'
import type { Config } from './config.ts'
import { originOf } from './config-control.ts'
import { CONSUMER_GROUP } from './consumer-group.ts'
import { createLogger } from './logger.ts'
import { migrateStore } from './migrations.ts'
import type { OperationDeps, Operations } from './operations/operation.ts'
import { createAllOperations } from './operations/operations.ts'
import { logDirectory, spoolDirectory } from './paths.ts'
import { createReconciler } from './reconciler.ts'
import { createSupervisedProcess } from './supervisor/supervised-process.ts'

/** What the command line can do with a data directory that nothing runs on. */
export interface OfflineInstance {
  readonly operations: Operations
  migrate(): Promise<readonly string[]>
}

/**
 * Takes the data directory, lends it to `work`, lets go of it. `writes`: topics that the work appends to. Throws
 * DATA_DIRECTORY_LOCKED where something runs.
 */
export async function withOfflineInstance<Result>(
  config: Config,
  work: (instance: OfflineInstance) => Promise<Result>,
  writes: readonly string[] = [],
): Promise<Result> {
  const clock = systemClock
  const lock = lockDirectory(config.data_dir)
  const broker = await createEmbeddedBroker({
    directory: logDirectory(config),
    writes,
    clock,
    ...config.log,
    on_fatal: () => {},
  })
  const stores = createStoreOnDemand(config)
  const deps: OperationDeps = {
    broker,
    store: stores.open,
    reconciler: async () =>
      createReconciler({ broker, store: await stores.open(), config, clock, group: CONSUMER_GROUP }),
    config,
    clock,
  }
  try {
    if (writes.length > 0) await broker.ensureTopics(TOPICS)
    return await work({
      operations: createAllOperations(deps),
      async migrate() {
        return migrateStore(await stores.open(), config)
      },
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
  writes: readonly string[] = [],
): Promise<Result> {
  if (existsSync(logDirectory(config))) return withOfflineInstance(config, work, writes)
  const { host, port } = config.admin
  throw new CodedError(
    'DATA_DIRECTORY_UNUSABLE',
    `Nothing answers on ${host}:${port}, and nothing was ever kept in ${config.data_dir}. ` +
      'Start EvalForge first, or name its --admin-port or --data-dir.',
  )
}

/** It must listen somewhere; nobody is to find it. */
const NOBODYS_PORT = { host: '127.0.0.1', port: 0, tls: undefined }

/** The store process is started only for commands that need it. */
function createStoreOnDemand(config: Config) {
  let mux: Mux | undefined
  let store: Store | undefined
  const supervised = createSupervisedProcess({
    role: 'store',
    config: {
      ...config,
      log_level: 'warn',
      store: { ...config.store, http: { ...config.store.http, ...NOBODYS_PORT } },
    },
    origin: originOf(config),
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
