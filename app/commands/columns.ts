/** Lines of cells, each column as wide as its widest cell; numbers stand to the right. The first row is the head. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)))
  const isNumber = (rows[0] ?? []).map((_, index) =>
    rows.slice(1).every((row) => /^[\d.,]*( [KMGT]?i?B)?$/.test(row[index] ?? '')),
  )
  return rows
    .map((row) =>
      row
        .map((cell, index) => (isNumber[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[power]}`
}

export function formatTime(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString()
}
