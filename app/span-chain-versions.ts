import type { Clock } from '../core/clock.ts'
import type { Chain, ChainVersion, ChainVersions, RangeIdentity } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { RunnableVersion } from './config-topic.ts'
import { createJudgeSets } from './judge-sets.ts'
import type { LiveConfig } from './live-config.ts'
import { createSpanChain } from './span-chain.ts'

export interface SpanChainVersionsOptions {
  readonly pipeline_version: string
  /** The configuration that has this offset; null where it is gone. */
  readonly versionAt: (config_offset: bigint) => Promise<RunnableVersion | null>
  readonly metrics: Metrics
  readonly clock: Clock
}

/** The first chain in all versions that are in use. `use` comes before the first question. */
export interface SpanChainVersions extends ChainVersions<JudgedSpan> {
  /** Makes what a configuration needs, beside the work that goes on: compiling judges takes time. Changes nothing yet. */
  prepare(config: LiveConfig): Promise<Chain<JudgedSpan>>
  /** From now on every record enters a range of this version. */
  use(chain: Chain<JudgedSpan>, config_offset: bigint): void
}

export function createSpanChainVersions(options: SpanChainVersionsOptions): SpanChainVersions {
  const { pipeline_version, versionAt, metrics, clock } = options
  const sets = createJudgeSets({ metrics, clock })
  let inForce: ChainVersion<JudgedSpan> | undefined

  async function prepare(config: LiveConfig): Promise<Chain<JudgedSpan>> {
    return createSpanChain({ config, metrics, clock, judging: await sets.prepare(config) })
  }

  return {
    prepare,
    use(chain, config_offset) {
      inForce = { identity: { pipeline_version, config_offset }, chain }
    },
    current() {
      if (inForce === undefined) throw new Error('No configuration is in force yet.')
      return inForce
    },
    async find(identity: RangeIdentity) {
      if (identity.pipeline_version !== pipeline_version) return null
      if (identity.config_offset === inForce?.identity.config_offset) return inForce
      const version = await versionAt(identity.config_offset)
      return version && { identity, chain: await prepare(version.config) }
    },
  }
}
