import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readEnvironmentFile } from './environment.ts'

const directory = mkdtempSync(join(tmpdir(), 'evalforge-environment-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('readEnvironmentFile', () => {
  it('takes our own variables, and none that is set or empty', () => {
    const file = join(directory, '.env')
    writeFileSync(
      file,
      'EVALFORGE_HOST="::1" # all\nEVALFORGE_CONFIG=a.yaml\nEVALFORGE_DATA_DIR=\nOPENAI_API_KEY=sk-not-ours\n',
    )
    const environment = { EVALFORGE_CONFIG: 'b.yaml' }
    readEnvironmentFile(environment, file)
    expect(environment).toEqual({ EVALFORGE_CONFIG: 'b.yaml', EVALFORGE_HOST: '::1' })
  })

  it('does not mind that there is none', () => {
    const environment = {}
    readEnvironmentFile(environment, join(directory, 'missing'))
    expect(environment).toEqual({})
  })
})
