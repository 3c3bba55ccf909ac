import { wordHash } from '../words.ts'

export const GRAMMAR_RULES = [
  'repeated_word',
  'article',
  'agreement',
  'modal_of',
  'confused_words',
  'missing_space',
  'capitalisation',
] as const
export type GrammarRule = (typeof GRAMMAR_RULES)[number]

/** Two words in a row that are wrong together, whatever their case. Lists are words between white space. */
interface PairRule {
  readonly rule: GrammarRule
  readonly first: string
  readonly second: string
  /** Not behind one of these, or only at the start of a sentence, or only there or behind one of these. */
  readonly not_behind?: string
  readonly only_start?: boolean
  readonly start_or_behind?: string
  /** Only before one of these, or before none of them. */
  readonly before?: string
  readonly not_before?: string
  /** The pair must end the sentence. */
  readonly only_end?: boolean
  /** The pair must be written like this. */
  readonly lower_case?: boolean
}

const AUXILIARIES =
  "did does do didn't doesn't don't will won't would wouldn't can can't could couldn't should shouldn't may might must shall let had has have to help make see watch hear and or nor than"
const THIRD_PERSON =
  'go want need like think say know make take get come see look use find give tell work call try ask feel become leave live play eat drink love hate believe understand remember walk talk speak write seem enjoy prefer wear buy sell help teach learn visit start keep hold bring stand sit watch follow'
const WITH_S =
  'goes wants needs likes thinks says knows makes takes gets comes sees looks uses finds gives tells works calls tries asks feels becomes leaves lives plays eats drinks loves hates believes understands remembers walks talks speaks writes seems enjoys prefers wears buys sells helps teaches learns visits starts keeps holds brings has was is'
const CLAUSE = 'because that when if but so while although though since'
const PARTICIPLES =
  'been had done gone made seen taken known told got given come said thought become left kept found felt heard bought brought won lost used tried wanted helped happened worked liked saved asked'

const ENGLISH_PAIRS: readonly PairRule[] = [
  {
    rule: 'agreement',
    first: 'they we',
    second: "was is has does doesn't wasn't isn't hasn't",
    not_behind: `${AUXILIARIES} who what`,
  },
  { rule: 'agreement', first: 'you', second: "was is has does doesn't wasn't isn't hasn't", start_or_behind: CLAUSE },
  { rule: 'agreement', first: 'he she', second: "are aren't don't haven't", not_behind: AUXILIARIES },
  { rule: 'agreement', first: 'he she', second: 'have do', not_behind: `${AUXILIARIES} that lest` },
  { rule: 'agreement', first: 'he she it', second: THIRD_PERSON, only_start: true, not_before: 'or and' },
  {
    rule: 'agreement',
    first: 'he she',
    second: THIRD_PERSON,
    start_or_behind: 'because but so then although since yesterday today now',
    not_before: 'or and',
  },
  { rule: 'agreement', first: 'they we', second: WITH_S, only_start: true },
  { rule: 'agreement', first: 'this that', second: "are were aren't", only_start: true },
  { rule: 'agreement', first: 'these those', second: "is was isn't wasn't has", only_start: true },
  { rule: 'modal_of', first: 'could should would must might', second: 'of', before: PARTICIPLES },
  { rule: 'modal_of', first: "couldn't shouldn't wouldn't", second: 'of', before: PARTICIPLES },
  { rule: 'confused_words', first: "it's", second: 'own' },
  {
    rule: 'confused_words',
    first: 'its',
    second: 'a an been',
    start_or_behind: `${CLAUSE} and think`,
    lower_case: true,
  },
  { rule: 'confused_words', first: 'your', second: 'are welcome', only_end: true },
  { rule: 'confused_words', first: 'your', second: 'are', start_or_behind: `${CLAUSE} and think hope` },
  {
    rule: 'confused_words',
    first: 'their',
    second: "is are was were isn't aren't",
    start_or_behind: `${CLAUSE} and think`,
  },
  { rule: 'confused_words', first: 'rather', second: 'then', not_before: 'i we he she they you it' },
  {
    rule: 'capitalisation',
    first: 'i',
    second: "am was have think don't can't would want need like know could should believe guess will had did",
    lower_case: true,
  },
]

