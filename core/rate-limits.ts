import { z } from 'zod'
import type { Clock } from './clock.ts'
import { CodedError } from './errors.ts'

const STANDARD_BURST_SECONDS = 10
/** How often buckets that are full again are forgotten. */
const SWEEP_MS = 60_000
/** Nobody waits longer to ask again, and what is divided by next to nothing stays a number. */
const MAX_RETRY_AFTER_S = 86_400

const perSecond = (what: string) =>
  z.number().positive().nullable().optional().describe(`${what} a second, on average; absent or null: no limit.`)

/**
 * What may be sent over time. Used for everyone (`ingest.rate_limits`), for one project (`projects.<name>.rate_limits`, laid
 * over it: null lifts a limit) and for one key (`keys[].rate_limits`, within what its project may send).
 */
export const rateLimits = z.strictObject({
  requests_per_second: perSecond('Requests'),
  spans_per_second: perSecond('Spans and log records'),
  inflated_bytes_per_second: perSecond('Bytes after decompression'),
  burst_seconds: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe(`How many seconds' worth may come at once after a pause; ${STANDARD_BURST_SECONDS} unless given.`),
})

export type RateLimits = z.infer<typeof rateLimits>

export const LIMITED = ['requests', 'spans', 'inflated_bytes'] as const
export type Limited = (typeof LIMITED)[number]

export interface RateLimitSettings {
  /** What every project may send. */
  readonly common: RateLimits
  /** By project, laid over `common`. */
  readonly projects: ReadonlyMap<string, RateLimits>
  /** By id of the key. */
  readonly keys: ReadonlyMap<string, RateLimits>
}

export interface Sender {
  readonly project: string
  /** '' where no keys are configured. */
  readonly key_id: string
}

/** A refusal, for whoever counts. */
export interface RateRefusal {
  readonly project: string
  readonly scope: 'project' | 'key'
  readonly limit: Limited
}

export interface RateLimiter {
  /**
   * Takes one request of the project's and the key's buckets. Throws RATE_LIMITED with `retry_after_s`, and takes nothing,
   * where one of them is empty.
   */
  enter(sender: Sender): void
  /** What a request turned out to cost, or less than was thought. Whatever is left, so that a bucket may be in debt. */
  charge(sender: Sender, what: Exclude<Limited, 'requests'>, amount: number): void
  /** From now on these limits hold. Buckets keep what is in them, as far as it still fits. */
  replace(settings: RateLimitSettings): void
  /** Buckets in memory. */
  size(): number
}

export interface RateLimiterOptions {
  readonly clock: Clock
  readonly settings: RateLimitSettings
  readonly onRefused?: (refusal: RateRefusal) => void
}

interface Limit {
  readonly rate: number
  readonly capacity: number
  /** Where it is set, for people. */
  readonly path: string
}

interface Bucket {
  readonly limit: Limit
  level: number
  filled_at: number
}

/** The buckets of one project or one key. */
interface Holder {
  readonly scope: RateRefusal['scope']
  readonly project: string
  readonly buckets: ReadonlyMap<Limited, Bucket>
}

/**
 * Token buckets of requests, spans and inflated bytes, for each project and each key. A bucket holds `burst_seconds` of its
 * rate and starts full: who never sends more than its rate is never refused, and in the long run nobody gets more than it.
 * Buckets that are full again are forgotten, so that memory is bounded by who sends now.
 */
