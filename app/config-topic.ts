import type { Broker } from '../adapters/broker/broker.ts'
import { PROJECT_CONFIGS } from '../schemas/topics.ts'
import type { Config } from './config.ts'

/** Key of what holds for every project. */
const ALL_PROJECTS = '*'
const PAGE_BYTES = 1 << 20

/**
 * Puts what decides how records become rows on project_configs, unless the last record says the same, and returns its
 * offset: the `config_offset` that is stamped on ranges and rows.
 */
export async function publishConfig(broker: Broker, config: Config): Promise<bigint> {
  const published = await publishedConfig(broker, config)
  if (published !== null) return published
  const [position] = await broker.produce(PROJECT_CONFIGS.name, [
    { key: Buffer.from(ALL_PROJECTS), value: contentOf(config), headers: {} },
  ])
  return position!.offset
}

/** The `config_offset` of this configuration; null when it is not the one published last. */
export async function publishedConfig(broker: Broker, config: Config): Promise<bigint | null> {
  const last = await lastRecord(broker)
  return last?.value.equals(contentOf(config)) ? last.offset : null
}

function contentOf({ judges, store }: Config): Buffer {
  return Buffer.from(JSON.stringify({ judges, store: { retention_days: store.retention_days } }))
}

async function lastRecord(broker: Broker): Promise<{ offset: bigint; value: Buffer } | undefined> {
  const [place] = await broker.offsets(PROJECT_CONFIGS.name)
  let found: { offset: bigint; value: Buffer } | undefined
  let next = place!.start
  while (next < place!.end) {
    const records = await broker.fetch(PROJECT_CONFIGS.name, place!.partition, next, { max_bytes: PAGE_BYTES })
    if (records.length === 0) break
    for (const { key, value, offset } of records)
      if (key?.toString() === ALL_PROJECTS && value !== null) found = { offset, value }
    next = records.at(-1)!.offset + 1n
  }
  return found
}
