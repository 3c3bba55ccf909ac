import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

const PREFIX = 'EVALFORGE_'
const FILE = '.env'

/**
 * Lays EVALFORGE_* of `.env` in the working directory under the environment. Nothing else is taken: such a file often
 * belongs to the app beside us, and holds secrets that are not ours.
 */
export function readEnvironmentFile(environment: NodeJS.ProcessEnv, file = FILE): void {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return
  }
  for (const [name, value] of Object.entries(parseEnv(text)))
    if (name.startsWith(PREFIX) && environment[name] === undefined && value !== '') environment[name] = value
}
