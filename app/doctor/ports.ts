import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { type Check, type Finding, finding } from './check.ts'

interface Address {
  readonly name: string
  readonly path: string
  readonly host: string
  readonly port: number
}

export function addressesOf({ ingest, store, admin }: Config): readonly Address[] {
  return [
    { name: 'OTLP/HTTP', path: 'ingest.otlp_http', ...pick(ingest.otlp_http) },
    { name: 'OTLP/gRPC', path: 'ingest.otlp_grpc', ...pick(ingest.otlp_grpc) },
    { name: 'ClickHouse', path: 'store.http', ...pick(store.http) },
    { name: 'admin', path: 'admin', ...pick(admin) },
  ]
}

const pick = ({ host, port }: { host: string; port: number }) => ({ host, port })

/** `ours`: the ports that the running instance says it listens on; `hangs`: one is there and says nothing. */
export function portChecks(config: Config, instance: { ours: ReadonlySet<number>; hangs: boolean }): readonly Check[] {
  return addressesOf(config).map((address) => ({
    name: `port ${address.port}`,
    limit_ms: 10_000,
    run: () => checkPort(address, instance),
  }))
}

async function checkPort(
  { name: what, path, host, port }: Address,
  { ours, hangs }: { ours: ReadonlySet<number>; hangs: boolean },
): Promise<Finding> {
  const name = `port ${port}`
  if (ours.has(port)) return finding('ok', name, `${what}, ours`)
  const problem = await tryListening(host, port)
  if (problem === null) return finding('ok', name, `${what}, free`)
  if (problem !== 'EADDRINUSE')
    return finding(
      'fail',
      name,
      `${what} cannot listen on ${host}:${port} (${problem})`,
      `Mend ${path}.host or ${path}.port.`,
    )
  const holder = holderOf(port)
  const found = `${what} is taken by ${holder ? describeHolder(holder) : 'another program'}`
  if (hangs && holder?.is_evalforge) return finding('skipped', name, `${found}, of the instance that hangs`)
  return finding('fail', name, found, `Stop it, or choose another with ${path}.port.`)
}

async function tryListening(host: string, port: number): Promise<string | null> {
  const server = createServer()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    server.close()
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown reason'
  }
}

export interface Holder {
  readonly pid: number
  /** How it was started, shortened. */
  readonly command: string
  readonly is_evalforge: boolean
  /** By SIGSTOP or a debugger: it answers nothing. */
  readonly stopped: boolean
}

const LISTEN = '0A'
const COMMAND_CHARACTERS = 80
const EVALFORGE = /\bapp\/(main|processes\/run)\.ts\b/

/** Who listens on a port, as far as Linux tells us; null where it does not. */
export function holderOf(port: number): Holder | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listening(table, port)))
  if (inodes.size === 0) return null
  for (const pid of tryRead(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name))) {
    const files = tryRead(() => readdirSync(`/proc/${pid}/fd`), [])
    if (!files.some((file) => inodes.has(tryRead(() => readlinkSync(`/proc/${pid}/fd/${file}`), '')))) continue
    const command = tryRead(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '')
      .replaceAll('\0', ' ')
      .trim()
    return {
      pid: Number(pid),
      command: command.slice(0, COMMAND_CHARACTERS),
      is_evalforge: EVALFORGE.test(command),
      stopped: isStopped(Number(pid)),
    }
  }
  return null
}

export function describeHolder({ pid, command, stopped }: Holder): string {
  return `process ${pid} (${command}${stopped ? '; stopped' : ''})`
}

/** Whether a process was stopped by a signal or a debugger. */
export function isStopped(pid: number): boolean {
  const [, state = ''] = /^\d+ \(.*\) (\S)/s.exec(tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '')) ?? []
  return state === 'T' || state === 't'
}

function listening(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return tryRead(() => readFileSync(table, 'utf8'), '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`)
}

function tryRead<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read()
  } catch {
    return otherwise
  }
}
