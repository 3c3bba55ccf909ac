/** Lengths and numbers that break careless readers: over 2 GB, over 32 bits, over 64 bits, endless, overlong. */
const BOMBS = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0x80, 0x80, 0x00],
  [0x0b, 0x0b, 0x0b, 0x0b],
]

/** A damaged copy: flipped bits, replaced bytes, cut, repeated, removed or with a bomb inside. */
export function mutate(body: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Buffer.from(body)
  const at = random(copy.length)
  const length = 1 + random(40)
  switch (random(7)) {
    case 0:
      return copy.subarray(0, at)
    case 1:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)])
    case 2:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)])
    case 3:
      return Buffer.concat([copy.subarray(0, at), Buffer.from(BOMBS[random(BOMBS.length)]!), copy.subarray(at)])
    case 4: {
      const bomb = BOMBS[random(BOMBS.length)]!
      return Buffer.concat([copy.subarray(0, at), Buffer.from(bomb), copy.subarray(at + bomb.length)])
    }
    case 5:
      for (let flips = 1 + random(8); flips > 0; flips--) {
        const position = random(copy.length)
        copy[position] = copy[position]! ^ (1 << random(8))
      }
      return copy
    default:
      for (let bytes = 1 + random(4); bytes > 0; bytes--) copy[random(copy.length)] = random(256)
      return copy
  }
}
