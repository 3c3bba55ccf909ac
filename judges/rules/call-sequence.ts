/** One call in a sequence: what was called, with what, and what came back. */
export interface Call {
  readonly name: string
  readonly input: string
  /** '' where it is not known (yet). */
  readonly result: string
}

/** `first` and `last` are indexes into the sequence. */
export interface Cycle {
  readonly first: number
  readonly last: number
  /** Calls of one round. */
  readonly period: number
  readonly rounds: number
}

const MAX_PERIOD = 8

/**
 * Numbers for calls, the same for calls that are the same in input and result. A call that is not answered yet is the
 * same as the one before it: asking again until the answer changes is no repetition.
 */
export function identify(calls: readonly Call[]): readonly number[] {
  const latest = new Map<string, Map<string, { result: string; id: number }>>()
  let ids = 0
  return calls.map(({ name, input, result }) => {
    let ofName = latest.get(name)
    if (ofName === undefined) {
      ofName = new Map()
      latest.set(name, ofName)
    }
    const known = ofName.get(input)
    if (known === undefined) {
      ofName.set(input, { result, id: ids })
      return ids++
    }
    if (result !== '' && known.result !== result) {
      if (known.result !== '') known.id = ids++
      known.result = result
    }
    return known.id
  })
}

/** The id that occurs most often, with its first and last place; null for an empty sequence. Ids are those of `identify`. */
export function mostRepeated(ids: readonly number[]): { count: number; first: number; last: number } | null {
  const counts = new Uint32Array(ids.length)
  let most = -1
  for (const id of ids) {
    const count = counts[id]! + 1
    counts[id] = count
    if (most < 0 || count > counts[most]!) most = id
  }
  return most < 0 ? null : { count: counts[most]!, first: ids.indexOf(most), last: ids.lastIndexOf(most) }
}

/** The longest stretch of whole rounds A-B-A-B (two to eight different steps a round), where it has at least `min_rounds`. */
export function longestCycle(ids: readonly number[], min_rounds: number): Cycle | null {
  let longest: Cycle | null = null
  for (let period = 2; period <= MAX_PERIOD && period * min_rounds <= ids.length; period++) {
    let since = period
    for (let i = period; i <= ids.length; i++) {
      if (i < ids.length && ids[i] === ids[i - period]) continue
      const rounds = Math.floor((i - since) / period) + 1
      const first = since - period
      const isLonger = longest === null || rounds * period > longest.rounds * longest.period
      if (rounds >= min_rounds && isLonger && !isOneCall(ids, first, period)) {
        longest = { first, last: first + rounds * period - 1, period, rounds }
      }
      since = i + 1
    }
  }
  return longest
}

function isOneCall(ids: readonly number[], first: number, period: number): boolean {
  for (let i = first + 1; i < first + period; i++) if (ids[i] !== ids[first]) return false
  return true
}
