import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { isRunning, operate } from '../operate.ts'
import type { Rewound } from '../operations/groups.ts'
import { formatTime } from './columns.ts'

/** After the tables were lost: EvalForge reads the log again from `from_ms` (null: all of it) when it next starts. */
export async function rebuild(
  context: CommandContext,
  { from_ms, json }: { from_ms: number | null; json: boolean },
): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  if (await isRunning(config))
    throw new CodedError('GROUP_IN_USE', 'EvalForge runs and reads the log; nothing was changed.')
  const rewound = await operate<readonly Rewound[]>(config, 'group_rewind', { from_ms })
  if (json) return console.log(JSON.stringify(rewound))
  const records = rewound.reduce((sum, place) => sum + BigInt(place.records), 0n)
  const times = rewound.flatMap(({ oldest_ms }) => oldest_ms ?? [])
  const since = times.length > 0 ? `, received since ${formatTime(Math.min(...times))}` : ''
  console.log(`${records} records${since}, will be judged and stored again when EvalForge starts.`)
  console.log('What the tables already hold stays there once: the same span is the same row.')
}
