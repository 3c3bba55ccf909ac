import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDirectory } from '../../core/directory-lock.ts'
import { emptyFolder } from './demo.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-demo-'))
  path = join(directory, 'demo')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe("the demo's folder", () => {
  it('is emptied where a demo left it, and may be absent', () => {
    emptyFolder(path)
    lockDirectory(path).release()
    mkdirSync(join(path, 'log'))
    emptyFolder(path)
    expect(existsSync(path)).toBe(false)
  })

  it("is left alone while a demo runs in it, and where it is someone else's", () => {
    const lock = lockDirectory(path)
    mkdirSync(join(path, 'log'))
    expect(() => emptyFolder(path)).toThrowError(expect.objectContaining({ code: 'DATA_DIRECTORY_LOCKED' }))
    lock.release()
    writeFileSync(join(path, 'holiday.jpg'), '')
    expect(() => emptyFolder(path)).toThrowError(expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }))
    expect(existsSync(join(path, 'log'))).toBe(true)
  })
})
