import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isSeq, parseDocument, YAMLSeq } from 'yaml'
import { createApiKey, projectName } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig, parseConfig } from '../config.ts'

/** Adds the hash to the file, keeping its comments and order; the key itself is shown once and kept nowhere. */
export async function createKey(context: CommandContext, options: { project: string; name: string }): Promise<void> {
  const project = projectName.safeParse(options.project)
  if (!project.success)
    throw new CodedError(
      'CONFIG_INVALID',
      `${options.project} is not a project name. ${project.error.issues[0]?.message ?? ''}`,
    )
  const { path } = context.file
  const document = parseDocument(existsSync(path) ? readFileSync(path, 'utf8') : '')
  const { key, sha256 } = createApiKey(randomBytes)
  const entry = {
    ...(options.name !== '' && { name: options.name }),
    project: project.data,
    sha256,
    created_at: new Date(systemClock.now()).toISOString(),
  }
  if (document.contents === null) document.contents = document.createNode({}) as never
  if (!isSeq(document.get('keys'))) document.set('keys', new YAMLSeq())
  document.addIn(['keys'], document.createNode(entry))
  parseConfig(document.toJS(), {}, path)
  const fresh = `${path}.new`
  writeFileSync(fresh, document.toString(), { mode: 0o600 })
  renameSync(fresh, path)
  console.log(key)
  console.error(
    `\nThis key is shown once. Everything sent with it belongs to project ${project.data}; ${path} keeps its SHA-256 only.`,
  )
  console.error('Restart EvalForge, then set in the sending app:')
  console.error(`  OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${key.slice(0, 6)}…"`)
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
