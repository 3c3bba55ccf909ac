import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import { CodedError } from './errors.ts'
import type { Metrics } from './metrics.ts'
import { loadTls, type TlsConfig, type TlsMaterial } from './tls.ts'

const POLL_MS = 2_000
const SOON_MS = 14 * 86_400_000

export interface TlsReload {
  /** What is in force. */
  current(): TlsMaterial
  /** Why the files as they are now are not in force; null where they are. */
  problem(): string | null
  stop(): void
}

export interface TlsReloadOptions {
  readonly config: TlsConfig
  /** Of the section in evalforge.yaml. */
  readonly path: string
  /** Called with what is in force from now on. */
  readonly onChange: (material: TlsMaterial) => void
  readonly deps: {
    readonly clock: Clock
    readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
    readonly metrics: Pick<Metrics, 'tlsCertificateExpiry' | 'tlsReloadFailed'>
  }
}

/**
 * Loads certificate and key, and again when the files change; content is compared, so that links and renames count as well.
 * Files that do not fit leave the old ones in force. Throws CONFIG_INVALID where there are none to begin with.
 */
export function watchTls({ config, path, onChange, deps }: TlsReloadOptions): TlsReload {
  const { clock, log, metrics } = deps
  const first = loadTls(config, path)
  if (!first.ok) throw new CodedError('CONFIG_INVALID', describe(first.problems))
  const stopping = new AbortController()
  let current = first.material
  let problem: string | null = null
  let seen: string | null = null
  note()
  warnOfEnd()

  function warnOfEnd() {
    const { expires_at } = current
    if (expires_at - clock.now() > SOON_MS) return
    const ends = expires_at > clock.now() ? 'a certificate expires soon' : 'a certificate has expired'
    log.warn({ component: path, cert_file: config.cert_file, expires_at: new Date(expires_at).toISOString() }, ends)
  }

  function note() {
    metrics.tlsCertificateExpiry.set({ listener: path }, current.expires_at / 1000)
    metrics.tlsReloadFailed.set({ listener: path }, problem === null ? 0 : 1)
  }

  function look() {
    const loaded = loadTls(config, path)
    if (loaded.ok) return take(loaded.material)
    const found = describe(loaded.problems)
    // Files are replaced one after the other: what does not fit yet may fit at the next look.
    if (found === seen && problem !== found) {
      problem = found
      log.error({ component: path, reason: found }, 'TLS files do not fit; the old ones stay in force')
    }
    seen = found
  }

  function take(material: TlsMaterial) {
    seen = null
    problem = null
    if (isSame(material, current)) return
    onChange(material)
    current = material
    log.info({ component: path, expires_at: new Date(material.expires_at).toISOString() }, 'TLS files reloaded')
    warnOfEnd()
  }

  async function poll() {
    while (!stopping.signal.aborted) {
      await clock.sleep(POLL_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      look()
      note()
    }
  }
  void poll()

  return { current: () => current, problem: () => problem, stop: () => stopping.abort() }
}

function describe(problems: readonly { readonly path: string; readonly message: string }[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}`).join(' ')
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const equal = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b))
  return equal(one.cert, other.cert) && equal(one.key, other.key) && equal(one.client_ca, other.client_ca)
}
