import { DIALECTS } from './dialects/dialects.ts'
import { FRAMEWORK_FIELDS } from './dialects/generic.ts'
import { EVENT_VERSIONS, VERSIONS } from './dialects/versions.ts'
import { type Entry, FIELDS, type Field, type FieldTable } from './field-table.ts'

const HEAD = `# Dialects

Generated from the tables in \`stream-processors/normalize/dialects\`; a test keeps it in step (\`npx vitest run -u\` rewrites it).

A span belongs to the first dialect in this order that recognises it. Each field takes the first name that holds something usable; after the
dialect's own names come those of all others (Claude Code's bare names apart), so that several generations may stand on one span. \`.<i>\` is a
family of indexed attributes. What stands in brackets is how the value is read, where that is not plain, and which releases write the name, where
that is known. Names under \`drop\` say nothing that another field does not say.

A span of no dialect is read by the words its names consist of (\`guess.ts\`): \`acme.llm.prompt\`, \`acme.messages.0.content\`,
\`acme.usage.prompt_tokens\`; and on a span of a known one, anything that looks like messages fills a gap. Content is never lost for want of a name.
`

/** docs/dialects.md: which field comes from which attributes, by dialect and version. */
export function dialectDocs(): string {
  const sections = DIALECTS.map(({ name, summary, fields }) => section(`${name}: ${summary}`, fields, name))
  const frameworks = section('Further frameworks, on any span', FRAMEWORK_FIELDS, '')
  return [HEAD, overview(), events(), ...sections, frameworks].join('\n')
}

/** Field by dialect: the releases that write it, or a tick. */
function overview(): string {
  const named = DIALECTS.filter(({ name }) => name !== 'generic')
  const tables: readonly (readonly [string, FieldTable])[] = [
    ...named.map(({ name, fields }) => [name, fields] as const),
    ['frameworks', FRAMEWORK_FIELDS],
  ]
  const fields = (Object.keys(FIELDS) as Field[]).filter((field) => field !== 'drop')
  const rows = fields.map(
    (field) => `| ${field} | ${tables.map(([name, table]) => filled(name, table[field])).join(' | ')} |`,
  )
  return [
    '## What each dialect fills, in which versions',
    '',
    `| field | ${tables.map(([name]) => name).join(' | ')} |`,
    `|${'---|'.repeat(tables.length + 1)}`,
    ...rows,
    '',
  ].join('\n')
}

function filled(dialect: string, entries: readonly Entry[] | undefined): string {
  if (!entries) return ''
  const versions = entries.map((entry) => versionOf(dialect, nameOf(entry)))
  const known = [...new Set(versions.filter(Boolean))]
  // A name without a version is written by all, or its history is unknown.
  return [...(versions.includes('') ? ['yes'] : []), ...known].join(', ')
}

function events(): string {
  const rows = EVENT_VERSIONS.map(([names, who]) => `| ${quoted(names)} | ${who} |`)
  return ['## Span events and log records', '', '| event | written by |', '|---|---|', ...rows, ''].join('\n')
}

function quoted(names: string): string {
  return names.startsWith('`')
    ? names
    : names.replaceAll(/[\w.]*\{[\w,]+\}[\w.]*|[A-Za-z][\w. ]+/g, (name) => `\`${name}\``)
}

function section(title: string, fields: FieldTable, dialect: string): string {
  const rows = Object.entries(fields).map(
    ([field, entries]) => `| ${field} | ${entries.map((entry) => cell(entry, dialect)).join(' · ')} |`,
  )
  return [`## ${title}`, '', '| field | attributes, best first |', '|---|---|', ...rows, ''].join('\n')
}

function cell(entry: Entry, dialect: string): string {
  const how = typeof entry === 'string' ? '' : entry[0].replaceAll('_', ' ')
  const notes = [how, versionOf(dialect, nameOf(entry))].filter(Boolean).join('; ')
  return `\`${nameOf(entry)}\`${notes ? ` (${notes})` : ''}`
}

const nameOf = (entry: Entry) => (typeof entry === 'string' ? entry : entry[1])

function versionOf(dialect: string, name: string): string {
  return VERSIONS[dialect]?.[name] ?? ''
}
