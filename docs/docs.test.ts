import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedPages } from './generate.ts'

const ROOT = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(import.meta.dirname).flatMap((n) => (n.endsWith('.md') ? [`docs/${n}`] : [])),
]
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

describe('generated pages', () => {
  it.each(generatedPages())('$name is up to date (else: node docs/generate.ts)', ({ name, text }) => {
    expect(read(`docs/${name}`)).toBe(text)
  })
})

/** Files that a page links to or names by a link; web addresses and places inside a page are not followed. */
function linkedFiles(page: string): readonly string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.replace(/#.*/, ''))
  return links
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target))
}

describe.each(pages)('%s', (page) => {
  it('links only to files that exist', () => {
    expect(linkedFiles(page).filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })
})

describe('README.md', () => {
  const readme = read('README.md')

  it('says why every dependency is there', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    expect(Object.keys(dependencies).filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => name!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
    expect(named).toContain('demo')
  })
})

describe('tables.md', () => {
  const text = read('docs/tables.md')
  const folder = join(ROOT, 'schemas/clickhouse')
  const sql = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))

  it('names every view', () => {
    const views = sql.flatMap((file) => [...file.matchAll(/CREATE OR REPLACE VIEW (\w+)/g)].map(([, name]) => name!))
    expect(views).toContain('usage')
    expect([...new Set(views)].filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })

  it('says what every column of every table means', () => {
    const column = /^ {4}`?([a-z][\w.]*)`? [A-Z]\w+|ADD COLUMN (?:IF NOT EXISTS )?`?([a-z][\w.]*)/gm
    const tables = sql.flatMap((file) => file.match(/^(?:CREATE|ALTER) TABLE[^;]*/gm) ?? [])
    const columns = tables.flatMap((table) =>
      [...table.matchAll(column)].map(([, created, added]) => created ?? added!),
    )
    expect(columns).toContain('rule_evaluations.outcome')
    const isNamed = (name: string) => text.includes(`\`${name}\``) || text.includes(`.${name}\``)
    expect([...new Set(columns)].filter((name) => !isNamed(name))).toEqual([])
  })
})

describe('.env.example', () => {
  it('names every variable of the command line', () => {
    const folder = join(ROOT, 'app/command-line')
    const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    const flags = sources.flatMap((text) =>
      [...text.matchAll(/option\(\s*'[^']+',\s*'([A-Z_]+)'/g)].map(([, name]) => name!),
    )
    const named = [...read('.env.example').matchAll(/^#?EVALFORGE_([A-Z_]+)=/gm)].map(([, name]) => name!)
    expect(flags).toContain('DATA_DIR')
    expect(named.sort()).toEqual([...new Set(flags)].sort())
  })
})
