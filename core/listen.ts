import { CodedError } from './errors.ts'
import type { Keyring } from './keyring.ts'

export interface BoundAddress {
  readonly address: string
  readonly port: number
  readonly tls: boolean
}

export interface Listener {
  /** Resolves when connections are taken. Rejects with PORT_BUSY or CONFIG_INVALID. */
  listen(): Promise<BoundAddress>
  /** What an operator should mend although it listens, e.g. TLS files that do not fit; null where there is nothing. */
  problem(): string | null
  /** Takes nothing new, lets requests in flight finish, and cuts what is left after `deadline_ms`. Safe to repeat. */
  drain(deadline_ms: number): Promise<void>
}

/** Whether only this machine reaches a listener on `host`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

/** Throws CONFIG_INVALID where the whole network could write into our only project. `path` is that of the host's key. */
export function requireKeysBeyondLoopback(host: string, keyring: Keyring, path: string): void {
  if (!keyring.open || isLoopback(host)) return
  throw new CodedError(
    'CONFIG_INVALID',
    `${path} is ${host}, which other machines reach, but no API keys are configured. ` +
      'Make one with `evalforge keys create <project>`, or listen on 127.0.0.1.',
  )
}

/** PORT_BUSY, or CONFIG_INVALID for a host that cannot be listened on. `path` is that of the listener's section. */
export function listenError(
  cause: unknown,
  { host, port, path }: { host: string; port: number; path: string },
): CodedError {
  const code = (cause as NodeJS.ErrnoException)?.code
  if (code === 'EADDRINUSE') {
    return new CodedError('PORT_BUSY', `Another program listens on ${host}:${port}; choose another ${path}.port.`, {
      cause,
    })
  }
  return new CodedError('CONFIG_INVALID', `Cannot listen on ${host}:${port} (${path}): ${code ?? 'unknown reason'}.`, {
    cause,
  })
}

/** For the line that a listener logs when it starts. */
export function accessNote(keyring: Keyring): string {
  return keyring.open
    ? 'no API keys are configured: only this machine can send, and everything goes to project default'
    : 'API keys are required'
}
