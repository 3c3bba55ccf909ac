/** Runs `write` of `bytes` when it is the project's turn; resolves and rejects with it. */
export type AppendInTurn = <Result>(project: string, bytes: number, write: () => Promise<Result>) => Promise<Result>

interface Line {
  bytes: number
  readonly queue: { readonly bytes: number; start(): void }[]
}

/**
 * A log takes appends in the order they come, so what one project has appended and is not yet on the disk stands before all
 * others. Here a project has at most `max_bytes` on the way, or one append that is larger; its others wait in their order.
 */
export function createAppendTurns(max_bytes: number): AppendInTurn {
  const lines = new Map<string, Line>()

  function startNext(project: string, line: Line): void {
    for (;;) {
      const next = line.queue[0]
      if (next === undefined || (line.bytes > 0 && line.bytes + next.bytes > max_bytes)) break
      line.queue.shift()
      line.bytes += next.bytes
      next.start()
    }
    if (line.bytes === 0 && line.queue.length === 0) lines.delete(project)
  }

  return async function appendInTurn(project, bytes, write) {
    const line = lines.get(project) ?? { bytes: 0, queue: [] }
    lines.set(project, line)
    await new Promise<void>((start) => {
      line.queue.push({ bytes, start })
      startNext(project, line)
    })
    try {
      return await write()
    } finally {
      line.bytes -= bytes
      startNext(project, line)
    }
  }
}
