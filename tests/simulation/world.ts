import type { Logger } from 'pino'
import type { FileSystem } from '../../adapters/broker/embedded/file-system.ts'
import type { Store } from '../../adapters/store/store.ts'
import type { Chain, PartitionSource } from '../../core/component.ts'
import type { CollectorDeps } from '../../core/otlp-intake.ts'
import type { DeadLetterSink } from '../../core/pipeline.ts'
import { createRandom, type Random } from '../../core/random.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { createDisk, type Disk } from './disk/disk.ts'
import type { Program } from './program.ts'
import type { Schedule } from './schedule.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { createStoreModel, type StoreModel } from './store/store-model.ts'
import { createTruth, type Truth } from './truth.ts'

/** Replaces a part of the pipeline by one with a bug: the simulation must notice. */
export interface Mutant {
  readonly name: string
  apply<Part extends keyof MutableParts>(part: Part, original: MutableParts[Part], world: World): MutableParts[Part]
}

/** The parts a mutant may replace, as the wiring makes them. */
export interface MutableParts {
  readonly fileSystem: FileSystem
  readonly store: Store
  readonly source: PartitionSource
  readonly append: CollectorDeps['append']
  readonly dead_letters: DeadLetterSink
  readonly chain: Chain<JudgedSpan>
}

/** One machine in its simulated world, and what is known to be true about it. */
export interface World {
  readonly schedule: Schedule
  readonly program: Program
  readonly scheduler: Scheduler
  readonly disk: Disk
  readonly store: StoreModel
  readonly truth: Truth
  readonly log: Logger
  /** Which configuration lies at which offset of project_configs. */
  readonly configs: Map<bigint, number>
  /** The machine's wall clock, ms since 1970. */
  wall(): number
  setWall(by_ms: number): void
  /** A stream of its own for everything that draws, so that leaving one thing out changes little else. */
  random(of: string): Random
  tell(event: string): void
  mutate<Part extends keyof MutableParts>(part: Part, original: MutableParts[Part]): MutableParts[Part]
}

export interface WorldOptions {
  readonly schedule: Schedule
  readonly program: Program
  readonly log: (tell: (event: string) => void) => Logger
  readonly onEvent?: (event: string) => void
  readonly mutant?: Mutant
}

export function createWorld({ schedule, program, log, onEvent, mutant }: WorldOptions): World {
  const scheduler = createScheduler()
  const { shape, seed } = schedule
  let offset_ms = 0
  const random = (of: string) => createRandom(hash(`${seed}/${of}`))
  const wall = () => Math.floor(shape.start_ms + scheduler.now() + offset_ms)
  const tell = (event: string) => onEvent?.(`${scheduler.now().toFixed(3).padStart(12)} ${event}`)
  const world: World = {
    schedule,
    program,
    scheduler,
    disk: createDisk(scheduler, random('disk')),
    store: createStoreModel({
      scheduler,
      random: random('store'),
      wall,
      formats: program.formats,
      window: shape.token_window,
    }),
    truth: createTruth(schedule),
    configs: new Map(),
    log: log(tell),
    wall,
    setWall(by_ms) {
      offset_ms += by_ms
    },
    random,
    tell,
    mutate: (part, original) => mutant?.apply(part, original, world) ?? original,
  }
  return world
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
