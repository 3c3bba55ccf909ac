/**
 * Prints, for each dialect label of the payloads' manifest, how many of the spans in files with that label are read, with
 * content, and as calls with usage. A file may carry several labels.
 * `node stream-processors/normalize/testing/payload-coverage.ts`
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LlmSpan } from '../../../schemas/llm-span.ts'
import { PAYLOADS, payloadFolders, payloadSpans } from './payload-files.ts'

interface Manifested {
  readonly slug: string
  readonly file: string
  readonly labels?: Readonly<Record<string, number>>
}

const lines = readFileSync(join(PAYLOADS, 'manifest.jsonl'), 'utf8').split('\n').filter(Boolean)
const labels = new Map(
  lines.map((line) => {
    const { slug, file, labels: known } = JSON.parse(line) as Manifested
    return [`${slug}/${file}`, Object.keys(known ?? {})]
  }),
)

const rows = new Map<string, (LlmSpan | string)[]>()
for (const folder of payloadFolders()) {
  for (const { id, read } of payloadSpans(folder)) {
    const file = `${folder}/${id.slice(0, id.lastIndexOf('#'))}`
    for (const label of [...(labels.get(file) ?? []), 'all']) {
      const known = rows.get(label)
      if (known) known.push(read)
      else rows.set(label, [read])
    }
  }
}

function line(label: string, readings: readonly (LlmSpan | string)[]): string {
  const read = readings.filter((reading) => typeof reading !== 'string')
  const calls = read.filter((span) => span.is_call)
  const content = read.filter((span) => span.input_captured || span.output_captured || span.system_instructions !== '')
  const usage = calls.filter((span) => span.input_tokens !== null || span.output_tokens !== null)
  return `| ${[label, readings.length, read.length, content.length, calls.length, usage.length].join(' | ')} |`
}

const ordered = [...rows].sort(([, a], [, b]) => b.length - a.length)
const head = '| label | spans | read | with content | calls | calls with usage |\n|---|---|---|---|---|---|'
process.stdout.write(`${head}\n${ordered.map(([label, readings]) => line(label, readings)).join('\n')}\n`)
