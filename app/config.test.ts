import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, parseConfig } from './config.ts'
import { judgesOfProject } from './project-settings.ts'

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path)
    throw error
  }
  return []
}

describe('configuration', () => {
  it('needs nothing', () => {
    const config = parseConfig({})
    expect(config.ingest.otlp_http).toMatchObject({ host: '127.0.0.1', port: 4318 })
    expect(config.ingest.otlp_grpc.port).toBe(4317)
    expect(config.store.http).toMatchObject({ host: '127.0.0.1', port: 8123 })
    expect(config.admin.port).toBe(9464)
  })

  it('changes one place where a YAML alias stands in two', () => {
    const shared = { body_grace_ms: 9_000 }
    const { ingest } = parseConfig(
      { ingest: { otlp_http: shared, otlp_grpc: shared } },
      { 'ingest.otlp_http.port': 1, 'ingest.otlp_grpc.port': 2 },
    )
    expect(ingest).toMatchObject({ otlp_http: { port: 1, ...shared }, otlp_grpc: { port: 2, ...shared } })
  })

  it('names every problem at once, with its path', () => {
    const values = {
      keys: [{ project: 'Bad Name', sha256: 'x' }],
      store: { readers: 99, http: { host: '192.0.2.1' } },
      unknown: 1,
      judges: { pii: { enabled: 'maybe' } },
      ingest: { otlp_http: { host: '0.0.0.0', port: 'x' } },
    }
    expect(problemsOf(() => parseConfig(values)).toSorted()).toEqual(
      [
        '',
        'ingest.otlp_http.port',
        'judges.pii.enabled',
        'keys[0].project',
        'keys[0].sha256',
        'store.http.host',
        'store.readers',
      ].toSorted(),
    )
  })

  it.each([
    [{ ingest: { otlp_http: { host: '0.0.0.0' } } }, 'ingest.otlp_http.host'],
    [{ ingest: { otlp_grpc: { host: '::' } } }, 'ingest.otlp_grpc.host'],
    [{ store: { http: { host: '192.0.2.1' } } }, 'store.http.host'],
  ])('opens nothing to the network without a key: %j', (values, path) => {
    expect(problemsOf(() => parseConfig(values))).toEqual([path])
  })

  it('opens to the network with keys', () => {
    const sha256 = 'a'.repeat(64)
    const values = {
      keys: [{ project: 'shop', sha256 }],
      ingest: { otlp_http: { host: '0.0.0.0' }, otlp_grpc: { host: '0.0.0.0' } },
      store: { http: { host: '0.0.0.0', reader_key_sha256: sha256 } },
    }
    expect(problemsOf(() => parseConfig(values))).toEqual([])
  })

  it('lets flags win over the file, by path', () => {
    const config = parseConfig({ admin: { port: 1 } }, { 'admin.port': 2, 'ingest.otlp_http.port': 3 })
    expect([config.admin.port, config.ingest.otlp_http.port]).toEqual([2, 3])
  })

  it('starts without a file unless one was named', () => {
    const path = 'no-such-file.yaml'
    expect(loadConfig({ path, required: false }).keys).toBeUndefined()
    expect(problemsOf(() => loadConfig({ path, required: true }))).toEqual([''])
  })

  it('checks what is different for a project laid over what is common, and names each problem once', () => {
    const values = {
      judges: { pii: { enabled: 'maybe' }, refusal: { severity: 'low' } },
      projects: {
        shop: { judges: { refusal: { enabled: false } } },
        desk: {
          judges: { pii: { patterns: [{ id: 'x', source: '(?=look)' }] }, colour: {} },
          rate_limits: { burst_seconds: 0 },
        },
        'Bad Name': {},
        list: { judges: [] },
      },
    }
    expect(problemsOf(() => parseConfig(values)).toSorted()).toEqual([
      'judges.pii.enabled',
      'projects.Bad Name',
      'projects.desk.judges',
      'projects.desk.judges.pii.patterns[0].source',
      'projects.desk.rate_limits.burst_seconds',
      'projects.list.judges',
    ])
  })

  it('lays mappings of a project over the common ones and replaces lists', () => {
    const config = parseConfig({
      judges: { pii: { allow: ['a@x.example'], severities: { email: 'low' } }, refusal: { severity: 'low' } },
      projects: { shop: { judges: { pii: { allow: ['b@x.example'], severities: { phone: 'none' } } } } },
    })
    const { pii, refusal } = judgesOfProject(config, 'shop')
    expect([pii.allow, pii.severities, refusal.severity]).toEqual([
      ['b@x.example'],
      { email: 'low', phone: 'none' },
      'low',
    ])
    expect(judgesOfProject(config, 'desk')).toBe(config.judges)
    expect(judgesOfProject(config, '__proto__')).toBe(config.judges)
  })

  it('bounds what becomes a version', () => {
    const allow = Array.from({ length: 120 }, () => 'x'.repeat(10_000))
    expect(problemsOf(() => parseConfig({ judges: { pii: { allow } } }))).toEqual([''])
  })

  it('is safe from keys such as __proto__', () => {
    expect(problemsOf(() => parseConfig(JSON.parse('{"__proto__": {"polluted": 1}}')))).not.toEqual([])
    const project =
      '{"projects": {"a": {"judges": {"__proto__": {"polluted": 1}, "pii": {"__proto__": {"polluted": 1}}}}}}'
    expect(problemsOf(() => parseConfig(JSON.parse(project)))).not.toEqual([])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it.each([
    ['a text', 'hello'],
    ['a list', '[1]'],
    ['bytes', '\u0000\u0001'],
    ['no YAML', 'keys: [\n  a: b: c'],
    ['the same key twice', 'admin: {}\nadmin: {}'],
    ['references that multiply', bomb()],
    ['brackets without end', '['.repeat(20_000)],
  ])('refuses a file that holds %s, also with flags laid over it', (_, text) => {
    const directory = mkdtempSync(join(tmpdir(), 'evalforge-config-'))
    try {
      const path = join(directory, 'evalforge.yaml')
      writeFileSync(path, text)
      expect(problemsOf(() => loadConfig({ path, required: true }, { 'admin.port': 2 }))).toContain('')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

/** Nine levels of nine references: 9^9 values. */
function bomb(): string {
  const levels = [...'bcdefghij'].map((name, index) => {
    const before = `*${'abcdefghij'[index]}`
    return `${name}: &${name} [${Array(9).fill(before).join(', ')}]`
  })
  return ['a: &a [x, x]', ...levels].join('\n')
}
