import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { StartedPipeline } from '../../app/bench/started-pipeline.ts'
import { createKey, revokeKey, rotateKey } from '../../app/commands/keys.ts'
import { loadConfig } from '../../app/config.ts'
import { keyId } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { aChat, aPipeline, aRequest, temporaryDirectory, until } from './a-pipeline.ts'

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

let spans = 0

/** The status that one new span gets with this key. */
async function sendWith({ otlp_http }: StartedPipeline, key = ''): Promise<number> {
  const body = JSON.stringify(aRequest([aChat({ trace: 1, span: ++spans, start_ms: systemClock.now() })]))
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) }
  const response = await fetch(`${otlp_http}/v1/traces`, { method: 'POST', headers, body })
  await response.arrayBuffer()
  return response.status
}

/** The commands of `evalforge keys` beside the instance; those that make a key resolve with it. */
function keysBeside(directory: string, { admin }: StartedPipeline) {
  const file = { path: join(directory, 'evalforge.yaml'), required: false }
  const overrides = { data_dir: join(directory, 'data'), 'admin.port': Number(new URL(admin).port) }
  const context = { file, overrides }
  async function printed(command: () => Promise<void>): Promise<string> {
    vi.mocked(console.log).mockClear()
    await command()
    expect(vi.mocked(console.error).mock.calls.flat()).toContain('The running instance goes by it now.')
    return String(vi.mocked(console.log).mock.calls[0]?.[0])
  }
  return {
    create: () => printed(() => createKey(context, { project: 'shop', name: '' })),
    rotate: (id: string) => printed(() => rotateKey(context, { id, grace_ms: 0 })),
    revoke: (id: string) => printed(() => revokeKey(context, { id })),
    ids: () => loadConfig(file).keys?.map(({ sha256 }) => keyId(sha256)) ?? [],
  }
}

it('closes with the first key, lets a replaced or revoked key in no more, and stays closed without any', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const keys = keysBeside(directory.path, pipeline)
  using elsewhere = temporaryDirectory()
  const another = { code: 'KEYS_NOT_APPLIED', message: expect.stringContaining('another one') }
  await expect(keysBeside(elsewhere.path, pipeline).create()).rejects.toMatchObject(another)
  expect(await sendWith(pipeline)).toBe(200)

  // A command is done when it is in force: no waiting, no restart.
  const first = await keys.create()
  expect([await sendWith(pipeline), await sendWith(pipeline, first)]).toEqual([401, 200])

  const [firstId = ''] = keys.ids()
  const second = await keys.rotate(firstId)
  expect([await sendWith(pipeline, first), await sendWith(pipeline, second)]).toEqual([401, 200])

  for (const id of keys.ids()) await keys.revoke(id)
  expect([await sendWith(pipeline), await sendWith(pipeline, second)]).toEqual([401, 401])
  expect(await pipeline.processes()).toMatchObject([{ restarts: 0 }, { restarts: 0 }, { restarts: 0 }])

  const ingest = (await pipeline.processes()).find(({ role }) => role === 'ingest')
  process.kill(ingest!.pid!, 'SIGKILL')
  const status = () => sendWith(pipeline).catch(() => 0)
  await until('ingest is back', async () => (await pipeline.processes()).some(({ restarts }) => restarts === 1))
  await until('ingest listens', async () => (await status()) !== 0)
  expect(await status()).toBe(401)
}, 120_000)
