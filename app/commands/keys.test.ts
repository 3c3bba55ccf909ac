import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../config.ts'
import { createKey } from './keys.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-keys-'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

function create(path: string): Promise<void> {
  const context = { file: { path, required: true }, overrides: {} }
  return createKey(context, { project: 'shop', name: '' })
}

describe('keys create', () => {
  it('makes the file, adds to it, and keeps comments and what else stands there', async () => {
    const path = join(directory, 'evalforge.yaml')
    await create(path)
    writeFileSync(path, `# ours\nadmin: { port: 9999 } # busy\n${readFileSync(path, 'utf8')}`)
    await create(path)
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(/^# ours\nadmin: { port: 9999 } # busy\n/)
    expect(loadConfig({ path, required: true }).keys).toHaveLength(2)
  })

  it('writes through a link', async () => {
    const [target, path] = [join(directory, 'real.yaml'), join(directory, 'evalforge.yaml')]
    writeFileSync(target, '')
    symlinkSync(target, path)
    await create(path)
    expect(readFileSync(target, 'utf8')).toContain('project: shop')
  })

  it.each(['hello', '[1]', 'keys: { a: 1 }', 'keys: [', 'a: 1\n---\nb: 2', 'unknown: 1'])(
    'changes nothing in a file that is not valid: %j',
    async (text) => {
      const path = join(directory, 'evalforge.yaml')
      writeFileSync(path, text)
      await expect(create(path)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
      expect(readFileSync(path, 'utf8')).toBe(text)
      expect(console.log).not.toHaveBeenCalled()
    },
  )

  it('shows no key that could not be kept', async () => {
    const path = join(directory, 'evalforge.yaml')
    mkdirSync(`${path}.new`)
    await expect(create(path)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('EISDIR'),
    })
    expect(console.log).not.toHaveBeenCalled()
  })
})
