/** `npm run dev`: `evalforge start`, restarted when a source file or evalforge.yaml changes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const SOURCES =
  /^(app|adapters|collectors|core|judges|schemas|sinks|stream-processors)\/.*\.(ts|sql|json|avsc)$|^evalforge\.yaml$/
const QUIET_MS = 200

let child: ChildProcess | undefined
let pending: NodeJS.Timeout | undefined
let ending = false

function start(): void {
  child = spawn(process.execPath, [MAIN, 'start', ...process.argv.slice(2)], { cwd: process.cwd(), stdio: 'inherit' })
  child.once('exit', (code) => {
    if (!ending && code !== 0) console.error(`evalforge ended with code ${code}; it starts again at the next change.`)
  })
}

async function restart(file: string): Promise<void> {
  console.error(`${file} changed: restarting …`)
  await stop()
  start()
}

async function stop(): Promise<void> {
  const leaving = child
  if (!leaving || leaving.exitCode !== null || leaving.signalCode !== null) return
  const exited = new Promise((resolve) => leaving.once('exit', resolve))
  leaving.kill('SIGTERM')
  await exited
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    ending = true
    void stop().then(() => process.exit(0))
  })

watch(ROOT, { recursive: true }, (_event, file) => {
  if (!file || !SOURCES.test(file.replaceAll('\\', '/'))) return
  clearTimeout(pending)
  pending = setTimeout(() => void restart(file), QUIET_MS)
})
start()
