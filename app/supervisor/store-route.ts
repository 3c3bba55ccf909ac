import type { Channel, Mux } from '../../core/channel.ts'

/** Carries the store's messages between its siblings; what is asked while the store is down fails at once, retryable. */
export interface StoreRoute {
  /** The store answers from now on. Earlier messages would find nobody listening in it and wait for an answer in vain. */
  storeStarted(mux: Mux): void
  storeExited(): void
  /** A new client; the one before it is gone. */
  processLaunched(mux: Mux): void
}

export function createStoreRoute(): StoreRoute {
  let store: Channel | undefined
  let client: { channel: Channel; mux: Mux } | undefined

  return {
    storeStarted(mux) {
      store = mux.open('store')
      store.onMessage((message) => client?.channel.send(message))
    },
    storeExited() {
      store = undefined
      client?.mux.announceClosed('store')
    },
    processLaunched(mux) {
      const channel = mux.open('store')
      client = { channel, mux }
      channel.onMessage((message) => (store ? store.send(message) : mux.announceClosed('store')))
    },
  }
}
