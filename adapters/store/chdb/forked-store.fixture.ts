import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Channel } from '../../../core/channel.ts'
import type { StoreProcessSettings } from './store-process.fixture.ts'

export interface StoreReady {
  readonly ready: boolean
  readonly warnings?: readonly string[]
  readonly code?: string
  readonly message?: string
  readonly port?: number
}

export interface ForkedStore {
  readonly process: ChildProcess
  readonly ready: StoreReady
  readonly channel: Channel
  /** Closes the pipe: the store finishes and exits. */
  stop(): Promise<void>
  kill(): Promise<void>
}

/** The engine never runs inside a test process (datapath.md, 0.3): it is forked, as in production. */
export async function forkStore(directory: string, settings: Partial<StoreProcessSettings> = {}): Promise<ForkedStore> {
  const all: StoreProcessSettings = {
    path: join(directory, 'store'),
    spool_directory: join(directory, 'spool'),
    reader_count: 3,
    threadpool_size: 12,
    ...settings,
  }
  const child = fork(fileURLToPath(new URL('./store-process.fixture.ts', import.meta.url)), [JSON.stringify(all)], {
    serialization: 'advanced',
    env: { UV_THREADPOOL_SIZE: String(all.threadpool_size) },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [ready] = (await once(child, 'message')) as [StoreReady]
  const exited = once(child, 'exit')
  return {
    process: child,
    ready,
    channel: channelTo(child),
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function channelTo(child: ChildProcess): Channel {
  return {
    send: (message) => child.send(message as object),
    onMessage: (listener) => child.on('message', listener),
    onClose: (listener) => child.on('disconnect', listener),
  }
}

export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'evalforge-store-'))
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) }
}
