import { keyId } from '../../core/api-keys.ts'
import { loadTls } from '../../core/tls.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, ConfigError, loadConfig, parseConfig } from '../config.ts'
import { exposureWarnings, listenersOf } from '../listeners.ts'
import { type Check, type Finding, finding } from './check.ts'

const DAY_MS = 86_400_000
const SOON_MS = 14 * DAY_MS

/** The configuration, or the defaults where it is not valid, so that everything else can still be looked at. */
export function readConfiguration(context: CommandContext): { config: Config; findings: readonly Finding[] } {
  const name = 'configuration'
  try {
    const config = loadConfig(context.file, context.overrides)
    return { config, findings: [finding('ok', name, `${context.file.path} is valid, or absent`)] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const advice = `Mend it in ${context.file.path}; a running instance goes on with what it has.`
    const findings = error.problems.map(({ path, message }) =>
      finding('fail', name, `${path || '(top level)'}: ${message}`, advice),
    )
    return { config: withoutFile(context), findings }
  }
}

function withoutFile({ overrides }: CommandContext): Config {
  try {
    return parseConfig({}, overrides)
  } catch {
    return parseConfig({})
  }
}

export function configurationChecks(config: Config, now: number): readonly Check[] {
  return [
    { name: 'exposure', limit_ms: 1_000, run: async () => checkExposure(config) },
    { name: 'keys', limit_ms: 1_000, run: async () => checkKeys(config.keys, now) },
    { name: 'certificates', limit_ms: 2_000, run: async () => checkCertificates(config, now) },
  ]
}

function checkExposure(config: Config): readonly Finding[] {
  const warnings = exposureWarnings(config)
  if (warnings.length === 0) return [finding('ok', 'exposure', 'nothing travels in clear beyond this machine')]
  return warnings.map((warning) => {
    const [what = warning, ...advice] = warning.split(': ')
    return finding('warn', 'exposure', what, advice.join(': '))
  })
}

export function checkKeys(keys: Config['keys'], now: number): readonly Finding[] {
  const name = 'keys'
  if (keys === undefined) return [finding('ok', name, 'none: this machine only, project default')]
  if (keys.length === 0)
    return [finding('warn', name, 'an empty list: nobody can send', 'Make one with `evalforge keys create <project>`.')]
  const findings = keys.flatMap(({ sha256, project, expires_at }): Finding[] => {
    if (expires_at === undefined) return []
    const left = Date.parse(expires_at) - now
    const what = `key ${keyId(sha256)} of ${project}`
    if (left <= 0)
      return [
        finding(
          'warn',
          name,
          `${what} expired at ${expires_at}`,
          `Its senders get 401: \`evalforge keys rotate ${keyId(sha256)}\`, or revoke it.`,
        ),
      ]
    if (left > SOON_MS) return []
    return [
      finding(
        'warn',
        name,
        `${what} expires ${inDays(left)}`,
        `\`evalforge keys rotate ${keyId(sha256)}\` gives its senders a new one.`,
      ),
    ]
  })
  return findings.length > 0 ? findings : [finding('ok', name, `${keys.length}, none expired or about to`)]
}

function inDays(ms: number): string {
  const days = Math.ceil(ms / DAY_MS)
  return days === 1 ? 'within a day' : `in ${days} days`
}

function checkCertificates(config: Config, now: number): readonly Finding[] {
  const name = 'certificates'
  return listenersOf(config).flatMap(({ path, tls }): readonly Finding[] => {
    if (tls === undefined) return []
    const loaded = loadTls(tls, `${path}.tls`)
    if (!loaded.ok) {
      const advice = 'Mend the files; a running instance goes on with those it has and reads them within seconds.'
      return loaded.problems.map((problem) => finding('fail', name, `${problem.path}: ${problem.message}`, advice))
    }
    const left = loaded.material.expires_at - now
    const what = `${path}.tls.cert_file`
    const advice = `Put a new one at ${tls.cert_file}; it is read within seconds.`
    if (left <= 0) return [finding('fail', name, `${what} expired`, advice)]
    if (left < SOON_MS) return [finding('warn', name, `${what} expires ${inDays(left)}`, advice)]
    return [finding('ok', name, `${what} is good for ${Math.floor(left / DAY_MS)} days`)]
  })
}
