import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { changesForRestart, keysById, liveChanges } from './config-changes.ts'
import { liveOf } from './live-config.ts'

const sideOf = (values: object) => {
  const config = parseConfig(values)
  return { config: liveOf(config), keys: keysById(config.keys ?? null) }
}
const changes = (before: object, after: object) =>
  liveChanges(sideOf(before), sideOf(after)).map((change) => `${change.path}: ${change.before} → ${change.after}`)

describe('changes of a configuration', () => {
  it.each([
    ['nothing', {}, {}, []],
    ['a value', {}, { judges: { refusal: { enabled: false } } }, ['judges.refusal.enabled: true → false']],
    [
      'one entry of a list',
      { judges: { pii: { allow: ['a', 'b'] } } },
      { judges: { pii: { allow: ['b', 'c'] } } },
      ['judges.pii.allow["a"]: "a" → ', 'judges.pii.allow["c"]:  → "c"'],
    ],
    ['a list that was empty', {}, { judges: { pii: { allow: ['a'] } } }, ['judges.pii.allow["a"]:  → "a"']],
    [
      'an empty list of a project, which replaces the common one',
      { projects: { shop: {} } },
      { projects: { shop: { judges: { pii: { allow: [] } } } } },
      ['projects.shop.judges.pii.allow:  → []'],
    ],
    [
      'a project that came and limits that went',
      { ingest: { rate_limits: { spans_per_second: 5 } } },
      { projects: { shop: { rate_limits: { requests_per_second: 1 } } } },
      ['ingest.rate_limits.spans_per_second: 5 → ', 'projects.shop.rate_limits.requests_per_second:  → 1'],
    ],
    [
      'what belongs to a version and waits for a restart',
      {},
      { store: { retention_days: 30 } },
      ['store.retention_days: 90 → 30'],
    ],
  ])('names %s by its path', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected)
  })

  it('names keys by their id and shows no hash', () => {
    const keys = ['a', 'b'].map((digit) => ({ project: 'shop', sha256: digit.repeat(64) }))
    expect(changes({ keys: [keys[0]] }, { keys: [keys[1]] })).toEqual([
      'keys.aaaaaaaaaaaa.project: "shop" → ',
      'keys.bbbbbbbbbbbb.project:  → "shop"',
    ])
    expect(changes({}, { keys: [] })).toEqual(['keys:  → []'])
    expect(changes({ keys: [keys[0]] }, { keys: [] })).toEqual(['keys.aaaaaaaaaaaa.project: "shop" → '])
    const restart = changesForRestart(
      parseConfig({}),
      parseConfig({ store: { http: { reader_key_sha256: 'c'.repeat(64) } }, judges: { pii: { enabled: false } } }),
    )
    expect(restart).toEqual([{ path: 'store.http.reader_key_sha256', before: '', after: `"${'c'.repeat(12)}…` }])
  })

  it('shortens long values', () => {
    const schema = { description: 'x'.repeat(1_000) }
    const [change] = liveChanges(
      sideOf({}),
      sideOf({ judges: { output_format: { expect_json: [{ json_schema: schema }] } } }),
    ).filter(({ path }) => path.endsWith('description'))
    expect(change?.after).toHaveLength(101)
  })
})
