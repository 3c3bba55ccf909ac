import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDirectory } from './directory-lock.ts'

const HOLD = `import(process.argv[1]).then(({ lockDirectory }) => {
  lockDirectory(process.argv[2]); globalThis.gc(); console.log('held'); setInterval(() => {}, 1000) })`

describe('lockDirectory', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evalforge-lock-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  async function holdInChild() {
    const module = new URL('./directory-lock.ts', import.meta.url).href
    const child = spawn(process.execPath, ['--expose-gc', '-e', HOLD, module, directory])
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => Promise.reject(new Error(stderr)))])
    return { child, stderr: () => stderr }
  }

  it('creates the directory, refuses a second holder in the same process, and can be taken again after release', () => {
    const path = join(directory, 'new', 'data')
    const first = lockDirectory(path)
    expect(() => lockDirectory(path)).toThrowError(
      expect.objectContaining({ code: 'DATA_DIRECTORY_LOCKED', message: expect.stringContaining(path) }),
    )
    first.release()
    first.release()
    lockDirectory(path).release()
  })

  it('names the directory and the pid of another process that holds it, without a warning on stderr', async () => {
    const { child, stderr } = await holdInChild()
    try {
      expect(() => lockDirectory(directory)).toThrowError(
        expect.objectContaining({
          code: 'DATA_DIRECTORY_LOCKED',
          message: `${directory} is written by another process (pid ${child.pid}).`,
        }),
      )
      expect(stderr()).toBe('')
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('is free again after kill -9 of its holder', async () => {
    const { child } = await holdInChild()
    child.kill('SIGKILL')
    await once(child, 'exit')
    lockDirectory(directory).release()
  })

  it('says so when the path cannot be a directory', () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    expect(() => lockDirectory(file)).toThrowError(expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }))
  })
})
