import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { withOfflineInstance } from '../offline.ts'
import { isRunning } from '../operate.ts'

export async function runMigrate(context: CommandContext): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  if (await isRunning(config)) {
    console.log('EvalForge is running here; it brought its tables up to date when it started.')
    return
  }
  const applied = await withOfflineInstance(config, ({ migrate }) => migrate())
  console.log(applied.length === 0 ? 'The tables are up to date.' : `Applied ${applied.join(', ')}.`)
}