/** Words that never stand twice in a row; others do: had had, that that, very very, die die, nous nous. */
const NEVER_TWICE: Readonly<Record<string, string>> = {
  en: 'the a an of to and for with from at by this are was were be been or if it we they his their my your our which as but can will would could should has have into about than then these those because between',
  de: 'und ist ein eine einen einem eines nicht auch mit von für auf aus oder aber wird werden wurde sind war im am zum zur dass wenn weil wie als bei nach über',
  fr: 'le la les de des un une et est dans pour avec sur par qui ce cette sont ou mais au aux plus comme son sa ses leur du',
  es: 'el los las de del un una y es en con para por se su sus lo al como son pero más fue está este esta o',
  it: 'il lo gli le di del della un una e è in con per che si non sono da al alla ma come nel nella più',
  pt: 'o os as de do da um uma e é em com para por que se não no na ao são mas como mais foi sua seu',
  nl: 'de het een en van in is op te met voor niet zijn aan er maar om ook als bij door naar uit wordt worden of',
}

export const GRAMMAR_LANGUAGES: ReadonlySet<string> = new Set(Object.keys(NEVER_TWICE))

/** Sentences begin with these; behind a full stop without a space they are no part of a name (Math.floor, U.S.). */
const SENTENCE_STARTS: Readonly<Record<string, string>> = {
  en: 'the this it he she they we you i in however but and a an if for when there these those that as to so on at my your our his her its what with while although after before since once some many most another',
  de: 'der die das ein eine er sie es wir ihr ich in aber und wenn für dies diese dieser dieses auch so auf bei mit nach da',
  fr: 'le la les un une il elle ils elles nous vous je en mais et si pour ce cette ces dans avec',
  es: 'el la los las un una él ella ellos nosotros yo en pero y si para este esta estos con por no',
  it: 'il lo la i gli le un una in ma e se per questo questa con non',
  pt: 'o a os as um uma ele ela eles nós eu em mas e se para este esta com por não',
  nl: 'de het een hij zij ze we wij ik je in maar en als voor dit deze dat met',
}
/** Words that stand in lower case behind a full stop only by mistake. */
const LOWER_CASE_STARTS = 'the this it he she they we you there these'

export type Hashes = ReadonlySet<number>

export interface Pair {
  readonly rule: GrammarRule
  readonly second: Hashes
  readonly not_behind: Hashes
  readonly behind: Hashes | undefined
  readonly start: 'any' | 'only' | 'or_behind'
  readonly before: Hashes | undefined
  readonly not_before: Hashes
  readonly only_end: boolean
  readonly lower_case: boolean
}

export interface GrammarTables {
  readonly never_twice: Hashes
  readonly sentence_starts: Hashes
  readonly lower_case_starts: Hashes
  readonly pairs: ReadonlyMap<number, readonly Pair[]>
  readonly is_english: boolean
}

const hashesOf = (words: string): Hashes => new Set(words === '' ? [] : words.split(' ').map(wordHash))

/** By language, for those that have rules. */
export function createGrammarTables(): ReadonlyMap<string, GrammarTables> {
  const pairs = new Map<number, Pair[]>()
  for (const rule of ENGLISH_PAIRS) {
    const pair = pairOf(rule)
    for (const first of rule.first.split(' ')) {
      const hash = wordHash(first)
      const known = pairs.get(hash)
      if (known === undefined) pairs.set(hash, [pair])
      else known.push(pair)
    }
  }
  const none = new Map<number, Pair[]>()
  return new Map(
    Object.keys(NEVER_TWICE).map((language) => [
      language,
      {
        never_twice: hashesOf(NEVER_TWICE[language]!),
        sentence_starts: hashesOf(SENTENCE_STARTS[language]!),
        lower_case_starts: hashesOf(language === 'en' ? LOWER_CASE_STARTS : ''),
        pairs: language === 'en' ? pairs : none,
        is_english: language === 'en',
      },
    ]),
  )
}

function pairOf(rule: PairRule): Pair {
  return {
    rule: rule.rule,
    second: hashesOf(rule.second),
    not_behind: hashesOf(rule.not_behind ?? ''),
    behind: rule.start_or_behind === undefined ? undefined : hashesOf(rule.start_or_behind),
    start: rule.only_start === true ? 'only' : rule.start_or_behind === undefined ? 'any' : 'or_behind',
    before: rule.before === undefined ? undefined : hashesOf(rule.before),
    not_before: hashesOf(rule.not_before ?? ''),
    only_end: rule.only_end === true,
    lower_case: rule.lower_case === true,
  }
}
