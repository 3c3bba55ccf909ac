import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { GeneratorOptions, GeneratorReport } from './generator.ts'

const ENTRY = fileURLToPath(new URL('./generator.ts', import.meta.url))

/** Sends by schedule from a process of its own; resolves when all is answered, or patience ran out. */
export function startGenerator(options: GeneratorOptions): Promise<GeneratorReport> {
  const child = fork(ENTRY, [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as GeneratorReport))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the generator ended with exit code ${code} before it reported`)))
  })
}
