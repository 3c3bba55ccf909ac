import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('./neighbour-process.ts', import.meta.url))

export interface NeighbourOptions {
  readonly otlp_http: string
  readonly key: string
  readonly requests_per_second: number
  readonly seed: number
}

export interface NeighbourReport {
  /** Numbers of the requests of its source that were acknowledged. */
  readonly acknowledged: readonly number[]
  /** Requests that had no acknowledgement in the end. */
  readonly unanswered: number
  /** Answers other than an acknowledgement. */
  readonly errors: Readonly<Record<string, number>>
  /** From when a request was due to its acknowledgement, by window, ascending. */
  readonly ack_ms: Readonly<Record<string, readonly number[]>>
}

export const NEIGHBOUR_REQUEST = { span_bytes: 1_000, spans_per_request: 5 }

export interface Neighbour {
  /** What is sent from now on is measured under this name; `off`: nothing is sent. */
  enter(window: 'calm' | 'hostile' | 'off'): void
  end(): Promise<NeighbourReport>
  kill(): void
}

export function startNeighbour(options: NeighbourOptions): Neighbour {
  const child = fork(ENTRY, [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const reported = new Promise<NeighbourReport>((resolve, reject) => {
    child.once('message', (report) => resolve(report as NeighbourReport))
    child.once('exit', (code) => reject(new Error(`the neighbour ended with exit code ${code} before it reported`)))
  })
  reported.catch(() => {})
  return {
    enter: (window) => void child.send(window),
    end() {
      child.send('end')
      return reported
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
