/** Street addresses by their form: a house number beside a word that streets are called by, in a dozen languages. */
export interface Address {
  readonly start: number
  readonly end: number
  readonly confidence: number
}

const words = (list: string) => new Set(list.split(' '))
const STREETS = words(
  'street st avenue ave road rd boulevard blvd lane ln drive dr parkway pkwy highway hwy turnpike expressway crescent cres terrace mews',
)
/** Also the names of other things: they count where the line ends there, or a city, a flat or a code follows. */
const MAYBE_STREETS = words(
  'way court ct place pl square sq circle cir close gardens grove trail row loop plaza hill park rise walk quay parade esplanade ridge run point pass crossing alley island islands junction junctions meadow meadows mountain station stravenue summit summits track trace union unions valley view views village ville vista wall wells',
)
const STREETS_BEFORE_NAME = words(
  'rue avenue boulevard place allée allee chemin impasse quai cours route passage via viale piazza corso largo vicolo calle avenida avda plaza paseo rua praça travessa ul ulica aleja strada carrer rambla camino carretera',
)
/** German, Dutch, Scandinavian, Finnish, Hungarian and Slavic words for street at the end of its name. */
const STREET_ENDINGS = Map.groupBy(
  'straße strasse str weg platz gasse allee damm ring ufer steig chaussee straat laan plein gracht kade singel dreef dijk gatan gata vägen vagen gränd gade vej alle veien gate katu tie kuja polku utca utcája tér körút'.split(
    ' ',
  ),
  (ending) => ending.at(-1)!,
)
const STREET_WORDS = words('straße strasse str weg platz gasse allee laan plein gate gata utca tér út vej veien katu')
/** Small words inside the name of a street. */
const PARTICLES = words(
  'de du des del della dei di da do dos das la le les l los las van von der den zum zur san d e y et und straße strasse str gate utca',
)
const FLATS = words('apt apartment suite ste unit floor fl flat #')

const NONE: readonly Address[] = Object.freeze([])
const MAX_ADDRESSES = 20
const MOST_NUMBERS = 100
const MAX_WORDS = 6
const MAX_WORD = 24
const CERTAIN = 0.7

/** `runs`: where digits begin in the text (digit-runs.ts). */
export function addressesIn(text: string, runs: readonly number[]): readonly Address[] {
  let found: Address[] | undefined
  const most = Math.min(runs.length, MOST_NUMBERS + text.length / 24)
  let done = 0
  for (let i = 0; i < most; i++) {
    const start = runs[i]!
    if (start < done) continue
    let end = start
    while (isDigit(text.charCodeAt(end))) end++
    const isNumber = end - start <= 5 && (start === 0 || !sticks(text.charCodeAt(start - 1)))
    const address = isNumber
      ? (numberFirst(text, start, end) ?? streetFirst(text, start, end) ?? afterWord(text, start, end))
      : null
    if (address === null) continue
    found ??= []
    if (found.push(address) >= MAX_ADDRESSES) break
    done = Math.max(end, address.end)
  }
  return found ?? NONE
}

const isDigit = (unit: number) => unit >= 48 && unit <= 57
const isLetter = (unit: number) =>
  (unit >= 65 && unit <= 90) ||
  (unit >= 97 && unit <= 122) ||
  (unit >= 192 && unit < 592 && unit !== 215 && unit !== 247)
const isSmall = (unit: number) => unit >= 97 && unit <= 122
const isCapital = (text: string) => text !== '' && text[0] !== text[0]!.toLowerCase()
/** A digit after one of these is no house number: 3.5, a1, $12, 10:30, -4. */
const sticks = (unit: number) => isLetter(unit) || (unit < 128 && '.:$-_%+=€'.includes(String.fromCharCode(unit)))

/** 12 Main Street; 12 rue de la Paix. */
function numberFirst(text: string, start: number, numberEnd: number): Address | null {
  let at = numberEnd
  if (isLetter(text.charCodeAt(at)) && !isLetter(text.charCodeAt(at + 1))) at++
  if (text[at] === ',') at++
  let isFrench = false
  for (let count = 0; count < MAX_WORDS; count++) {
    if (text[at] !== ' ') return null
    // Small letters begin French streets and nothing else here.
    if (!isFrench && isSmall(text.charCodeAt(at + 1)) && !(count === 0 && 'rabpciqvltus'.includes(text[at + 1]!)))
      return null
    const end = wordEnd(text, at + 1)
    const word = text.slice(at + 1, end)
    const bare = word.toLowerCase()
    if (word === '') return null
    if (count === 0 && STREETS_BEFORE_NAME.has(bare)) isFrench = true
    else if (isFrench && isCapital(word)) return { start, end, confidence: CERTAIN }
    else if (!isFrench && !isCapital(word) && !isDigit(word.charCodeAt(0))) return null
    else if (count > 0 && !isFrench && (STREETS.has(bare) || (MAYBE_STREETS.has(bare) && endsAddress(text, end)))) {
      return { start, end, confidence: CERTAIN }
    }
    at = text[end] === '.' ? end + 1 : end
  }
  return null
}

