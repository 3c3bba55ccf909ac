import { describe, expect, it } from 'vitest'
import { tokenize } from './statement.ts'
import { parseSyntaxTree } from './syntax-tree.ts'

describe('parseSyntaxTree', () => {
  it('reads kinds, details and children', () => {
    const tree = parseSyntaxTree([
      'Query (children 2)',
      ' Function f (alias a) (children 1)',
      '  Literal 1',
      ' Identifier x',
    ])
    expect(tree).toMatchObject({
      kind: 'Query',
      children: [
        { kind: 'Function', detail: 'f', children: [{ kind: 'Literal', detail: '1' }] },
        { kind: 'Identifier', detail: 'x' },
      ],
    })
  })

  it.each([
    ['a line too many, forged by a name', ['Query (children 1)', ' Identifier x', ' Function harmless']],
    ['a line too few', ['Query (children 2)', ' Identifier x']],
    ['a second root', ['Query', 'Query']],
    ['a missing level', ['Query (children 1)', '   Identifier x']],
    ['a line without a kind', ['Query (children 1)', ' 1']],
    ['nothing', []],
  ])('refuses %s', (_what, lines) => {
    expect(parseSyntaxTree(lines)).toBeNull()
  })
})

describe('tokenize', () => {
  it('keeps words in texts and names apart from words', () => {
    expect(tokenize("SELECT 'INTO OUTFILE \\' x', `SETTINGS` FROM t(").map(({ kind }) => kind)).toEqual(
      'word text name word word open'.split(' '),
    )
  })

  it.each(["SELECT 'open", 'SELECT `open', 'SELECT 1; SELECT 2', 'SELECT # x'])('refuses %s', (sql) => {
    expect(() => tokenize(sql)).toThrow()
  })
})
