import { createHash } from 'node:crypto'
import type { Judge } from '../judge.ts'
import { type Bundle, readBundle } from './bundle.ts'
import type { CustomJudgeEntry } from './custom-config.ts'
import {
  type CustomJudgeFailure,
  type CustomJudgeHealth,
  type CustomJudgeOptions,
  createCustomJudge,
  createCustomTraceJudge,
} from './custom-judge.ts'
import type { CustomJudgeLane, LaneJudge } from './lane.ts'

/** Failures in a row after which a judge is not asked any more. */
export const MAX_STRIKES = 3

export interface DisabledJudge {
  readonly name: string
  readonly code: CustomJudgeFailure | 'CUSTOM_JUDGE_UNAVAILABLE'
  readonly problem: string
}

/** The users' judges of all configurations in use. */
export interface CustomJudges {
  /** The enabled ones among the entries, in their order. One whose code is gone is disabled, and told. */
  spanJudges(entries: readonly CustomJudgeEntry[]): readonly Judge[]
  traceJudges(entries: readonly CustomJudgeEntry[]): readonly ReturnType<typeof createCustomTraceJudge>[]
  /** Another configuration comes, with these entries: what was disabled has another chance. */
  renew(entries: readonly CustomJudgeEntry[]): void
  disabled(): readonly DisabledJudge[]
  close(): Promise<void>
}

export interface CustomJudgesOptions {
  readonly lane: CustomJudgeLane
  /** Text of the bundle with this hash; null where it is gone. */
  readonly bundleText: (sha256: string) => string | null
  /** Told of every failure, and of every judge that is disabled by one. */
  readonly onFailure?: (failure: DisabledJudge, disabled: boolean) => void
}

const GONE = 'its code could not be loaded when the configuration was put in force, or was deleted since'

interface State {
  readonly name: string
  strikes: number
  disabled: DisabledJudge | null
}

export function createCustomJudges({ lane, bundleText, onFailure }: CustomJudgesOptions): CustomJudges {
  const states = new Map<string, State>()
  let unavailable: readonly DisabledJudge[] = []

  function healthOf(id: string, name: string): CustomJudgeHealth {
    const state: State = states.get(id) ?? { name, strikes: 0, disabled: null }
    states.set(id, state)
    return {
      isDisabled: () => state.disabled !== null,
      answered() {
        state.strikes = 0
      },
      failed(code, problem) {
        state.strikes++
        const failure = { name, code, problem }
        if (state.strikes >= MAX_STRIKES) state.disabled = failure
        onFailure?.(failure, state.disabled !== null)
      },
    }
  }

  function loaded(entry: CustomJudgeEntry): { text: string; bundle: Bundle } | null {
    const text = entry.sha256 === undefined ? null : bundleText(entry.sha256)
    try {
      if (text !== null) return { text, bundle: readBundle(JSON.parse(text)) }
    } catch {}
    return null
  }

  function optionsOf(entries: readonly CustomJudgeEntry[], unit: 'span' | 'trace'): readonly CustomJudgeOptions[] {
    return entries.flatMap((entry) => {
      const found = entry.enabled ? loaded(entry) : null
      if (found === null || found.bundle.manifest.unit !== unit) return []
      const { config, time_limit_ms, memory_limit_mb, sha256 } = entry
      const what = JSON.stringify([entry.name, sha256, config, time_limit_ms, memory_limit_mb])
      const id = createHash('sha256').update(what).digest('hex')
      const judge: LaneJudge = { id, bundle: found.text, config, time_limit_ms, memory_limit_mb }
      lane.open(judge)
      return [{ entry, manifest: found.bundle.manifest, lane, judge, health: healthOf(id, entry.name) }]
    })
  }

  return {
    spanJudges: (entries) => optionsOf(entries, 'span').map(createCustomJudge),
    traceJudges: (entries) => optionsOf(entries, 'trace').map(createCustomTraceJudge),
    renew(entries) {
      unavailable = entries
        .filter((entry) => entry.enabled && loaded(entry) === null)
        .map(({ name }) => ({ name, code: 'CUSTOM_JUDGE_UNAVAILABLE', problem: GONE }))
      for (const state of states.values()) {
        state.strikes = 0
        state.disabled = null
      }
      for (const failure of unavailable) onFailure?.(failure, true)
    },
    disabled: () => [
      ...unavailable,
      ...[...states.values()].flatMap(({ disabled }) => (disabled === null ? [] : [disabled])),
    ],
    close: () => lane.close(),
  }
}
