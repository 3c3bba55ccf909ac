import { randomBytes } from 'node:crypto'
import { existsSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { isSeq, YAMLSeq } from 'yaml'
import { createApiKey, projectName } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { ConfigError, loadConfig, parseConfig, readConfigDocument } from '../config.ts'

/** Adds the hash to the file, keeping its comments and order; the key itself is shown once and kept nowhere. */
export async function createKey(context: CommandContext, options: { project: string; name: string }): Promise<void> {
  const project = projectName.safeParse(options.project)
  if (!project.success)
    throw new CodedError(
      'CONFIG_INVALID',
      `${options.project} is not a project name. ${project.error.issues[0]?.message ?? ''}`,
    )
  const { path } = context.file
  const document = readConfigDocument({ path, required: false })
  const { key, sha256 } = createApiKey(randomBytes)
  const entry = {
    ...(options.name !== '' && { name: options.name }),
    project: project.data,
    sha256,
    created_at: new Date(systemClock.now()).toISOString(),
  }
  if (document.contents === null) document.contents = document.createNode({}) as never
  const present = document.get('keys') ?? null
  if (present !== null && !isSeq(present))
    throw new ConfigError(path, [{ path: 'keys', message: 'must be a list; nothing was changed.' }])
  if (present === null) document.set('keys', new YAMLSeq())
  document.addIn(['keys'], document.createNode(entry))
  parseConfig(document.toJS(), {}, path)
  replaceFile(path, document.toString())
  console.log(key)
  console.error(
    `\nThis key is shown once. Everything sent with it belongs to project ${project.data}; ${path} keeps its SHA-256 only.`,
  )
  console.error('Restart EvalForge, then set in the sending app:')
  console.error(`  OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${key.slice(0, 6)}…"`)
}

/** At once or not at all, whatever interrupts it; through a link, not in its place. */
function replaceFile(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path
  const fresh = `${target}.new`
  try {
    writeFileSync(fresh, text, { mode: 0o600 })
    renameSync(fresh, target)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new ConfigError(path, [{ path: '', message: `cannot be written (${reason}); no key was made.` }])
  }
}

export async function listKeys(context: CommandContext): Promise<void> {
  const { keys } = loadConfig(context.file, context.overrides)
  if (keys.length === 0) {
    console.log('No keys: collectors listen on loopback only, and everything belongs to project default.')
    return
  }
  for (const { project, name, sha256, created_at } of keys)
    console.log([project, sha256.slice(0, 12), created_at ?? '-', name ?? ''].join('\t').trimEnd())
}
