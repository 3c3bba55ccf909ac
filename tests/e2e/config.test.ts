import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../app/bench/started-pipeline.ts'
import { temporaryDirectory } from './a-pipeline.ts'

const WRONG = `
colour: red
shutdown_timeout_ms: soon
keys:
  - project: Shop
    sha256: abc
ingest:
  otlp_http: { port: 70000 }
  limits: { max_spans: -1 }
pipeline: { ledger_share: 2 }
store:
  http: { host: 0.0.0.0 }
judges:
  pii: { enabled: maybe }
`
const PATHS = [
  'colour',
  'shutdown_timeout_ms',
  'keys[0].project',
  'keys[0].sha256',
  'ingest.otlp_http.port',
  'ingest.limits.max_spans',
  'pipeline.ledger_share',
  'judges.pii.enabled',
]

describe.each(['start', 'demo', 'config check'])('evalforge %s with a wrong evalforge.yaml', (command) => {
  it('names everything that is wrong, with paths, and starts nothing', async () => {
    using directory = temporaryDirectory()
    writeFileSync(join(directory.path, 'evalforge.yaml'), WRONG)
    const { exited, output } = runCommand([...command.split(' '), '--data-dir', 'data'], directory.path)
    expect(await exited).toBe(1)
    for (const path of PATHS) expect(output.stderr).toContain(path)
    expect(output.stderr).toContain('(CONFIG_INVALID)')
    expect(output.stderr).not.toMatch(/\n\s+at /)
    expect(output.stdout).toBe('')
    expect(existsSync(join(directory.path, 'data'))).toBe(false)
  })
})

it('says that what listens beyond loopback needs a key, and that the file is no YAML', async () => {
  using directory = temporaryDirectory()
  const file = join(directory.path, 'evalforge.yaml')
  for (const [text, says] of [
    [
      'ingest: { otlp_http: { host: 0.0.0.0 } }\nstore: { http: { host: 0.0.0.0 } }',
      /ingest\.otlp_http\.host[\s\S]*store\.http\.host/,
    ],
    ['keys: [', /evalforge\.yaml is not valid/],
    ['log_level: info\nlog_level: warn', /unique/],
  ] as const) {
    writeFileSync(file, text)
    const { exited, output } = runCommand(['start', '--data-dir', 'data'], directory.path)
    expect(await exited).toBe(1)
    expect(output.stderr).toMatch(says)
  }
  const missing = runCommand(['start', '--config', 'nowhere.yaml'], directory.path)
  expect(await missing.exited).toBe(1)
  expect(missing.output.stderr).toContain('nowhere.yaml')
})

it('leaves nothing behind when a later process cannot start', async () => {
  using directory = temporaryDirectory()
  const blocker = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  const { port } = blocker.address() as { port: number }
  const ports = [
    '--otlp-http-port',
    '0',
    '--otlp-grpc-port',
    String(port),
    '--clickhouse-port',
    '0',
    '--admin-port',
    '0',
  ]
  try {
    const first = runCommand(['start', '--data-dir', 'data', ...ports], directory.path)
    expect(await first.exited).toBe(1)
    expect(first.output.stderr).toContain('(PORT_BUSY)')
  } finally {
    blocker.close()
  }
  // The directory is free again: a command that needs it alone gets it.
  const ledger = runCommand(['ledger', '--json', '--data-dir', 'data'], directory.path)
  expect(await ledger.exited, ledger.output.stderr).toBe(0)
})
