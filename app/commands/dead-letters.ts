import type { AttributeValue, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { operate } from '../operate.ts'
import type { ListedLetters, ShownLetter } from '../operations/dead-letters.ts'

export async function list(
  context: CommandContext,
  options: { limit: number; project: string; json: boolean },
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const { limit, project } = options
  const { total, letters } = await operate<ListedLetters>(config, 'dead_letters', { limit, project })
  if (options.json) {
    for (const letter of letters) console.log(JSON.stringify(letter))
    return
  }
  if (total === 0) {
    console.log('No dead letters: everything acknowledged was understood.')
    return
  }
  for (const letter of letters)
    console.log(
      [
        new Date(letter.timestamp_ms).toISOString(),
        letter.project,
        letter.code.padEnd(22),
        `${letter.bytes} B`.padStart(9),
        letter.dead_letter_id,
      ].join('  '),
    )
  console.log(`\n${letters.length} of ${total}. Look at one: evalforge dead-letters show <id>`)
}

export async function show(context: CommandContext, options: { id: string; raw: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const letter = await operate<ShownLetter | null>(config, 'dead_letter', { id: options.id })
  if (!letter) {
    console.error(`There is no dead letter ${options.id}. \`evalforge dead-letters list\` shows their ids.`)
    process.exitCode = 1
    return
  }
  const bytes = Buffer.from(letter.value_base64, 'base64')
  if (options.raw) {
    process.stdout.write(bytes)
    return
  }
  const { value_base64, ...facts } = letter
  for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(18)} ${String(value)}`)
  console.log(`\n${decoded(bytes) ?? bytes.subarray(0, 1024).toString('hex')}`)
}

/** The spans of the letter as JSON, where its bytes are an OTLP request. */
function decoded(bytes: Buffer): string | undefined {
  try {
    const spans = readTraces(bytes).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans))
    return JSON.stringify(spans.map(plainSpan), null, 2)
  } catch {
    return undefined
  }
}

function plainSpan({ byte_start, byte_end, attributes, events, ...span }: OtlpSpan): unknown {
  return {
    ...span,
    start_time_unix_nano: String(span.start_time_unix_nano),
    end_time_unix_nano: String(span.end_time_unix_nano),
    attributes: plain(attributes),
    events: events.map((event) => ({
      name: event.name,
      time_unix_nano: String(event.time_unix_nano),
      attributes: plain(event.attributes),
    })),
  }
}

function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
  return value
}
