import { describe, it } from 'vitest'
import { describeStoreContract } from '../store.contract.ts'
import { createServerStore } from './server-store.ts'

/** http://user:password@host:8123/database of a server whose database may be written to. */
const address = process.env.EVALFORGE_TEST_CLICKHOUSE_URL

if (address === undefined) {
  describe('store contract: ClickHouse server', () => {
    it.skip('needs EVALFORGE_TEST_CLICKHOUSE_URL', () => {})
  })
} else {
  describeStoreContract('ClickHouse server', async () => {
    const { username, password, pathname, origin } = new URL(address)
    const connect = () =>
      createServerStore({ url: origin, username, password, database: pathname.slice(1) || 'default' })
    let store = connect()
    return {
      store,
      async reopen() {
        await store.close()
        store = connect()
        return store
      },
      close: () => store.close(),
    }
  })
}
