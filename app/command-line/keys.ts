import { type Command, InvalidArgumentError } from 'commander'
import { KEY_SCOPES, type KeyScope } from '../../core/api-keys.ts'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { parseDuration } from './durations.ts'
import { withFiles, withPorts } from './flags.ts'

const DAY_MS = 86_400_000

function addScope(text: string, before: readonly KeyScope[] = []): readonly KeyScope[] {
  const scope = KEY_SCOPES.find((known) => known === text)
  if (scope === undefined) throw new InvalidArgumentError(`A scope is one of ${KEY_SCOPES.join(', ')}.`)
  return before.includes(scope) ? before : [...before, scope]
}

interface CreateFlags extends CommonFlags {
  readonly name?: string
  readonly expires?: number
  readonly scope?: readonly KeyScope[]
}

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('API keys of senders; a running instance follows at once')
  withPorts(
    keys
      .command('create <project>')
      .description('make a key, print it once, and keep its SHA-256 in the configuration'),
  )
    .option('--name <name>', 'who uses it')
    .option('--expires <duration>', 'after this it lets nobody in: 12h, 90d, 52w (default: never)', parseDuration)
    .option('--scope <scope>', `what may be sent with it: ${KEY_SCOPES.join(', ')}; repeat for several`, addScope)
    .action(async (project: string, { name = '', expires, scope, ...flags }: CreateFlags) =>
      (await import('../commands/keys.ts')).createKey(contextOf(flags), {
        project,
        name,
        ...(expires !== undefined && { expires_in_ms: expires }),
        ...(scope && { scopes: scope }),
      }),
    )
  withFiles(keys.command('list').description('ids, projects, scopes, ends; keys themselves are not kept'))
    .option('--json', 'print one object')
    .action(async (flags: CommonFlags & { json?: boolean }) =>
      (await import('../commands/keys.ts')).listKeys(contextOf(flags), { json: flags.json === true }),
    )
  withPorts(
    keys
      .command('rotate <id>')
      .description('make a key of the same rights, print it once, and let the old one expire after the grace'),
  )
    .option('--grace <duration>', 'how long the old key still works: 0s, 30m, 24h, 7d', parseDuration, DAY_MS)
    .action(async (id: string, { grace, ...flags }: CommonFlags & { grace: number }) =>
      (await import('../commands/keys.ts')).rotateKey(contextOf(flags), { id, grace_ms: grace }),
    )
  withPorts(keys.command('revoke <id>').description('refuse a key from now on, and forget it')).action(
    async (id: string, flags: CommonFlags) => (await import('../commands/keys.ts')).revokeKey(contextOf(flags), { id }),
  )
}
