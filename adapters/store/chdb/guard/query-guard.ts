import { type EngineConnection, EngineError } from '../engine.ts'
import type { FunctionCatalogue } from './functions.ts'
import { canonicalStatement, type Statement, type Token } from './statement.ts'
import { parseSyntaxTree, type SyntaxNode } from './syntax-tree.ts'

const ACCESS_DENIED = 497
export const DATABASE = 'evalforge'

/** What stands in a reading statement and nothing else (names of the engine's syntax tree). */
const NODES = new Set(
  (
    'SelectWithUnionQuery SelectQuery SelectIntersectExceptQuery ExpressionList Literal Identifier TableIdentifier ' +
    'Function Subquery TablesInSelectQuery TablesInSelectQueryElement TableExpression TableJoin ArrayJoin SampleRatio ' +
    'Asterisk QualifiedAsterisk ColumnsRegexpMatcher ColumnsListMatcher QualifiedColumnsRegexpMatcher ' +
    'QualifiedColumnsListMatcher ColumnsTransformerList ColumnsExceptTransformer ColumnsReplaceTransformer ' +
    'ColumnsReplaceTransformer::Replacement ColumnsApplyTransformer OrderByElement InterpolateElement WithElement ' +
    'WindowDefinition WindowListElement DescribeQuery ShowTables ShowColumns ShowCreateTableQuery ShowCreateViewQuery ' +
    'ShowCreateDatabaseQuery ShowFunctions ExistsTableQuery ExistsViewQuery ExistsDatabaseQuery Explain Set'
  ).split(' '),
)
const ROOTS = /^(SelectWithUnionQuery|DescribeQuery|Show\w+|Exists\w+|Explain)$/
const SHOWS = new Set(['TABLES', 'DATABASES', 'COLUMNS', 'FULL', 'EXTENDED', 'CREATE', 'FUNCTIONS', 'INDEX', 'INDEXES'])
const EXPLAINS = new Set([
  'EXPLAIN',
  'EXPLAIN AST',
  'EXPLAIN SYNTAX',
  'EXPLAIN QUERY TREE',
  'EXPLAIN PIPELINE',
  'EXPLAIN ESTIMATE',
])
const TABLE_FUNCTIONS = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'values',
  'generate_series',
  'generateseries',
])
const MEMBERSHIP = /^(global)?(not)?(null)?(not)?in(ignoreset)?$/i
/** Tables of the engine that describe it, not its host, its users or other people's queries. */
const SYSTEM_TABLES = new Set(
  (
    'aggregate_function_combinators build_options collations columns contributors data_skipping_indices ' +
    'data_type_families database_engines databases formats functions keywords licenses merge_tree_settings ' +
    'merges mutations numbers numbers_mt one parts parts_columns projections settings settings_changes table_engines ' +
    'table_functions tables time_zones zeros zeros_mt'
  ).split(' '),
)

export interface GuardOptions {
  readonly catalogue: FunctionCatalogue
  readonly database: string
}

/**
 * Decides by ClickHouse's own syntax tree whether a statement only reads this database, and gives back the canonical
 * form to run instead of the text that came in. What it does not know is refused. `readonly=1` on the connection stops
 * writes as well, but lets through INTO OUTFILE, file(), merge(), mergeTreeIndex() and SETTINGS inside subqueries.
 * Throws an EngineError: ACCESS_DENIED with the reason, or what the parser says.
 */
export async function checkReadingStatement(
  connection: EngineConnection,
  sql: string,
  options: GuardOptions,
): Promise<Statement> {
  const statement = await canonicalStatement(connection, sql)
  checkTokens(statement.tokens)
  const { bytes } = await connection.run(`EXPLAIN AST ${statement.sql}`, 'TabSeparatedRaw')
  const lines = Buffer.from(bytes).toString('utf8').replace(/\n$/, '').split('\n')
  const tree = parseSyntaxTree(lines)
  if (!tree || !ROOTS.test(tree.kind)) throw refused('it is not a reading statement')
  // An APPLY transformer does not show its function in the tree, so there no other word may name one either.
  if (hasKind(tree, 'ColumnsApplyTransformer')) checkAppliedFunctions(statement.tokens, options.catalogue)
  checkNode(tree, null, options)
  return statement
}

function checkTokens(tokens: readonly Token[]): void {
  const words = tokens.map((token) => (token.kind === 'word' ? token.text : ''))
  const [first, second] = words
  if (!/^(SELECT|WITH|SHOW|DESCRIBE|EXISTS|EXPLAIN)$/.test(first ?? '') && tokens[0]?.kind !== 'open')
    throw refused('only SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN are answered')
  if (words.some((word, index) => word === 'INTO' && words[index + 1] === 'OUTFILE'))
    throw refused('INTO OUTFILE is not allowed')
  if (words.includes('SETTINGS')) throw refused('a SETTINGS clause is not allowed; send settings as URL parameters')
  if (tokens.some((token) => token.kind === 'name' && token.text.includes('\\')))
    throw refused('names with escape sequences are not allowed')
  if (first !== 'SHOW') return
  if (!SHOWS.has(second ?? '')) throw refused(`SHOW ${second ?? ''} is not allowed`)
  // The tree of a SHOW does not show its WHERE.
  if (tokens.some((token) => token.kind === 'open')) throw refused('SHOW with an expression is not allowed')
}

