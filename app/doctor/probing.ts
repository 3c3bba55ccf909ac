import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROBE = fileURLToPath(new URL('./probe.ts', import.meta.url))

/** What probe.ts finds; it is killed after `limit_ms`, whatever it hangs in. */
export function probe<Answer>(parameters: readonly string[], limit_ms: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: limit_ms, killSignal: 'SIGKILL' as const, env: { PATH: process.env.PATH } }
    execFile(process.execPath, [PROBE, ...parameters], options, (error, stdout, stderr) => {
      if (error?.killed) return reject(new Error(`it hangs: no answer within ${limit_ms / 1000} s`))
      if (error) return reject(new Error(lastLine(stderr) || error.message))
      resolve(JSON.parse(stdout) as Answer)
    })
  })
}

/** The message of an error that Node printed. */
function lastLine(stderr: string): string {
  return stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? ''
}
