import { stringify } from 'yaml'
import type { CommandContext } from '../command-context.ts'
import { configSchema, loadConfig } from '../config.ts'
import { describeSettings } from '../config-reference.ts'
import { requireTlsFiles } from '../tls-files.ts'

export async function check(context: CommandContext): Promise<void> {
  requireTlsFiles(loadConfig(context.file, context.overrides), context.file.path)
  console.log(`${context.file.path} is valid.`)
}

export async function print(context: CommandContext, options: { describe: boolean }): Promise<void> {
  if (options.describe) console.log(describeSettings(configSchema))
  else console.log(stringify(loadConfig(context.file, context.overrides)).trimEnd())
}