/** Hauptstraße 12; Via Roma 12. */
function streetFirst(text: string, numberStart: number, numberEnd: number): Address | null {
  let end = numberStart
  if (text[end - 1] !== ' ') return null
  end--
  if (text[end - 1] === ',') end--
  for (let count = 0; count < MAX_WORDS; count++) {
    const start = wordStart(text, end)
    const word = text.slice(start, end)
    if (word === '') return null
    const bare = word.toLowerCase().replace('.', '')
    const isStreet =
      (count === 0 && isStreetName(word, bare)) || (count > 0 && isCapital(word) && STREETS_BEFORE_NAME.has(bare))
    if (isStreet) return { start, end: numberEnd, confidence: CERTAIN }
    if (count === 0 && bare === 'box' && isPostBox(text, start)) return { start, end: numberEnd, confidence: CERTAIN }
    if (text[start - 1] !== ' ' || (!isCapital(word) && !PARTICLES.has(bare))) return null
    end = start - 1
    // Villacher Strasse 89
    const isBare = count === 0 && STREET_WORDS.has(bare)
    if (isBare && isCapital(text.slice(wordStart(text, end), end))) {
      return { start: wordStart(text, end), end: numberEnd, confidence: CERTAIN }
    }
  }
  return null
}

/** P.O. Box 12; PSC 12, Box 34; Unit 12 Box 34. */
function isPostBox(text: string, boxStart: number): boolean {
  const before = text.slice(Math.max(0, boxStart - 12), boxStart).toLowerCase()
  return before.includes('p.o') || before.endsWith('po ') || before.includes('psc ') || before.includes('unit ')
}

const ADDRESS_WORDS = [
  'address is ',
  'address: ',
  'address to ',
  'lives at ',
  'live at ',
  'living at ',
  'adresse: ',
  'wohnt in ',
  'dirección: ',
  'indirizzo: ',
  'adresse est ',
]

/** My address is 10252 anything: a word says so, a number and a name follow. */
function afterWord(text: string, start: number, numberEnd: number): Address | null {
  if (text[numberEnd] !== ' ' || !isCapital(text.slice(numberEnd + 1, numberEnd + 2))) return null
  const before = text.slice(Math.max(0, start - 20), start).toLowerCase()
  if (!ADDRESS_WORDS.some((word) => before.endsWith(word))) return null
  return { start, end: wordEnd(text, numberEnd + 1), confidence: 0.6 }
}

function isStreetName(word: string, bare: string): boolean {
  const endings = STREET_ENDINGS.get(bare.at(-1) ?? '')
  if (endings === undefined || !isCapital(word)) return false
  return endings.some((ending) => bare.length > ending.length + 2 && bare.endsWith(ending))
}

/** The line ends, or a flat, a city or a post code follows. */
function endsAddress(text: string, end: number): boolean {
  let at = end
  if (text[at] === '.') at++
  if (at >= text.length || text[at] === '\n') return true
  const isComma = text[at] === ','
  if (isComma) at++
  while (text[at] === ' ' || text[at] === '\n') at++
  const next = text.slice(at, wordEnd(text, at))
  if (FLATS.has(next.toLowerCase()) || text[at] === '#') return true
  const near = text.slice(end, end + 48)
  return (isComma && isCapital(next)) || hasPostCode(near)
}

function hasPostCode(near: string): boolean {
  let digits = 0
  for (let i = 0; i < near.length; i++) {
    digits = isDigit(near.charCodeAt(i)) ? digits + 1 : 0
    if (digits === 5 && !isDigit(near.charCodeAt(i + 1))) return true
  }
  return false
}

/** The end of a word of letters, digits, apostrophes and hyphens, at most 24 characters on. */
function wordEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && end - from < MAX_WORD && isWordUnit(text.charCodeAt(end))) end++
  return end
}

function wordStart(text: string, to: number): number {
  let start = to
  while (start > 0 && to - start < MAX_WORD && (isWordUnit(text.charCodeAt(start - 1)) || text[start - 1] === '.'))
    start--
  return start
}

const isWordUnit = (unit: number) => isLetter(unit) || isDigit(unit) || unit === 39 || unit === 45 || unit === 8217
