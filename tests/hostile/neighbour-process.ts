/**
 * The neighbour of the hostile project: sends small valid requests by the clock, from a process of its own, so that what it
 * measures is not its own waiting. Forked with NeighbourOptions as JSON; a message names the window that begins, or 'end'.
 */
import { Agent, request } from 'node:http'
import { createRequestSource } from '../../app/bench/requests.ts'
import { systemClock } from '../../core/clock.ts'
import { NEIGHBOUR_REQUEST, type NeighbourOptions, type NeighbourReport } from './neighbour.ts'

const RETRY_MS = 200
const PATIENCE_MS = 60_000

async function run({ otlp_http, key, requests_per_second, seed }: NeighbourOptions): Promise<NeighbourReport> {
  const clock = systemClock
  const source = createRequestSource({ ...NEIGHBOUR_REQUEST, seed })
  const agent = new Agent({ keepAlive: true })
  const acknowledged: number[] = []
  const errors: Record<string, number> = {}
  const ack_ms: Record<string, number[]> = {}
  let window = 'off'
  let sent = 0
  process.on('message', (named: string) => {
    window = named
  })

  const post = (body: Buffer) =>
    new Promise<string>((resolve) => {
      const headers = {
        'content-type': 'application/x-protobuf',
        'content-length': body.length,
        authorization: `Bearer ${key}`,
      }
      const outgoing = request(`${otlp_http}/v1/traces`, { method: 'POST', agent, headers, timeout: PATIENCE_MS })
      outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name))
      outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })))
      outgoing.on('response', (response) => response.resume().on('end', () => resolve(String(response.statusCode))))
      outgoing.end(body)
    })

  async function send(index: number, due: number, during: string): Promise<void> {
    const body = source.bodyOf(index, clock.now())
    for (let tries = 0; tries < 20; tries++) {
      const status = await post(body)
      if (status === '200') {
        acknowledged.push(index)
        ack_ms[during] ??= []
        ack_ms[during].push(clock.monotonic() - due)
        return
      }
      errors[status] = (errors[status] ?? 0) + 1
      await clock.sleep(RETRY_MS)
    }
  }

  const interval_ms = 1000 / requests_per_second
  const open = new Set<Promise<void>>()
  for (let due = clock.monotonic(); window !== 'end'; due += interval_ms) {
    await clock.sleep(Math.max(0, due - clock.monotonic()))
    if (window === 'off') continue
    const asked = send(sent++, due, window).finally(() => open.delete(asked))
    open.add(asked)
  }
  await Promise.race([Promise.all(open), clock.sleep(PATIENCE_MS)])
  agent.destroy()
  for (const times of Object.values(ack_ms)) times.sort((a, b) => a - b)
  return { acknowledged, unanswered: sent - acknowledged.length, errors, ack_ms }
}

if (!process.send) {
  process.stderr.write('This file is forked by the hostile-input suite: run `npm run fuzz`.\n')
  process.exit(2)
}
// Nobody is left to report to.
process.once('disconnect', () => process.exit(1))
process.send(await run(JSON.parse(process.argv[2] ?? '{}') as NeighbourOptions), () => process.exit(0))
