const NONE: readonly number[] = Object.freeze([])
const DIGITS = '0123456789'

/**
 * Where runs of digits begin, in order, at most one for twelve characters of the text and 200 more: what numbers are
 * looked at stays in proportion to the text, whatever the text. Texts without digits cost next to nothing.
 */
export function digitRuns(text: string, limit: number): readonly number[] {
  let first = -1
  for (const digit of DIGITS) {
    const at = text.indexOf(digit)
    if (at >= 0 && (first < 0 || at < first)) first = at
  }
  if (first < 0 || first >= limit) return NONE
  const runs: number[] = []
  const most = 200 + limit / 12
  let isInside = false
  for (let i = first; i < limit; i++) {
    const unit = text.charCodeAt(i)
    const isDigit = unit >= 48 && unit <= 57
    if (isDigit && !isInside && runs.push(i) >= most) break
    isInside = isDigit
  }
  return runs
}