function checkAppliedFunctions(tokens: readonly Token[], catalogue: FunctionCatalogue): void {
  tokens.forEach((token, index) => {
    const applied = token.kind === 'word' && token.text === 'APPLY'
    const next = tokens[index + 1]?.kind === 'open' ? tokens[index + 2] : tokens[index + 1]
    const called = token.kind !== 'open' && token.kind !== 'text' && tokens[index + 1]?.kind === 'open'
    if (applied && !(next?.kind === 'word' && catalogue.isAllowed(next.text)))
      throw refused('APPLY takes the plain name of an allowed function here')
    const name = nameOf(token)
    const outside = catalogue.isRefused(name) || (catalogue.isTableFunction(name) && !TABLE_FUNCTIONS.has(name))
    if (called && outside) throw refused(`the function ${shown(token.text)} is not allowed`)
  })
}

function nameOf(token: Token): string {
  return (token.kind === 'name' ? token.text.slice(1, -1) : token.text).toLowerCase()
}

function checkNode(node: SyntaxNode, parent: SyntaxNode | null, options: GuardOptions): void {
  if (!NODES.has(node.kind)) throw refused(`${shown(node.kind)} is not allowed`)
  if (node.kind === 'Set' && parent?.kind !== 'Explain') throw refused('a SETTINGS clause is not allowed')
  if (node.kind === 'Explain') checkExplain(node)
  if (node.kind === 'TableIdentifier') checkTable(node.detail, options)
  if (node.kind === 'Identifier') checkIdentifier(node.detail)
  if (node.kind === 'Function') checkFunction(node, parent, options)
  if (parent === null || parent.kind === 'Explain') checkOutput(node)
  for (const child of node.children) checkNode(child, node, options)
}

/** A file name of INTO OUTFILE is a literal right below the statement. */
function checkOutput(node: SyntaxNode): void {
  if (node.children.some((child) => child.kind === 'Literal')) throw refused('INTO OUTFILE is not allowed')
}

function checkExplain(node: SyntaxNode): void {
  if (!EXPLAINS.has(node.detail)) throw refused(`${shown(node.detail)} is not allowed`)
  const explained = node.children.filter((child) => child.kind !== 'Set' && child.kind !== 'Identifier')
  if (explained.length !== 1 || explained[0]?.kind !== 'SelectWithUnionQuery')
    throw refused('only a SELECT can be explained')
}

function checkTable(name: string, { database }: GuardOptions): void {
  const parts = name.split('.')
  const [qualifier, table] = parts.length === 1 ? [database, name] : parts
  const known = parts.length <= 2 && parts.every((part) => /^\w+$/.test(part))
  if (known && qualifier === 'system' && SYSTEM_TABLES.has(table ?? '')) return
  if (known && qualifier === DATABASE) return
  throw refused(`the table ${shown(name)} is not one of evalforge`)
}

/** A column may be written with its table and database, and IN takes a table that looks like a column. */
function checkIdentifier(name: string): void {
  const [first, second] = name.split('.')
  if (/^(default|information_schema)$/i.test(first ?? '') && second !== undefined)
    throw refused(`the database ${shown(first ?? '')} is not readable here`)
  if (first?.toLowerCase() === 'system' && second !== undefined && !SYSTEM_TABLES.has(second))
    throw refused(`the table ${shown(name)} is not one of evalforge`)
}

function checkFunction(node: SyntaxNode, parent: SyntaxNode | null, options: GuardOptions): void {
  const { catalogue } = options
  const name = node.detail
  if (parent?.kind === 'TableExpression') {
    if (!TABLE_FUNCTIONS.has(name.toLowerCase())) throw refused(`the table function ${shown(name)} is not allowed`)
    return
  }
  if (!/^\w+$/.test(name) || !catalogue.isAllowed(name)) throw refused(`the function ${shown(name)} is not allowed`)
  // arrayMap(file, paths) calls file(): where a function is expected, its plain name is enough.
  const named = node.children[0]?.children.find((argument) => namesRefused(argument, catalogue))
  if (named)
    throw refused(`the function ${shown(named.detail)} is not allowed; a column of this name is written table.column`)
  if (!MEMBERSHIP.test(name)) return
  const right = node.children[0]?.children[1]
  if (right?.kind === 'Identifier') checkTable(right.detail, options)
  if (right?.kind === 'Function' && catalogue.isTableFunction(right.detail) && right.detail !== 'format')
    throw refused(`the table function ${shown(right.detail)} is not allowed`)
}

function namesRefused(argument: SyntaxNode, catalogue: FunctionCatalogue): boolean {
  return argument.kind === 'Identifier' && catalogue.isRefused(argument.detail)
}

function hasKind(node: SyntaxNode, kind: string): boolean {
  return node.kind === kind || node.children.some((child) => hasKind(child, kind))
}

function shown(name: string): string {
  return /^[\w. :]{1,64}$/.test(name) ? name : 'with this name'
}

function refused(reason: string): EngineError {
  return new EngineError(
    ACCESS_DENIED,
    `Code: 497. DB::Exception: Not answered here: ${reason}. Only a single reading statement is. (ACCESS_DENIED)`,
  )
}
