import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isMap, parseDocument } from 'yaml'
import { z } from 'zod'
import { otlpGrpcConfig } from '../collectors/otlp-grpc/otlp-grpc.ts'
import { apiKeyEntries } from '../core/api-keys.ts'
import { CodedError } from '../core/errors.ts'
import { httpDoorConfig } from '../core/http-door.ts'
import { ingestLimits } from '../core/ingest-limits.ts'
import { rateLimits } from '../core/rate-limits.ts'
import { tlsConfig } from '../core/tls.ts'
import { judgesConfig } from '../judges/catalogue.ts'
import { type ConfigProblem, formatPath } from './config-problem.ts'
import { customJudgesProblem } from './custom-entries.ts'
import { exposureProblems } from './exposure.ts'
import { patternSetsProblem } from './judge-sets.ts'
import { LOG_LEVELS } from './logger.ts'
import { projectProblems, projectsConfig } from './project-settings.ts'
import { telemetryConfig } from './telemetry-config.ts'

const DAY_MS = 86_400_000
/** Of what becomes a version on the log, where many are kept. */
const MAX_LIVE_BYTES = 1 << 20
const port = z.number().int().min(0).max(65_535)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits.')

/** The whole of evalforge.yaml. Every default works on one machine without any server. */
export const configSchema = z.strictObject({
  data_dir: z.string().min(1).default('.evalforge').describe('Everything EvalForge keeps on this machine.'),
  log_level: z.enum(LOG_LEVELS).default('info').describe('Least severe line that is written to stderr.'),
  shutdown_timeout_ms: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('Time each process gets to finish.'),
  keys: apiKeyEntries
    .optional()
    .describe(
      'API keys of senders; `evalforge keys create <project>` adds one. Left out, senders on this machine need none; an empty list lets nobody in.',
    ),
  ingest: z
    .strictObject({
      otlp_http: httpDoorConfig.prefault({}),
      otlp_grpc: otlpGrpcConfig.prefault({}),
      limits: ingestLimits.prefault({}),
      rate_limits: rateLimits.prefault({}),
    })
    .prefault({}),
  log: z
    .strictObject({
      retention_ms: z
        .number()
        .int()
        .min(60_000)
        .default(7 * DAY_MS)
        .describe('Age at which log segments are deleted.'),
      retention_bytes: z
        .number()
        .int()
        .min(1 << 20)
        .default(20 * 2 ** 30)
        .describe('Size of the whole log, a quarter of it for what the chain writes.'),
      segment_bytes: z
        .number()
        .int()
        .min(1 << 16)
        .default(128 << 20)
        .describe('Size of one segment file.'),
    })
    .prefault({}),
  pipeline: z
    .strictObject({
      max_batch_spans: z.number().int().min(1).max(100_000).default(10_000).describe('Spans of one insert.'),
      flush_interval_ms: z.number().int().min(10).max(60_000).default(500).describe('Longest wait before an insert.'),
      content_wait_ms: z
        .number()
        .int()
        .min(0)
        .max(600_000)
        .default(2_000)
        .describe('How long spans and their log records wait for each other before they are joined.'),
      trace_idle_ms: z
        .number()
        .int()
        .min(100)
        .max(86_400_000)
        .default(30_000)
        .describe('A trace is complete when nothing came in for it for so long.'),
      ledger_interval_ms: z.number().int().min(1_000).default(60_000).describe('How often the reconciler looks.'),
      ledger_share: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe('Share of committed ranges the reconciler re-reads.'),
    })
    .prefault({}),
  judges: judgesConfig.prefault({}),
  projects: projectsConfig,
  deliver: z
    .strictObject({
      llm_spans: z.boolean().default(false).describe('Write judged spans to the topic llm_spans.'),
      evaluations: z.boolean().default(false).describe('Write tier-1 evaluations to the topic evaluations.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      retention_days: z.number().int().min(1).max(3_650).default(90).describe('Rows older than this are deleted.'),
      readers: z.number().int().min(2).max(8).default(3).describe('Queries answered at once.'),
      spool_dir: z
        .string()
        .default('')
        .describe('Where row files wait for the store; empty: memory file system if there is one.'),
      http: z
        .strictObject({
          host: z
            .string()
            .min(1)
            .default('127.0.0.1')
            .describe('Where ClickHouse HTTP listens; loopback unless a key is set.'),
          port: port.default(8123),
          tls: tlsConfig.optional(),
          reader_key_sha256: sha256.optional().describe('SHA-256 of the password readers must present.'),
          writer_key_sha256: sha256
            .optional()
            .describe('SHA-256 of the password of user `writer`; without it nobody writes.'),
        })
        .prefault({}),
    })
    .prefault({}),
  admin: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Where health, readiness and metrics are served.'),
      port: port.default(9464),
    })
    .prefault({}),
  telemetry: telemetryConfig.prefault({}),
})

