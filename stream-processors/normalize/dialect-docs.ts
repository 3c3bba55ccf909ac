import { DIALECTS } from './dialects/dialects.ts'
import { FRAMEWORK_FIELDS } from './dialects/generic.ts'
import type { Entry, FieldTable } from './field-table.ts'

const HEAD = `# Dialects

Generated from the tables in \`stream-processors/normalize/dialects\`; a test keeps it in step (\`npx vitest run -u\` rewrites it).

A span belongs to the first dialect in this order that recognises it. Each field takes the first name that holds something usable; after the
dialect's own names come those of all others, so that several generations may stand on one span. \`.<i>\` is a family of indexed attributes.
A word in brackets is how the value is read where that is not plain. Names under \`drop\` say nothing that another field does not say.
Span events are read besides (\`span-events.ts\`): \`gen_ai.*.message\`, \`gen_ai.choice\`, \`gen_ai.content.*\`,
\`gen_ai.client.inference.operation.details\`, \`exception\`, \`db.*.result\` and the first chunk of a stream.
`

/** docs/dialects.md: dialect, field, attribute names. */
export function dialectDocs(): string {
  const sections = DIALECTS.map(({ name, summary, fields }) => section(`${name}: ${summary}`, fields))
  return [HEAD, ...sections, section('Further frameworks, on any span', FRAMEWORK_FIELDS)].join('\n')
}

function section(title: string, fields: FieldTable): string {
  const rows = Object.entries(fields).map(([field, entries]) => `| ${field} | ${entries.map(cell).join(' · ')} |`)
  return [`## ${title}`, '', '| field | attributes, best first |', '|---|---|', ...rows, ''].join('\n')
}

function cell(entry: Entry): string {
  return typeof entry === 'string' ? `\`${entry}\`` : `\`${entry[1]}\` (${entry[0].replaceAll('_', ' ')})`
}
