import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { createUnsentAnswers } from './unsent-answers.ts'

const ANSWER = Buffer.alloc(32 << 20)

it('cuts the oldest answer that is not read, and no other', async () => {
  const watchUnsent = createUnsentAnswers(2 * ANSWER.length)
  const server = createServer((_, response) => {
    watchUnsent(response, ANSWER.length)
    response.end(ANSWER)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  /** Asks, and reads the first bytes only. */
  async function ask() {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    await once(socket, 'readable')
    return { socket, closed }
  }
  /** Reads on to the end of the connection. */
  async function readBytes({ socket, closed }: Awaited<ReturnType<typeof ask>>) {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    await closed
    return bytes
  }

  const first = await ask()
  const second = await ask()
  const third = await ask()
  expect(await readBytes(first)).toBeLessThan(ANSWER.length)
  expect(await readBytes(second)).toBeGreaterThan(ANSWER.length)
  expect(await readBytes(third)).toBeGreaterThan(ANSWER.length)
  const others = [await ask(), await ask()]
  for (const other of others) expect(await readBytes(other)).toBeGreaterThan(ANSWER.length)
  server.close()
})