export type Config = z.infer<typeof configSchema>

export class ConfigError extends CodedError {
  readonly problems: readonly ConfigProblem[]
  constructor(source: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path || '(top level)'}: ${message}`)
    super('CONFIG_INVALID', `${source} is not valid:\n${lines.join('\n')}`)
    this.problems = problems
  }
}

/** Settings from the command line and the environment, by dotted path; they win over the file. */
export type Overrides = Readonly<Record<string, string | number | boolean>>

/**
 * Reads evalforge.yaml, lays `overrides` over it and checks everything at once. Throws ConfigError with all problems and
 * their paths. A file that was not named may be absent.
 */
export function loadConfig(file: { path: string; required: boolean }, overrides: Overrides = {}): Config {
  return parseConfig(readConfigValues(file), overrides, file.path)
}

/** What stands in the file, not checked yet; {} where it may be absent. Throws ConfigError where it cannot be read. */
export function readConfigValues(file: { path: string; required: boolean }): unknown {
  return plainValues(readConfigDocument(file), file.path)
}

/** The file as a tree that keeps comments, empty where it may be absent. Throws ConfigError where it is no YAML mapping. */
export function readConfigDocument(file: { path: string; required: boolean }): Document {
  const document: Document = parseDocument(readIfPresent(file), { prettyErrors: true, uniqueKeys: true })
  if (document.errors.length > 0)
    throw new ConfigError(
      file.path,
      document.errors.map((error) => ({ path: '', message: error.message.split('\n')[0] ?? error.message })),
    )
  if (document.contents !== null && !isMap(document.contents))
    throw new ConfigError(file.path, [{ path: '', message: 'must hold settings, each as `name: value`.' }])
  return document
}

/** References that multiply beyond a hundred copies are refused by the parser, not followed. */
function plainValues(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (cause) {
    throw new ConfigError(source, [{ path: '', message: `cannot be read: ${(cause as Error).message}` }])
  }
}

export function parseConfig(values: unknown, overrides: Overrides = {}, source = 'The configuration'): Config {
  const raw = structuredClone(values) as Record<string, unknown>
  for (const [path, value] of Object.entries(overrides)) setPath(raw, path.split('.'), value)
  const parsed = configSchema.safeParse(raw)
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => ({ path: formatPath(issue.path), message: issue.message })),
    ...projectProblems(raw),
    ...exposureProblems(raw),
  ]
  if (!parsed.success || problems.length > 0) throw new ConfigError(source, problems)
  const tooMany = patternSetsProblem(parsed.data)
  if (tooMany !== '') throw new ConfigError(source, [{ path: 'projects', message: tooMany }])
  const tooManyOwn = customJudgesProblem(parsed.data)
  if (tooManyOwn !== '') throw new ConfigError(source, [{ path: 'projects', message: tooManyOwn }])
  const size = Buffer.byteLength(JSON.stringify([parsed.data.judges, parsed.data.projects, parsed.data.keys]))
  if (size > MAX_LIVE_BYTES) {
    const message = `judges, projects and keys are ${size} bytes as JSON, and at most ${MAX_LIVE_BYTES} are kept as a version.`
    throw new ConfigError(source, [{ path: '', message }])
  }
  return { ...parsed.data, data_dir: resolve(parsed.data.data_dir) }
}

function readIfPresent(file: { path: string; required: boolean }): string {
  try {
    return readFileSync(file.path, 'utf8')
  } catch (cause) {
    if (!file.required && (cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new ConfigError(file.path, [{ path: '', message: `cannot be read: ${(cause as Error).message}` }])
  }
}

function setPath(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const next = target[head]
  // A copy: what a YAML alias names is one object in several places.
  const inner = typeof next === 'object' && next !== null ? { ...next } : {}
  target[head] = inner
  setPath(inner as Record<string, unknown>, rest, value)
}
