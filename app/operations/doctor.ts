import { z } from 'zod'
import type { Store } from '../../adapters/store/store.ts'
import { migrationNames } from '../migrations.ts'
import { PIPELINE_VERSION, PRODUCT_VERSION } from '../pipeline-version.ts'
import { type OperationDeps, type Operations, parseBody } from './operation.ts'

const nothing = z.strictObject({})

export interface StoreState {
  readonly product_version: string
  readonly pipeline_version: string
  readonly data_dir: string
  readonly engine_version: string
  /** How long the store took for the question. */
  readonly query_ms: number
  /** The store's clock minus ours, ms. */
  readonly clock_ahead_ms: number
  /** Migrations of this version that the store has not applied. */
  readonly migrations_missing: readonly string[]
  readonly ledger_rows: number
  readonly spans_rows: number
}

export function doctorOperations({ store, config, clock }: OperationDeps): Operations {
  return {
    /** What the store says of itself, for `evalforge doctor`. */
    async store_state(body): Promise<StoreState> {
      parseBody(nothing, body)
      const asked = await store()
      const health = await asked.health()
      const before = clock.now()
      const started = clock.monotonic()
      const [row] = await asked.query<{ now_ms: string; ledger_rows: string; spans_rows: string }>(
        `SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now_ms,
           (SELECT toString(count()) FROM ledger_rows) AS ledger_rows, (SELECT toString(count()) FROM spans_rows) AS spans_rows`,
      )
      const query_ms = clock.monotonic() - started
      return {
        product_version: PRODUCT_VERSION,
        pipeline_version: PIPELINE_VERSION,
        data_dir: config.data_dir,
        engine_version: health.engine_version,
        query_ms,
        clock_ahead_ms: Number(row!.now_ms) - before - query_ms,
        migrations_missing: await missingMigrations(asked),
        ledger_rows: Number(row!.ledger_rows),
        spans_rows: Number(row!.spans_rows),
      }
    },
  }
}

async function missingMigrations(store: Store): Promise<readonly string[]> {
  const rows = await store.query<{ file: string }>('SELECT file FROM schema_migrations')
  const applied = new Set(rows.map(({ file }) => file))
  return (await migrationNames()).filter((name) => !applied.has(name))
}
