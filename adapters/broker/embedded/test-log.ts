import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../core/clock.ts'
import type { CodedError } from '../../../core/errors.ts'
import type { TopicDefinition } from '../../../schemas/topics.ts'
import type { Broker } from '../broker.ts'
import { createEmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts'

/** A directory for one test, and brokers on it. */
export interface TestLog {
  readonly directory: string
  /** The broker's fatal errors, oldest first. */
  readonly fatal: CodedError[]
  open(options?: Partial<EmbeddedBrokerOptions>): Promise<Broker>
  /** Where the first segment of a partition lies. */
  segment(topic: string, base?: number): string
  remove(): Promise<void>
}

export function createTestLog(): TestLog {
  const directory = mkdtempSync(join(tmpdir(), 'evalforge-log-'))
  const fatal: CodedError[] = []
  const opened: Broker[] = []
  return {
    directory,
    fatal,
    async open(options = {}) {
      const broker = await createEmbeddedBroker({
        directory,
        writes: 'all',
        clock: systemClock,
        on_fatal: (error) => fatal.push(error),
        ...options,
      })
      opened.push(broker)
      return broker
    },
    segment: (topic, base = 0) => join(directory, topic, '0', `${String(base).padStart(20, '0')}.log`),
    async remove() {
      for (const broker of opened) await broker.close()
      rmSync(directory, { recursive: true })
    },
  }
}

export function aTopic(name: string, shape: Partial<TopicDefinition> = {}): TopicDefinition {
  return { name, partitions: 1, cleanup: 'delete', summary: 'A test.', ...shape }
}

/** The system's timers with a wall clock that the test sets. */
export function settableClock(start_ms: number): Clock & { set(ms: number): void } {
  let now = start_ms
  return {
    ...systemClock,
    now: () => now,
    set(ms) {
      now = ms
    },
  }
}
