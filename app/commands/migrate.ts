import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { withOfflineInstance } from '../offline.ts'
import { askRunning } from '../running.ts'

export async function runMigrate(context: CommandContext): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  if (await askRunning(config, '/health')) {
    console.log('EvalForge is running here; it brought its tables up to date when it started.')
    return
  }
  const applied = await withOfflineInstance(config, ({ migrate }) => migrate())
  console.log(applied.length === 0 ? 'The tables are up to date.' : `Applied ${applied.join(', ')}.`)
}
