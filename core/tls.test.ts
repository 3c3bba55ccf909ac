import { X509Certificate } from 'node:crypto'
import { Registry } from 'prom-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { aCertificate, anAuthority, aTlsDirectory, type Pair } from '../tests/certificates.ts'
import type { Clock } from './clock.ts'
import { createMetrics } from './metrics.ts'
import { loadTls, type TlsConfig, type TlsMaterial, tlsConfig } from './tls.ts'
import { watchTls } from './tls-reload.ts'

const PATH = 'ingest.otlp_http.tls'
let authority: Pair
let pair: Pair
let other: Pair

beforeAll(async () => {
  authority = await anAuthority()
  pair = await aCertificate(authority)
  other = await aCertificate(authority)
})

describe('loadTls', () => {
  it('takes a certificate, its key, and the authority of clients', () => {
    using directory = aTlsDirectory(pair)
    const client_ca_file = directory.write('ca.pem', authority.cert)
    const loaded = loadTls(tlsConfig.parse({ ...directory.files, client_ca_file }), PATH)
    expect(loaded).toMatchObject({ ok: true, material: { client_ca: Buffer.from(authority.cert) } })
    expect(loaded.ok && loaded.material.expires_at).toBeGreaterThan(Date.UTC(2026, 0, 1))
  })

  it('names everything that is wrong with the files, by path, and quotes none of them', () => {
    using directory = aTlsDirectory(pair)
    const config = {
      cert_file: directory.path('nowhere.pem'),
      key_file: directory.write('broken.pem', pair.key.replace(/\n.{20}/, '\nbroken')),
      client_ca_file: directory.write('empty.pem', 'nothing'),
    }
    const loaded = loadTls(config, PATH)
    expect(loaded).toMatchObject({ ok: false })
    const problems = loaded.ok ? [] : loaded.problems
    expect(problems.map(({ path }) => path)).toEqual(
      ['cert_file', 'key_file', 'client_ca_file'].map((setting) => `${PATH}.${setting}`),
    )
    const text = JSON.stringify(problems)
    for (const says of [
      'nowhere.pem cannot be read (ENOENT)',
      'broken.pem is not a private key',
      'empty.pem is not a list',
    ])
      expect(text).toContain(says)
    expect(text).not.toContain(pair.key.split('\n')[2])
  })

  it('says that a key is of another certificate, and that files were mixed up', () => {
    using directory = aTlsDirectory({ cert: pair.cert, key: other.key })
    const { cert_file, key_file } = directory.files
    const problemOf = (config: TlsConfig) => {
      const loaded = loadTls(config, PATH)
      return loaded.ok ? '' : loaded.problems.map(({ path, message }) => `${path} ${message}`).join('\n')
    }
    expect(problemOf({ cert_file, key_file })).toContain(`${PATH}.key_file ${key_file} is not the key of ${cert_file}`)
    const mixed = problemOf({ cert_file: key_file, key_file: cert_file })
    expect(mixed).toMatch(/tls\.cert_file .* is not a certificate in PEM[\s\S]*tls\.key_file .* is not a private key/)
  })
})

/** A clock whose sleeps end when the test says so. */
function aManualClock(now: number) {
  let wake = () => {}
  const clock: Clock = {
    now: () => now,
    monotonic: () => 0,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
  }
  return {
    clock,
    async tick() {
      wake()
      await new Promise(setImmediate)
    },
  }
}

describe('watchTls', () => {
  function start(config: TlsConfig, now = 0) {
    const { clock, tick } = aManualClock(now)
    const registry = new Registry()
    const changes: TlsMaterial[] = []
    const errors: string[] = []
    const warnings: string[] = []
    const log = {
      info: () => {},
      warn: (_: unknown, message?: string) => void warnings.push(message ?? ''),
      error: (fields: unknown) => void errors.push(JSON.stringify(fields)),
    }
    const deps = { clock, log, metrics: createMetrics(registry) }
    const reload = watchTls({ config, path: PATH, onChange: (material) => changes.push(material), deps })
    const failed = async () => /tls_reload_failed\{[^}]*\} (\d)/.exec(await registry.metrics())?.[1]
    return { reload, tick, changes, errors, warnings, failed }
  }

  it('puts changed files in force', async () => {
    using directory = aTlsDirectory(pair)
    const { reload, tick, changes, failed } = start(directory.files)
    await tick()
    expect(changes).toEqual([])
    directory.replace(other)
    await tick()
    expect(changes.map(({ cert }) => cert.toString())).toEqual([other.cert])
    expect(reload.current().key.toString()).toBe(other.key)
    expect([reload.problem(), await failed()]).toEqual([null, '0'])
    reload.stop()
  })

  it('keeps the old ones while the new ones do not fit, says so once, and heals', async () => {
    using directory = aTlsDirectory(pair)
    const { reload, tick, changes, errors, failed } = start(directory.files)
    directory.write('cert.pem', other.cert)
    await tick()
    // The key may be on its way.
    expect([errors.length, reload.problem()]).toEqual([0, null])
    await tick()
    await tick()
    expect(errors).toEqual([expect.stringContaining('is not the key of')])
    expect([reload.problem(), await failed()]).toEqual([expect.stringContaining(`${PATH}.key_file`), '1'])
    expect([changes, reload.current().cert.toString()]).toEqual([[], pair.cert])
    directory.write('key.pem', other.key)
    await tick()
    expect([reload.problem(), await failed(), changes.length]).toEqual([null, '0', 1])
    reload.stop()
  })

  it('warns of a certificate that has run out or is about to', () => {
    using directory = aTlsDirectory(pair)
    const expires_at = new X509Certificate(pair.cert).validToDate.getTime()
    const warningsAt = (now: number) => {
      const { reload, warnings } = start(directory.files, now)
      reload.stop()
      return warnings
    }
    const day = 86_400_000
    expect(warningsAt(expires_at - 15 * day)).toEqual([])
    expect(warningsAt(expires_at - 13 * day)).toEqual(['a certificate expires soon'])
    expect(warningsAt(expires_at)).toEqual(['a certificate has expired'])
  })

  it('does not begin with files that do not fit', () => {
    using directory = aTlsDirectory({ cert: pair.cert, key: other.key })
    const refused = { code: 'CONFIG_INVALID', message: expect.stringContaining(`${PATH}.key_file`) }
    expect(() => start(directory.files)).toThrow(expect.objectContaining(refused))
  })
})
