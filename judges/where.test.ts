import { describe, expect, it } from 'vitest'
import { aSpan } from '../schemas/a-span.ts'
import { createSelector, whereConfig } from './where.ts'

const span = aSpan({
  kind: 'llm',
  request_model: 'gpt-5-mini',
  response_model: 'gpt-5-mini-2026-01-01',
  prompt_name: 'weather/de',
  tags: ['beta', 'json'],
  service_name: 'shop',
})

describe('createSelector', () => {
  it.each([
    [{}, true],
    [{ kinds: ['tool'] }, false],
    [{ kinds: [] }, true],
    [{ models: ['gpt-5-mini'] }, true],
    [{ models: ['gpt-5*'] }, true],
    [{ models: ['*-2026-*'] }, true],
    [{ models: ['claude-*', 'gpt-5-mini-2026-01-01'] }, true],
    [{ models: ['gpt'] }, false],
    [{ models: ['*mini*mini*'] }, false],
    [{ models: ['gpt-5-mini*mini'] }, false],
    [{ prompt_names: ['weather/*'] }, true],
    [{ prompt_names: ['*'] }, true],
    [{ tags: ['json'] }, true],
    [{ tags: ['alpha'] }, false],
    [{ services: ['shop'], tags: ['alpha'] }, false],
    [{ services: ['shop'], models: ['gpt-5-*'] }, true],
  ])('%j selects: %s', (where, selected) => {
    expect(createSelector(whereConfig(['llm']).parse(where))(span)).toBe(selected)
  })

  it('finds nothing in a span without tags', () => {
    expect(createSelector(whereConfig([]).parse({ tags: ['*'] }))(aSpan())).toBe(false)
  })
})
