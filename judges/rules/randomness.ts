import { re2 } from '../re2.ts'

/** Bits per character of the value's own distribution: 0 for one repeated character, log2(n) for n different ones. */
export function shannonEntropy(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let entropy = 0
  for (const count of counts.values()) entropy -= (count / value.length) * Math.log2(count / value.length)
  return entropy
}

/** The 160 commonest letter pairs of English, names and program text: about 85 % of the pairs in words, 25 % in random letters. */
const COMMON_PAIRS = new Set(
  (
    'th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld ur ' +
    'ss me ne wa no la ta el ma ro li ri io ic us ec co om ce ca us ge ch ll il ho so di ie be ct un us tr ac pe ee po pr ' +
    'lo wo wh ol em su id ot ir sh ai mo na tu ni ut ad rt ow pa pl ke ck ki ey ab ap up cl ts rs ns ag ig am im um im ' +
    'us fo fi fr fe ff bl bu br ba bo cr cu da do dr em ex ep ga gr go gu gi gh ht ia iv ev ov ct ty ly ry my by ay ys wi we ' +
    'wn sk sp sc sw sm sl sn ue ui ul mi mp mb nc nf nv nu ok op os pi pu rd rm rn rk rc rg rl rv rr tt pp cc mm nn oo od og va vi ' +
    'ws xt yp lt lf lp ls lu lv ek eb ef eg ei eo ew ud ug ub zi ze'
  ).split(' '),
)

/** Whether the letters read like words: the share of common pairs among neighbouring letters. */
export function wordLikeness(value: string): number {
  const lower = value.toLowerCase()
  let pairs = 0
  let common = 0
  for (let i = 1; i < lower.length; i++) {
    const a = lower.charCodeAt(i - 1)
    const b = lower.charCodeAt(i)
    if (a < 97 || a > 122 || b < 97 || b > 122) continue
    pairs++
    if (COMMON_PAIRS.has(lower.slice(i - 1, i + 1))) common++
  }
  return pairs === 0 ? 0 : common / pairs
}

const PLACEHOLDER = re2(
  '(?i)^[^a-z0-9]*$|^(.{0,3}[x*.•#?_-]{3,}.{0,3})$|x{4,}|\\*{3,}|\\.{3}|(?:^|[^a-z])(?:your|my|the|some|enter|insert|put|add|get|set|use|new|old|current)[-_ ]|example|sample|dummy|placeholder|changeme|change[-_]me|replace|redacted|removed|hidden|masked|todo|fixme|^(?:foo|bar|baz|qux|test|testing|user|admin|root|guest|none|null|nil|undefined|true|false|string|str|text|value|optional|required|default|unset|empty|invalid|valid|wrong|correct|incorrect|unknown|basic|bearer|oauth2?|password|passwd|pass|pwd|secret|token|key|apikey|api[-_]?key|hunter2|letmein|qwerty|abc|abcd|abcdef\\w*|deadbeef\\w*)[\\d!]{0,6}$|12345|0{8}|(?:pass|password|secret|token|key|credential)s?$',
)

/** What people write where a secret would stand. */
export function isPlaceholder(value: string): boolean {
  return new Set(value).size <= 2 || PLACEHOLDER.test(value)
}

const HEXADECIMAL = re2('^[0-9a-fA-F]{12,}$')
const DIGITS_AND_SIGNS = re2('^[\\d.,:/ -]+$')
const IDENTIFIER = re2('^[A-Za-z_$][A-Za-z]*(?:[_.:/-][A-Za-z]+)*$')

/** Whether nobody would write it as a word, a name or a number: random letters, mixed digits, or hexadecimal. */
export function looksRandom(value: string): boolean {
  if (HEXADECIMAL.test(value)) return shannonEntropy(value) > 2.5
  if (DIGITS_AND_SIGNS.test(value)) return false
  const words = wordLikeness(value)
  if (IDENTIFIER.test(value)) return words < 0.55 && shannonEntropy(value) > 1.8
  return words < 0.72 && shannonEntropy(value) > 2.2
}
