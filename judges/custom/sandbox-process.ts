import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../core/clock.ts'
import { createFrameReader, framed } from './frames.ts'
import type { SandboxReady, SandboxTask } from './sandbox-messages.ts'

/** A fresh process of Node, on a machine that is busy. */
export const START_LIMIT_MS = 10_000
const MAX_ANSWER_BYTES = 16 << 20
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url))

/** Why a sandbox gave no answer: it was too slow, or it ended (a crash, too much memory, an answer out of bounds). */
export class SandboxFailure extends Error {
  override readonly name = 'SandboxFailure'
  readonly kind: 'timeout' | 'ended'
  constructor(kind: 'timeout' | 'ended', message: string) {
    super(message)
    this.kind = kind
  }
}

export interface SandboxOptions {
  /** A module that calls `runSandbox`. */
  readonly entry: URL
  readonly task: SandboxTask
  readonly memory_limit_mb: number
  readonly clock: Clock
}

/** A process with one judge in it. One question at a time. */
export interface Sandbox {
  /** Its first answer. Rejects with SandboxFailure. */
  readonly ready: Promise<SandboxReady>
  /** Rejects with SandboxFailure; the process is gone then. */
  ask(body: Uint8Array, limit_ms: number): Promise<Buffer>
  kill(): void
}

/**
 * Starts a process with an empty environment that may read nothing but its own code (and, to collect a judge, the folders
 * where that lies), write no file, start nothing, and load no native code. Its JavaScript memory is bounded.
 */
export function startSandbox({ entry, task, memory_limit_mb, clock }: SandboxOptions): Sandbox {
  const main = fileURLToPath(entry)
  const readable = [main, join(OWN_FOLDER, '*'), join(OWN_FOLDER, '..', 'span-texts.ts'), ...foldersOf(task)]
  const child = spawn(
    process.execPath,
    [
      '--permission',
      ...readable.map((path) => `--allow-fs-read=${path}`),
      `--max-old-space-size=${memory_limit_mb}`,
      '--no-warnings',
      '--title=evalforge-judge',
      main,
    ],
    { env: {}, cwd: '/', stdio: ['pipe', 'ignore', 'ignore', 'pipe'] },
  )
  let waiting: { resolve(body: Buffer): void; reject(error: Error): void } | undefined
  let gone: SandboxFailure | undefined

  function fail(failure: SandboxFailure): void {
    gone ??= failure
    child.kill('SIGKILL')
    waiting?.reject(gone)
    waiting = undefined
  }
  const ended = (why: string) => fail(new SandboxFailure('ended', why))
  const take = createFrameReader(MAX_ANSWER_BYTES, (body) => {
    waiting?.resolve(body)
    waiting = undefined
  })
  const answers = child.stdio[3] as Readable
  const requests = child.stdin as Writable
  answers.on('data', (piece: Buffer) => {
    try {
      take(piece)
    } catch (error) {
      ended((error as Error).message)
    }
  })
  for (const stream of [answers, requests]) stream.on('error', () => {})
  child.on('error', (error) => ended(`it cannot be started (${(error as NodeJS.ErrnoException).code ?? error.name})`))
  // Behind the last of its answers.
  child.on('close', (code, signal) => ended(`its process ended (${signal ?? `exit code ${code}`})`))

  async function ask(body: Uint8Array, limit_ms: number): Promise<Buffer> {
    if (gone) throw gone
    const given = new AbortController()
    const answer = new Promise<Buffer>((resolve, reject) => {
      waiting = { resolve, reject }
    })
    void clock.sleep(limit_ms, given.signal).then(
      () => fail(new SandboxFailure('timeout', `no answer within ${limit_ms} ms`)),
      () => {},
    )
    requests.write(framed(body))
    return answer.finally(() => given.abort())
  }

  const ready = ask(Buffer.from(JSON.stringify(task)), START_LIMIT_MS).then((body) => {
    const answer = JSON.parse(body.toString('utf8')) as SandboxReady
    if (!answer.ok || task.task === 'collect') requests.end()
    return answer
  })
  ready.catch(() => {})
  return { ready, ask, kill: () => ended('it was ended') }
}

/** Where a judge that is collected may lie, and what it may import. */
function foldersOf(task: SandboxTask): readonly string[] {
  if (task.task !== 'collect') return []
  const { target } = task
  const start = 'file' in target ? dirname(target.file) : target.directory
  const ancestors = ancestorsOf(start)
  const linked = 'package' in target ? ancestors.map((folder) => join(folder, 'node_modules', target.package)) : []
  return [
    ...('file' in target ? [join(start, '*')] : []),
    ...ancestors.flatMap((folder) => [join(folder, 'node_modules', '*'), join(folder, 'package.json')]),
    ...linked.filter((path) => existsSync(path)).map((path) => join(realpathSync(path), '*')),
  ]
}

function ancestorsOf(folder: string): readonly string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...ancestorsOf(above)]
}
