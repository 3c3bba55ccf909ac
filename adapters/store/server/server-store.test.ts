import { expect, it } from 'vitest'
import { createServerStore } from './server-store.ts'

it('says STORE_UNAVAILABLE when nobody listens', async () => {
  const store = createServerStore({ url: 'http://127.0.0.1:1', username: 'a', password: 'b', database: 'c' })
  const batch = { table: 't', columns: ['id'], rows: [Buffer.from([1])], row_count: 1, token: 't' }
  await expect(store.insert(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' })
  await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(await store.health()).toMatchObject({ healthy: false })
  await store.close()
})
