import { Registry } from 'prom-client'
import { type Config, parseConfig } from '../../app/config.ts'
import { createSpanChain } from '../../app/span-chain.ts'
import { createJudgedSpanCodec } from '../../core/avro.ts'
import type { Chain } from '../../core/component.ts'
import { createMetrics, type Metrics } from '../../core/metrics.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { readSchema, type TableFormat } from './store/row-binary.ts'

/** Two configurations under which the same record gives other rows. */
const CONFIGS: readonly object[] = [{}, { judges: { refusal: { enabled: false }, pii: { enabled: false } } }]

/** What is the same in every schedule and costly to make: the program as it is installed. It keeps nothing between schedules. */
export interface Program {
  readonly metrics: Metrics
  /** How the rows of every table are written. */
  readonly formats: ReadonlyMap<string, TableFormat>
  config(index: number): Config
  /** The real chain of a configuration: normalize and all rule judges. */
  chain(index: number): Chain<JudgedSpan>
  encodeSpan(item: JudgedSpan): Buffer
  decodeSpan(bytes: Buffer): JudgedSpan
}

export function createProgram(): Program {
  const metrics = createMetrics(new Registry())
  const codec = createJudgedSpanCodec()
  const configs = CONFIGS.map((values) => parseConfig(values))
  // Judges are timed for people only: a clock that stands still keeps real time out.
  const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} }
  const chains = configs.map((config) => createSpanChain({ config, metrics, clock }))
  return {
    metrics,
    formats: readSchema(),
    config: (index) => configs[index % configs.length]!,
    chain: (index) => chains[index % chains.length]!,
    encodeSpan: (item) => codec.encode(item),
    decodeSpan: (bytes) => codec.decode(bytes),
  }
}
