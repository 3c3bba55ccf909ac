import { parseArgs } from 'node:util'
import { type PayloadSpan, payloadSpans, shapeOf } from './payload-files.ts'

/** The spans of a folder that a command line names; the same words show them and approve them. */
export interface Choice {
  readonly folder: string
  readonly spans: readonly PayloadSpan[]
  /** Spans that fit, before `--from` and `--count`. */
  readonly fitting: number
  /** Characters of a text that are shown. */
  readonly width: number
}

/** `<folder> [--match <text of the id>] [--shapes] [--from N] [--count N] [--width N]`; `--shapes` keeps one span of each shape. */
export function chosenSpans(args: readonly string[]): Choice {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      match: { type: 'string', default: '' },
      shapes: { type: 'boolean', default: false },
      from: { type: 'string', default: '0' },
      count: { type: 'string', default: '20' },
      width: { type: 'string', default: '120' },
    },
  })
  const folder = positionals[0] ?? ''
  const fitting = payloadSpans(folder).filter(({ id }) => id.includes(values.match))
  const spans = values.shapes ? oneOfEachShape(fitting) : fitting
  const from = Number(values.from)
  return {
    folder,
    spans: spans.slice(from, from + Number(values.count)),
    fitting: spans.length,
    width: Number(values.width),
  }
}

function oneOfEachShape(spans: readonly PayloadSpan[]): readonly PayloadSpan[] {
  const seen = new Set<string>()
  return spans.filter((span) => {
    const shape = shapeOf(span)
    return !seen.has(shape) && seen.add(shape)
  })
}
