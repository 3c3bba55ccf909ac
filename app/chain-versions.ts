import type { Clock } from '../core/clock.ts'
import type { Chain, ChainVersion, ChainVersions, RangeIdentity } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { CustomJudges } from '../judges/custom/custom-judges.ts'
import type { ContentFact } from '../schemas/content-fact.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { JudgedUnit } from '../schemas/judged-unit.ts'
import type { RunnableVersion } from './config-topic.ts'
import { customEntries } from './custom-entries.ts'
import { createJudgeSets } from './judge-sets.ts'
import type { LiveConfig } from './live-config.ts'
import { createLogChain } from './log-chain.ts'
import { createRequestChain } from './request-chain.ts'
import { createSpanChain } from './span-chain.ts'
import { createTraceJudging, type TraceJudging } from './trace-judging.ts'

export interface ChainVersionsOptions {
  readonly pipeline_version: string
  /** The configuration that has this offset; null where it is gone. */
  readonly versionAt: (config_offset: bigint) => Promise<RunnableVersion | null>
  readonly metrics: Metrics
  readonly clock: Clock
  /** Runs the users' own modules; without it they are left out. */
  readonly custom?: CustomJudges
}

/** What one configuration makes of the records of each topic. */
export interface Chains {
  /** otlp_spans: normalize, judge-rules. */
  readonly spans: Chain<JudgedSpan>
  /** otlp_logs: normalize. */
  readonly logs: Chain<ContentFact>
  /** judge_requests: judge-rules on spans and on traces. */
  readonly requests: Chain<JudgedUnit>
  readonly traces: TraceJudging
}

type Version = Readonly<{ [Name in 'spans' | 'logs' | 'requests']: ChainVersion<ItemOf<Chains[Name]>> }>
type ItemOf<C> = C extends Chain<infer Item> ? Item : never

/** All chains in all versions that are in use. `use` comes before the first question. */
export interface AllChainVersions {
  readonly spans: ChainVersions<JudgedSpan>
  readonly logs: ChainVersions<ContentFact>
  readonly requests: ChainVersions<JudgedUnit>
  /** Which whole traces are judged by the configuration in force. */
  traces(): TraceJudging
  /** Makes what a configuration needs, beside the work that goes on: compiling judges takes time. Changes nothing yet. */
  prepare(config: LiveConfig): Promise<Chains>
  /** From now on every record enters a range of this version. */
  use(chains: Chains, config_offset: bigint): void
}

export function createChainVersions(options: ChainVersionsOptions): AllChainVersions {
  const { pipeline_version, versionAt, metrics, clock, custom } = options
  const sets = createJudgeSets({ metrics, clock, ...(custom && { custom }) })
  let inForce: { identity: RangeIdentity; version: Version; traces: TraceJudging } | undefined

  async function chainsOf(config: LiveConfig): Promise<Chains> {
    const judging = await sets.prepare(config)
    const traces = createTraceJudging(config, { metrics, clock, ...(custom && { custom }) })
    return {
      spans: createSpanChain({ config, metrics, clock, judging }),
      logs: createLogChain({ config, metrics }),
      requests: createRequestChain({ judging, traces }),
      traces,
    }
  }

  function current() {
    if (inForce === undefined) throw new Error('No configuration is in force yet.')
    return inForce
  }

  function versionsOf<Name extends keyof Version>(name: Name) {
    return {
      current: () => current().version[name],
      async find(identity: RangeIdentity) {
        if (identity.pipeline_version !== pipeline_version) return null
        if (identity.config_offset === inForce?.identity.config_offset) return inForce.version[name]
        const version = await versionAt(identity.config_offset)
        return version && versionOf(await chainsOf(version.config), identity)[name]
      },
    }
  }

  return {
    prepare(config) {
      custom?.renew(customEntries(config).map(({ entry }) => entry))
      return chainsOf(config)
    },
    use(chains, config_offset) {
      const identity = { pipeline_version, config_offset }
      inForce = { identity, version: versionOf(chains, identity), traces: chains.traces }
    },
    traces: () => current().traces,
    spans: versionsOf('spans'),
    logs: versionsOf('logs'),
    requests: versionsOf('requests'),
  }
}

function versionOf({ spans, logs, requests }: Chains, identity: RangeIdentity): Version {
  return { spans: { identity, chain: spans }, logs: { identity, chain: logs }, requests: { identity, chain: requests } }
}
