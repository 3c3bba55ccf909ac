import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { aManualClock } from './clock.samples.ts'
import { createBodyDiscard } from './discard-body.ts'

const MIB = 1 << 20
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** A server that refuses every request before it reads its body, and a sender over one connection. */
async function open() {
  const { clock, pass, sleeping } = aManualClock()
  const discardBody = createBodyDiscard(clock)
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    discardBody(request)
    response.writeHead(429).end('slow down')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  let heard = ''
  socket.setEncoding('latin1').on('data', (text) => {
    heard += text
  })
  stops.push(() => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return {
    pass,
    sleeping,
    requests,
    post: (bytes: number) =>
      socket.write(
        Buffer.concat([
          Buffer.from(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes}\r\n\r\n`),
          Buffer.alloc(bytes),
        ]),
      ),
    answers: () => heard.split('429').length - 1,
    hangUp: () => socket.destroy(),
  }
}

describe('createBodyDiscard', () => {
  it('lets the sender hear the answer while its body is read slowly, and takes its next request then', async () => {
    const { post, answers, requests, pass } = await open()
    post(4 * MIB)
    await expect.poll(answers).toBe(1)
    // The clock stands, so nothing but what was on its way is read.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(requests[0]!.socket.bytesRead).toBeLessThan(MIB)
    expect(requests[0]!.complete).toBe(false)
    post(10)
    for (let ticks = 0; requests.length < 2 && ticks < 10_000; ticks++) await pass(20)
    expect(requests[0]!.complete).toBe(true)
    await expect.poll(answers).toBe(2)
  })

  it('reads small bodies at once', async () => {
    const { post, answers, requests } = await open()
    for (let n = 1; n <= 3; n++) {
      post(50_000)
      await expect.poll(answers).toBe(n)
    }
    await expect.poll(() => requests.every(({ complete }) => complete)).toBe(true)
  })

  it('forgets a sender that hangs up', async () => {
    const { post, answers, requests, hangUp, pass, sleeping } = await open()
    post(32 * MIB)
    await expect.poll(answers).toBe(1)
    hangUp()
    for (let ticks = 0; sleeping() > 0 && ticks < 10_000; ticks++) await pass(20)
    expect([requests[0]!.complete, sleeping()]).toEqual([false, 0])
  })
})
