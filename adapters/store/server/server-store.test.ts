import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
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

it('says STORE_UNAVAILABLE when nobody listens', async () => {
  const store = createServerStore({ url: 'http://127.0.0.1:1', username: 'a', password: 'b', database: 'c' })
  const batch = { table: 't', columns: ['id'], rows: [Buffer.from([1])], row_count: 1, token: 't' }
  await expect(store.insert(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' })
  await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await store.health()).toMatchObject({ healthy: false })
  await store.close()
})
