import { loadTls } from '../core/tls.ts'
import { type Config, ConfigError } from './config.ts'
import { listenersOf } from './exposure.ts'

/** Reads the TLS files of all listeners. Throws ConfigError with everything that is wrong with them, by path. */
export function requireTlsFiles(config: Config, source: string): void {
  const problems = listenersOf(config).flatMap(({ path, tls }) => {
    const loaded = tls && loadTls(tls, `${path}.tls`)
    return loaded === undefined || loaded.ok ? [] : loaded.problems
  })
  if (problems.length > 0) throw new ConfigError(source, problems)
}
