/** Seeded damage to requests, for fuzz tests: the same seed gives the same requests. */
export interface Mutator {
  /** An integer in [0, below). */
  pick(below: number): number
  oneOf<T>(choices: readonly T[]): T
  /** Bits flipped, bytes cut, repeated, overwritten or put between; sometimes several of it, sometimes nothing. */
  damage(bytes: Buffer): Buffer
}

export function createMutator(seed: number): Mutator {
  let state = seed >>> 0
  /** xorshift32 (Marsaglia 2003) */
  function next(): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  const pick = (below: number) => next() % Math.max(1, below)
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => pick(256)))
  const lengthBomb = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])

  const damages: readonly ((bytes: Buffer) => Buffer)[] = [
    (bytes) => bytes,
    (bytes) => bytes.subarray(0, pick(bytes.length)),
    (bytes) => bytes.subarray(pick(bytes.length)),
    (bytes) => {
      const flipped = Buffer.from(bytes)
      for (let i = 0; i <= pick(8) && bytes.length > 0; i++) flipped[pick(bytes.length)]! ^= 1 << pick(8)
      return flipped
    },
    (bytes) => put(bytes, pick(bytes.length), noise(pick(20))),
    (bytes) => put(bytes, pick(bytes.length), lengthBomb),
    (bytes) => Buffer.concat([bytes, bytes]),
    (bytes) => Buffer.concat([bytes, noise(pick(20))]),
    () => noise(pick(200)),
  ]

  return {
    pick,
    oneOf: (choices) => choices[pick(choices.length)]!,
    damage(bytes) {
      let damaged = bytes
      for (let i = 0; i <= pick(3); i++) damaged = damages[pick(damages.length)]!(damaged)
      return damaged
    },
  }
}

function put(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
}
