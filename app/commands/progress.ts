/** One line on stderr that is written over, only where a person looks. */
export interface Progress {
  show(text: string): void
  clear(): void
}

export function createProgress(wanted: boolean): Progress {
  const shown = wanted && process.stderr.isTTY
  const write = (text: string) => {
    if (shown) process.stderr.write(`\r\x1b[K${text}`)
  }
  return { show: (text) => write(`${text} …`), clear: () => write('') }
}
