import type { Broker } from '../../adapters/broker/broker.ts'
import { PIPELINE_VERSION } from '../../app/pipeline-version.ts'
import type { ChainVersion, ChainVersions, RangeIdentity } from '../../core/component.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { PROJECT_CONFIGS } from '../../schemas/topics.ts'
import type { Process } from './machine.ts'
import type { World } from './world.ts'

/** What is deployed. */
export interface Release {
  version: number
  /** Index of its configuration. */
  config: number
}

/** The chain in the versions of a release; configurations come and go while it runs. */
export interface SimulatedVersions extends ChainVersions<JudgedSpan> {
  /** Puts a configuration on its topic, unless it is the last there, and in force. */
  use(config: number): Promise<void>
}

export interface VersionsOptions {
  readonly world: World
  readonly process: Process
  readonly broker: Pick<Broker, 'produce'>
  readonly release: Release
}

/** The chains are made before, once for all schedules: compiling judges takes longer than a schedule. */
export async function createVersions({ world, process, broker, release }: VersionsOptions): Promise<SimulatedVersions> {
  const pipeline_version = release.version === 0 ? PIPELINE_VERSION : `1.${release.version}.0+1`
  const made = new Map<string, ChainVersion<JudgedSpan>>()
  let current: ChainVersion<JudgedSpan>

  async function publish(config: number): Promise<bigint> {
    const last = [...world.configs].at(-1)
    if (last?.[1] === config) return last[0]
    const record = { key: Buffer.from('*'), value: Buffer.from(JSON.stringify({ config })), headers: {} }
    const [position] = await broker.produce(PROJECT_CONFIGS.name, [record])
    if (process.alive) world.configs.set(position!.offset, config)
    return position!.offset
  }

  function versionOf(identity: RangeIdentity, config: number): ChainVersion<JudgedSpan> {
    const name = `${identity.pipeline_version}/${identity.config_offset}`
    const version = made.get(name) ?? { identity, chain: world.mutate('chain', world.program.chain(config)) }
    made.set(name, version)
    return version
  }

  async function use(config: number): Promise<void> {
    current = versionOf({ pipeline_version, config_offset: await publish(config) }, config)
  }

  await use(release.config)
  return {
    use,
    current: () => current,
    async find(identity) {
      const config = world.configs.get(identity.config_offset)
      if (identity.pipeline_version !== pipeline_version || config === undefined) return null
      return versionOf(identity, config)
    },
  }
}
