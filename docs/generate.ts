/**
 * Writes the reference pages that are generated: `node docs/generate.ts`. `docs.test.ts` fails when one is out of date.
 * Pages are strings made here, so that the test needs no second way to make them.
 */
import { writeFileSync } from 'node:fs'
import { configSchema } from '../app/config.ts'
import { describeSettings } from '../app/config-reference.ts'
import { ERRORS, type ErrorDefinition } from '../core/errors.ts'

export interface GeneratedPage {
  /** File name in this folder. */
  readonly name: string
  readonly text: string
}

const MADE = '<!-- Made by `node docs/generate.ts`. Do not edit. -->'

export function generatedPages(): readonly GeneratedPage[] {
  return [
    { name: 'errors.md', text: errorsPage(ERRORS) },
    { name: 'configuration.md', text: configurationPage() },
  ]
}

function errorsPage(errors: Readonly<Record<string, ErrorDefinition>>): string {
  const rows = Object.entries(errors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { sentence, retry, advice }]) => `| \`${code}\` | ${cell(sentence)} | ${retry} | ${cell(advice)} |`)
  return `${MADE}
# Errors

Every error of EvalForge has one of these codes: in answers to senders, in log lines, in \`dead_letters\`, in metrics (label \`code\`) and on the
command line. _Try again_: \`later\` means the same thing may work later and senders and stages do try again; \`never\` means it will not.
What a sender gets for each is in [bad-input.md](bad-input.md).

${aligned(['| code | what happened | try again | what to do |', '|---|---|---|---|', ...rows])}
`
}

function configurationPage(): string {
  return `${MADE}
# Configuration

\`evalforge start\` reads \`./evalforge.yaml\`, or the file of \`--config\`. A missing file means the defaults below. Everything that is wrong is listed at
once, with paths, before anything starts; \`evalforge config check\` does only that, and \`evalforge config print\` shows the result with all defaults.
Unknown settings are errors. Flags and environment variables go before the file; \`evalforge start --help\` names both.
\`keys\`, \`judges\`, \`projects\` and \`ingest.rate_limits\` change without a restart (\`evalforge config apply\`, or SIGHUP); everything else takes effect at the
next start, and \`config apply\` says what waits for it.

A dot stands for a level of YAML, \`[]\` for one entry of a list.

${aligned(describeSettings(configSchema).split('\n'))}
`
}

/** A Markdown table with columns as wide as their widest cell, as the formatter of the repository writes it. */
function aligned(lines: readonly string[]): string {
  const rows = lines.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((text) => text.trim()),
  )
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => [...row[column]!].length)))
  const padded = (row: readonly string[], fill: string) => row.map((text, column) => text.padEnd(widths[column]!, fill))
  return rows.map((row, index) => `| ${padded(row, index === 1 ? '-' : ' ').join(' | ')} |`).join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

if (import.meta.main) for (const { name, text } of generatedPages()) writeFileSync(new URL(name, import.meta.url), text)
