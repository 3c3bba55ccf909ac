import { describe, expect, it } from 'vitest'
import type { Broker } from '../adapters/broker/broker.ts'
import type { Store } from '../adapters/store/store.ts'
import { systemClock } from '../core/clock.ts'
import { parseConfig } from './config.ts'
import { createReconciler } from './reconciler.ts'

/** Five records were committed, and the ledger, like all tables, is empty. */
function lostTables() {
  const place = { partition: 0, start: 0n, end: 5n, committed: 5n, lag: 0n }
  const record = {
    topic: 'otlp_spans',
    partition: 0,
    offset: 0n,
    timestamp_ms: systemClock.now(),
    key: null,
    value: null,
    headers: {},
  }
  const broker = { lag: async () => [place], fetch: async () => (place.start === 0n ? [record] : []) }
  const store = { query: async () => [] }
  return {
    reconciler: createReconciler({
      broker: broker as Partial<Broker> as Broker,
      store: store as Partial<Store> as Store,
      config: parseConfig({}),
      clock: systemClock,
      group: 'store',
    }),
    retain() {
      place.start = 5n
    },
  }
}

describe('reconciler', () => {
  /** Five records of each of the topics that the store is made of. */
  it('tells what is lost to everyone who asks, until a full run finds it no more', async () => {
    const { reconciler, retain } = lostTables()
    const lost = async (full: boolean) => (await reconciler.run({ full })).lost
    expect([await lost(false), await lost(false), await lost(true), await lost(false)]).toEqual([15, 15, 15, 15])
    retain()
    expect([await lost(false), await lost(true), await lost(false)]).toEqual([15, 0, 0])
  })
})
