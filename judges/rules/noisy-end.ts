/** The part of a text that is looked at; searched suffixes are some 20 tokens long. */
const END = 120
const SHORTEST = 60
const BALANCED_OVER = 2000

const SIGN = 1
const OPEN = 2
const CLOSE = 4
const CLASSES = new Uint8Array(128)
for (const sign of '\\|<>`$^~_#*="@/;') CLASSES[sign.charCodeAt(0)] = SIGN
for (const sign of '([{') CLASSES[sign.charCodeAt(0)] = SIGN | OPEN
for (const sign of ')]}') CLASSES[sign.charCodeAt(0)] = SIGN | CLOSE

/**
 * Whether prose ends in a heap of words and signs that nobody types: brackets that nothing closes and signs in clusters,
 * as greedy coordinate search finds them (Zou et al. 2023). Code and logs balance their brackets or start as code.
 */
export function endsInNoise(text: string): boolean {
  if (text.length < SHORTEST) return false
  const from = Math.max(0, text.length - END)
  let signs = 0
  let clusters = 0
  let words = 0
  let last = 0
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 10) return false
    if (unit === 32 && last !== 32) words++
    if (classOf(unit) !== 0) {
      signs++
      if (classOf(last) !== 0 && unit !== last) clusters++
    }
    last = unit
  }
  if (signs < 6 || words < 6) return false
  const open = unbalanced(text)
  return ((open >= 2 && clusters >= 2) || (open >= 3 && signs >= 8)) && beginsAsProse(text)
}

const classOf = (unit: number) => (unit < 128 ? CLASSES[unit]! : 0)

/** How many brackets are missing, over the three kinds. */
function unbalanced(text: string): number {
  const open = [0, 0, 0]
  for (let i = Math.max(0, text.length - BALANCED_OVER); i < text.length; i++) {
    const bracket = classOf(text.charCodeAt(i))
    if (bracket < OPEN) continue
    const kind = '([{)]}'.indexOf(text[i]!)
    open[kind % 3]! += kind < 3 ? 1 : -1
  }
  return open.reduce((sum, count) => sum + Math.abs(count), 0)
}

function beginsAsProse(text: string): boolean {
  let signs = 0
  for (let i = 0; i < 40; i++) if (classOf(text.charCodeAt(i)) !== 0) signs++
  return signs <= 2
}