export function createRateLimiter({ clock, settings, onRefused }: RateLimiterOptions): RateLimiter {
  let current = settings
  let swept_at = clock.monotonic()
  let holders = new Map<string, Holder>()

  function holdersOf(sender: Sender): readonly Holder[] {
    const ofProject = holderOf('project', sender.project, sender)
    return current.keys.has(sender.key_id) ? [ofProject, holderOf('key', sender.key_id, sender)] : [ofProject]
  }

  function holderOf(scope: Holder['scope'], name: string, { project }: Sender): Holder {
    const id = `${scope} ${name}`
    const known = holders.get(id)
    if (known !== undefined) return known
    const made: Holder = { scope, project, buckets: fullBuckets(limitsOf(current, scope, name), clock.monotonic()) }
    if (made.buckets.size > 0) holders.set(id, made)
    return made
  }

  function sweep(now: number): void {
    if (now - swept_at < SWEEP_MS) return
    swept_at = now
    for (const [id, { buckets }] of holders)
      if ([...buckets.values()].every((one) => isFull(one, now))) holders.delete(id)
  }

  return {
    enter(sender) {
      const now = clock.monotonic()
      sweep(now)
      const touched = holdersOf(sender)
      for (const holder of touched) {
        for (const [limit, bucket] of holder.buckets) {
          fill(bucket, now)
          if (bucket.level >= 1) continue
          onRefused?.({ project: sender.project, scope: holder.scope, limit })
          throw refusal(sender, holder.scope, limit, bucket)
        }
      }
      for (const { buckets } of touched) take(buckets.get('requests'), 1)
    },
    charge(sender, what, amount) {
      const now = clock.monotonic()
      for (const { buckets } of holdersOf(sender)) {
        const bucket = buckets.get(what)
        if (bucket === undefined) continue
        fill(bucket, now)
        take(bucket, amount)
      }
    },
    replace(next) {
      const now = clock.monotonic()
      const before = holders
      current = next
      holders = new Map()
      for (const [id, { scope, project, buckets }] of before) {
        const limits = limitsOf(next, scope, id.slice(scope.length + 1))
        const kept = fullBuckets(limits, now)
        for (const [what, bucket] of kept) {
          const old = buckets.get(what)
          if (old === undefined) continue
          fill(old, now)
          bucket.level = Math.min(bucket.level, old.level)
        }
        if (kept.size > 0) holders.set(id, { scope, project, buckets: kept })
      }
    },
    size: () => holders.size,
  }
}

function limitsOf(settings: RateLimitSettings, scope: Holder['scope'], name: string): ReadonlyMap<Limited, Limit> {
  const own = (scope === 'project' ? settings.projects : settings.keys).get(name) ?? {}
  const under = scope === 'project' ? settings.common : {}
  const ownPath = scope === 'project' ? `projects.${name}.rate_limits` : 'keys[].rate_limits'
  const burst_seconds = own.burst_seconds ?? under.burst_seconds ?? STANDARD_BURST_SECONDS
  const limits = new Map<Limited, Limit>()
  for (const what of LIMITED) {
    const key = `${what}_per_second` as const
    const rate = own[key] === undefined ? under[key] : own[key]
    if (rate === undefined || rate === null) continue
    const path = own[key] === undefined ? `ingest.rate_limits.${key}` : `${ownPath}.${key}`
    // A bucket that never holds one would refuse for ever.
    limits.set(what, { rate, capacity: Math.max(1, rate * burst_seconds), path })
  }
  return limits
}

function fullBuckets(limits: ReadonlyMap<Limited, Limit>, now: number): Map<Limited, Bucket> {
  return new Map([...limits].map(([what, limit]) => [what, { limit, level: limit.capacity, filled_at: now }]))
}

function fill(bucket: Bucket, now: number): void {
  const { rate, capacity } = bucket.limit
  bucket.level = Math.min(capacity, bucket.level + (rate * Math.max(0, now - bucket.filled_at)) / 1000)
  bucket.filled_at = now
}

function isFull(bucket: Bucket, now: number): boolean {
  fill(bucket, now)
  return bucket.level >= bucket.limit.capacity
}

function take(bucket: Bucket | undefined, amount: number): void {
  if (bucket !== undefined) bucket.level = Math.min(bucket.limit.capacity, bucket.level - amount)
}

const WORDS: Readonly<Record<Limited, string>> = {
  requests: 'requests',
  spans: 'spans and log records',
  inflated_bytes: 'bytes after decompression',
}

function refusal(sender: Sender, scope: Holder['scope'], what: Limited, { limit, level }: Bucket): CodedError {
  const retry_after_s = Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil((1 - level) / limit.rate)))
  const who = scope === 'project' ? `Project ${sender.project}` : `Key ${sender.key_id} of project ${sender.project}`
  const message =
    `${who} sent more than ${limit.rate} ${WORDS[what]} a second (${limit.path}). ` +
    `Wait ${retry_after_s} s and send again, or raise this limit in evalforge.yaml.`
  return new CodedError('RATE_LIMITED', message, { retry_after_s })
}
