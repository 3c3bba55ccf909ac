/** One process's record as Node writes it under NODE_V8_COVERAGE (Chrome DevTools protocol, Profiler.takePreciseCoverage). */
export interface V8Record {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly ranges: readonly V8Range[] }[]
  }[]
}

interface V8Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

/** One file of an Istanbul report, as far as lines need it. */
export interface IstanbulFile {
  readonly path: string
  readonly statementMap: Readonly<
    Record<string, { readonly start: { readonly line: number; readonly column: number } }>
  >
  readonly s: Readonly<Record<string, number>>
}

/** Lines on which a statement begins (1-based), and whether one of them ran. */
export type LineHits = Map<number, boolean>

/** `text` is the source; `ranges` what child processes recorded of it. Types are stripped in place, so offsets are those of the source. */
export function lineHits(file: IstanbulFile, text: string, records: readonly (readonly V8Range[])[]): LineHits {
  const starts = lineStarts(text)
  const hits: LineHits = new Map()
  for (const [id, { start }] of Object.entries(file.statementMap)) {
    const offset = (starts[start.line - 1] ?? 0) + start.column
    const ran = (file.s[id] ?? 0) > 0 || records.some((ranges) => countAt(ranges, offset) > 0)
    hits.set(start.line, ran || hits.get(start.line) === true)
  }
  return hits
}

export function rangesOf({ result }: V8Record, url: string): readonly V8Range[] {
  return result
    .filter((script) => script.url === url)
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
}

/** The innermost range decides: V8 lists a block of its own only where its count differs from what surrounds it. */
function countAt(ranges: readonly V8Range[], offset: number): number {
  let innermost: V8Range | undefined
  for (const range of ranges) {
    if (offset < range.startOffset || offset >= range.endOffset) continue
    if (innermost === undefined || sizeOf(range) <= sizeOf(innermost)) innermost = range
  }
  return innermost?.count ?? 0
}

const sizeOf = ({ startOffset, endOffset }: V8Range) => endOffset - startOffset

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
