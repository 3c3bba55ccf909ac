import type { Random } from '../../../core/random.ts'
import type { Fault, PlannedRequest, PlannedSpan, Shape } from '../schedule.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const NOON = Date.UTC(2026, 10, 20, 12)

export const chance = (random: Random, percent: number) => random(100) < percent
export const between = (random: Random, least: number, most: number) => least + random(most - least + 1)
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random(items.length)]!

/** Small enough that segments roll and ranges close within seconds. */
export function aShape(random: Random, fields: Partial<Shape> = {}): Shape {
  return {
    partitions: between(random, 1, 3),
    segment_bytes: pick(random, [3_000, 8_000, 64_000]),
    retention_bytes: 1 << 30,
    retention_ms: 7 * DAY_MS,
    flush_interval_ms: pick(random, [20, 100, 500]),
    max_items: pick(random, [3, 10, 1000]),
    max_record_bytes: pick(random, [1_500, 900_000]),
    token_window: 10_000,
    deliver_spans: chance(random, 20),
    start_ms: NOON + random(DAY_MS),
    ...fields,
  }
}

export interface Load {
  readonly requests: number
  /** Requests are sent over this time. */
  readonly for_ms: number
  readonly most_spans?: number
  /** Percentages of requests. */
  readonly lost_answers?: number
  readonly repeats?: number
  readonly hostile?: number
  /** When spans started, relative to when they are sent. */
  readonly age_ms?: (random: Random) => number
}

/** Requests with spans of their own; some spans have a parent, some are sent open and then finished. */
export function aLoad(random: Random, load: Load): PlannedRequest[] {
  const { requests, for_ms, most_spans = 4, lost_answers = 10, repeats = 10, hostile = 4 } = load
  const planned: PlannedRequest[] = []
  let number = 1
  for (let index = 0; index < requests; index++) {
    const at_ms = random(for_ms)
    const age_ms = load.age_ms?.(random) ?? random(2_000)
    const trace = 1 + random(requests)
    const spans: PlannedSpan[] = Array.from({ length: between(random, 1, most_spans) }, (_, place) => ({
      trace,
      span: number + place,
      parent: place > 0 && chance(random, 50) ? number : 0,
      start_ms: at_ms - age_ms,
      is_finished: !chance(random, 15),
    }))
    number += spans.length
    const isHostile = chance(random, hostile)
    const kind = isHostile
      ? pick(random, ['truncated', 'unreadable'] as const)
      : pick(random, ['protobuf', 'protobuf', 'json'] as const)
    planned.push({
      at_ms,
      spans,
      kind,
      lost_answers: chance(random, lost_answers) ? between(random, 1, 2) : 0,
      repeat_after_ms: chance(random, repeats) ? random(3_000) : 0,
    })
    if (isHostile || spans.every(({ is_finished }) => is_finished)) continue
    const whole = spans.map((span) => ({ ...span, is_finished: true }))
    planned.push({ at_ms: at_ms + random(2_000), spans: whole, kind: 'protobuf', lost_answers: 0, repeat_after_ms: 0 })
  }
  return planned
}

type WithoutMoment<Union> = Union extends unknown ? Omit<Union, 'at_ms'> : never

/** A fault without its moment. */
export type FaultKind = WithoutMoment<Fault>

/** Faults at moments within the load. */
export function within(random: Random, for_ms: number, faults: readonly FaultKind[]): Fault[] {
  return faults.map((fault) => ({ at_ms: random(for_ms), ...fault }) as Fault)
}
