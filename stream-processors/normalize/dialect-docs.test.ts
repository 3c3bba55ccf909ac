import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dialectDocs } from './dialect-docs.ts'
import { DIALECTS } from './dialects/dialects.ts'
import { FRAMEWORK_FIELDS } from './dialects/generic.ts'
import { VERSIONS } from './dialects/versions.ts'
import { FIELDS } from './field-table.ts'

it('docs/dialects.md says what the tables say', async () => {
  await expect(dialectDocs()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/dialects.md'))
})

it('names no attribute twice for one field of a dialect', () => {
  for (const { name, fields } of DIALECTS) {
    for (const [field, entries] of Object.entries(fields)) {
      const names = entries.map((entry) => (typeof entry === 'string' ? entry : entry[1]))
      expect(new Set(names).size, `${name} ${field}`).toBe(names.length)
    }
  }
})

it('has a source for every field', () => {
  const filled = new Set([...DIALECTS.map(({ fields }) => fields), FRAMEWORK_FIELDS].flatMap(Object.keys))
  expect(Object.keys(FIELDS).filter((field) => !filled.has(field))).toEqual([])
})

it('gives versions to names that the tables have', () => {
  for (const [dialect, versions] of Object.entries(VERSIONS)) {
    const tables = DIALECTS.filter(({ name }) => name === dialect)
    const names = new Set(
      tables.flatMap(({ fields }) =>
        Object.values(fields).flatMap((entries) =>
          entries.map((entry) => (typeof entry === 'string' ? entry : entry[1])),
        ),
      ),
    )
    expect(
      Object.keys(versions).filter((name) => !names.has(name)),
      dialect,
    ).toEqual([])
  }
})
