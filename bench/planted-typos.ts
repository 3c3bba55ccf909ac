/** Typing errors in clean text, from a seed: the same seed and text give the same errors. */

export interface Planted {
  readonly text: string
  /** UTF-16 offsets of the changed words in `text`. */
  readonly places: readonly { readonly start: number; readonly end: number }[]
  readonly words: number
}

const NEIGHBOURS: Readonly<Record<string, string>> = {
  a: 'qsz',
  b: 'vgn',
  c: 'xvd',
  d: 'sfe',
  e: 'wrd',
  f: 'dgr',
  g: 'fht',
  h: 'gjy',
  i: 'uok',
  j: 'hku',
  k: 'jli',
  l: 'kop',
  m: 'nj',
  n: 'bmh',
  o: 'ipl',
  p: 'ol',
  q: 'wa',
  r: 'etf',
  s: 'adw',
  t: 'ryg',
  u: 'yij',
  v: 'cbf',
  w: 'qes',
  x: 'zcs',
  y: 'tuh',
  z: 'xa',
}

export function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** About `per100` of 100 words get one error: a letter left out, doubled, exchanged with the next, or hit beside. */
export function plantTypos(
  text: string,
  { per100, random }: { per100: number; random: (limit: number) => number },
): Planted {
  const places: { start: number; end: number }[] = []
  let written = ''
  let at = 0
  let words = 0
  for (const match of text.matchAll(/(?<![\p{L}\p{N}'’@#/\\_.-])\p{Ll}{3,}(?![\p{L}\p{N}'’@/\\_-])/gu)) {
    words++
    if (match[0].length < 4 || random(1000) >= per100 * 10) continue
    const wrong = misspell(match[0], random)
    if (wrong === match[0]) continue
    written += text.slice(at, match.index)
    places.push({ start: written.length, end: written.length + wrong.length })
    written += wrong
    at = match.index + match[0].length
  }
  return { text: written + text.slice(at), places, words }
}

function misspell(word: string, random: (limit: number) => number): string {
  const i = random(word.length - 1)
  switch (random(4)) {
    case 0:
      return word.slice(0, i) + word.slice(i + 1)
    case 1:
      return word.slice(0, i + 1) + word.slice(i)
    case 2:
      return word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2)
    default: {
      const keys = NEIGHBOURS[word[i]!]
      return keys === undefined ? word : word.slice(0, i) + keys[random(keys.length)] + word.slice(i + 1)
    }
  }
}
