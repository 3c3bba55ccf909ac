import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { type ForkedStore, forkStore, temporaryDirectory } from '../chdb/forked-store.fixture.ts'
import { describeStoreContract } from '../store.contract.ts'
import { createServerStore } from './server-store.ts'

const KEY = 'writer-key'
const door = {
  keys: { query_key_sha256: null, writer_key_sha256: createHash('sha256').update(KEY).digest('hex') },
}

describeStoreContract('server, against the HTTP door of the embedded store', async () => {
  const directory = temporaryDirectory()
  let forked: ForkedStore = await forkStore(directory.path, { door })
  const connect = () =>
    createServerStore({
      url: `http://127.0.0.1:${forked.ready.port}`,
      username: 'writer',
      password: KEY,
      database: 'evalforge',
    })
  let store = connect()
  return {
    store,
    async reopen() {
      await store.close()
      await forked.stop()
      forked = await forkStore(directory.path, { door })
      store = connect()
      return store
    },
    async close() {
      await store.close()
      await forked.stop()
      await directory[Symbol.asyncDispose]()
    },
  }
})

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
