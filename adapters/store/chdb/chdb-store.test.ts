import { describeStoreContract } from '../store.contract.ts'
import { createChdbStore } from './chdb-store.ts'
import { type ForkedStore, forkStore, temporaryDirectory } from './forked-store.fixture.ts'

describeStoreContract('embedded (chdb)', async () => {
  const directory = temporaryDirectory()
  let forked: ForkedStore = await forkStore(directory.path)
  const store = createChdbStore({
    connect: () => (forked.process.connected ? forked.channel : null),
    spool_directory: `${directory.path}/spool`,
  })
  return {
    store,
    async reopen() {
      await forked.stop()
      forked = await forkStore(directory.path)
      return store
    },
    async close() {
      await store.close()
      await forked.stop()
      await directory[Symbol.asyncDispose]()
    },
  }
})
