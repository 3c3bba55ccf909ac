import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeDirectory } from './make-directory.ts'

it('makes what is missing, for us alone where asked, and leaves what is there', () => {
  const root = mkdtempSync(join(tmpdir(), 'evalforge-directory-'))
  try {
    const path = join(root, 'a', 'b')
    makeDirectory(path, 0o700)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
    makeDirectory(path, 0o755)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    writeFileSync(join(root, 'file'), '')
    expect(() => makeDirectory(join(root, 'file'))).toThrow('EEXIST')
    expect(() => makeDirectory(join(root, 'file', 'below'))).toThrow()
  } finally {
    rmSync(root, { recursive: true })
  }
})

it.runIf(process.platform === 'linux')('comes back from where nothing can be made', () => {
  expect(() => makeDirectory('/proc/evalforge/data')).toThrow('ENOENT')
})
