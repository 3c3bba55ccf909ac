import { describe, expect, it } from 'vitest'
import { type Channel, createCaller, createChannelPair, createMux, serveCalls } from './channel.ts'
import { CodedError } from './errors.ts'

/** A channel whose far end can be closed, as a forked process that dies. */
function closable(channel: Channel): Channel & { close(): void } {
  const closers: (() => void)[] = []
  return {
    ...channel,
    onClose: (listener) => closers.push(listener),
    close: () => closers.forEach((close) => void close()),
  }
}

describe('calls over a channel', () => {
  it('answers each call with its own result, or with the handler’s code', async () => {
    const [client, server] = createChannelPair()
    serveCalls(server, {
      double: async (n: number) => n * 2,
      fail: async () => {
        throw new CodedError('STORE_FAILED', 'no room')
      },
    })
    const call = createCaller(client)
    expect(await Promise.all([call('double', 2), call('double', 21)])).toEqual([4, 42])
    await expect(call('fail', null)).rejects.toMatchObject({ code: 'STORE_FAILED', message: 'no room', retry: 'later' })
    for (const name of ['unknown', 'constructor', 'toString', '__proto__'])
      await expect(call(name, null)).rejects.toMatchObject({ code: 'INTERNAL', message: `No handler for ${name}.` })
  })

  it('fails what waits when the other side goes, and everything after', async () => {
    const [client] = createChannelPair()
    const channel = closable(client)
    const call = createCaller(channel, 'STORE_UNAVAILABLE')
    const waiting = call('anything', null)
    channel.close()
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(call('anything', null)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('does not give a new caller the answer to a dead one', async () => {
    const [client, server] = createChannelPair()
    const answers: ((message: unknown) => void)[] = []
    server.onMessage((message) =>
      answers.push(() => server.send({ type: 'response', id: (message as { id: string }).id, body: 'old' })),
    )
    void createCaller(client)('ask', null).catch(() => {})
    const second = createCaller(client)('ask', null)
    await new Promise(setImmediate)
    answers[0]!(null)
    await new Promise(setImmediate)
    expect(await Promise.race([second, 'still waiting'])).toBe('still waiting')
  })
})

describe('mux', () => {
  it('keeps channels apart and opens a fresh one after the far end went', async () => {
    const [left, right] = createChannelPair()
    const ours = createMux(left)
    const theirs = createMux(right)
    serveCalls(theirs.open('a'), { who: async () => 'a' })
    serveCalls(theirs.open('b'), { who: async () => 'b' })
    expect(await Promise.all(['a', 'b'].map((name) => createCaller(ours.open(name))('who', null)))).toEqual(['a', 'b'])
    const before = ours.open('a')
    const lost = createCaller(before, 'STORE_UNAVAILABLE')
    theirs.announceClosed('a')
    await new Promise(setImmediate)
    await expect(lost('who', null)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(ours.open('a')).not.toBe(before)
    expect(await createCaller(ours.open('a'))('who', null)).toBe('a')
  })
})
