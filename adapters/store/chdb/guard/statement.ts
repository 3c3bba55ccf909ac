import { quoteString } from '../../sql-text.ts'
import { type EngineConnection, EngineError } from '../engine.ts'

/** A statement as ClickHouse itself writes it: one line, no comments, heredocs or odd spaces, keywords in capitals. */
export interface Statement {
  readonly sql: string
  /** Words, names and literals in order; punctuation is left out. */
  readonly tokens: readonly Token[]
  /** From a FORMAT clause at its end; null without one. */
  readonly format: string | null
}

export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'open'
  readonly text: string
}

const SYNTAX_ERROR = 62

/**
 * Parses customer SQL with ClickHouse's own parser, as data: formatQuery() takes the text as a string, refuses all but a
 * single statement and gives it back in canonical form. Only that form is ever run, so there is no second lexer that
 * could disagree with the engine's. Throws an EngineError for what does not parse.
 */
export async function canonicalStatement(connection: Pick<EngineConnection, 'run'>, sql: string): Promise<Statement> {
  const canonical = await format(connection, sql)
  const tokens = tokenize(canonical)
  const last = tokens.at(-1)
  const before = tokens.at(-2)
  const named = before?.kind === 'word' && before.text === 'FORMAT' && last?.kind === 'word'
  return { sql: canonical, tokens, format: named ? last.text : null }
}

async function format(connection: Pick<EngineConnection, 'run'>, sql: string): Promise<string> {
  try {
    const result = await connection.run(`SELECT formatQuerySingleLine(${quoteString(sql)})`, 'RawBLOB')
    return Buffer.from(result.bytes).toString('utf8')
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    // The engine adds where the call stands, which is our SQL around theirs.
    const name = /\([A-Z_]+\)\s*$/.exec(error.message)?.[0] ?? '(SYNTAX_ERROR)'
    const message = error.message.replace(/:? In scope SELECT formatQuerySingleLine\([\s\S]*$/, ` ${name}`)
    throw new EngineError(error.clickhouse_code, message, { cause: error })
  }
}

const TOKEN =
  /(?<text>'(?:[^'\\]|\\[\s\S])*')|(?<name>`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*")|(?<word>[A-Za-z_0-9$]+)|(?<open>\()|(?<rest>[^'`"\\#;]|\\G)/gy

/** Reads canonical text only: what it does not know is an error, never skipped. */
export function tokenize(canonical: string): readonly Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const match of canonical.matchAll(TOKEN)) {
    end = match.index + match[0].length
    const { text, name, word, open } = match.groups ?? {}
    if (text !== undefined) tokens.push({ kind: 'text', text })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (open !== undefined) tokens.push({ kind: 'open', text: open })
  }
  if (end !== canonical.length)
    throw new EngineError(
      SYNTAX_ERROR,
      'Code: 62. DB::Exception: Syntax error: the statement cannot be read. (SYNTAX_ERROR)',
    )
  return tokens
}
