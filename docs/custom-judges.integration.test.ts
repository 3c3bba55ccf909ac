import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type JudgeLibrary, openJudgeLibrary } from '../app/judge-library.ts'
import { spanOfText, tryJudge } from '../app/judge-trial.ts'
import { systemClock } from '../core/clock.ts'
import { judgesConfig } from '../judges/catalogue.ts'

const page = readFileSync(new URL('custom-judges.md', import.meta.url), 'utf8')
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code!)
const LONG = `${'word '.repeat(60)}end.`

let directory: string
let library: JudgeLibrary

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-docs-judges-'))
  for (const code of blocksOf('js')) {
    const file = join(directory, /^\/\/ (\S+)/.exec(code)![1]!)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
  const about = { name: '@acme/judge-long-sentences', type: 'module', exports: './index.js' }
  writeFileSync(join(directory, 'node_modules/@acme/judge-long-sentences/package.json'), JSON.stringify(about))
  const sections = blocksOf('yaml').map((text) => (parse(text) as { judges: object }).judges)
  const config = judgesConfig.parse(Object.assign({}, ...sections))
  library = await openJudgeLibrary(config, { clock: systemClock, directory })
})
afterAll(async () => {
  await library.close()
  rmSync(directory, { recursive: true })
})

describe('custom-judges.md', () => {
  it('shows judges that load', () => {
    const own = library.judges.filter(({ source }) => source !== 'shipped')
    expect(own.map(({ name, problem }) => [name, problem])).toEqual([
      ['custom_patterns', ''],
      ['discount', ''],
      ['long_sentences', ''],
    ])
  })

  it.each([
    ['custom_patterns', 'Your ticket is TCK-20417.', ['internal_id']],
    ['custom_patterns', 'Your ticket is on its way.', ['']],
    ['discount', 'For you I can do 40 % off.', ['discount_too_high']],
    ['discount', 'I can do 15% discount.', ['']],
    ['long_sentences', LONG, ['long_sentence']],
    ['long_sentences', 'Short. And clear.', ['']],
  ])('shows %s, which says of "%s" what it should', (name, text, labels) => {
    const span = { ...spanOfText(text, 'output'), prompt_name: 'support/answer' }
    const [trial] = tryJudge(library.find(name)!, [span], systemClock)
    expect(trial!.verdicts.map(({ label }) => label)).toEqual(labels)
    expect(trial!.verdicts.map(({ error }) => error).join('')).toBe('')
  })
})
