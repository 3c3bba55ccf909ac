const WORD = /json/gi
const BEFORE = 90
const AFTER = 90
/** A prompt that says it says it early, or again and again. */
const MAX_PLACES = 12
const SENTENCE_END = /[.!?;\n](?=\s|$)|\n/g

const FILLERS =
  '(?:(?:back|only|exclusively|strictly|solely|with|in|using|as|an?|one|single|valid|raw|strict|well-formed|pure|plain|minified|the|following|your|answers?|responses?|results?|output)\\s+){0,7}'
const ORDER = new RegExp(
  `(?:^\\W*|\\b(?:must|should|always|please|only|you|and|to|will) +)(?:respond|reply|answer|return|output|produce)\\s+${FILLERS}json\\b`,
  'i',
)
const RULE =
  /\b(?:output|response|answer|reply|message) (?:must|should|has to|needs to|is to) (?:always )?be (?:(?:only|exclusively|strictly|a|an|single|valid|raw|pure|well-formed|one|in) )*json\b/i
const ALONE =
  /\b(?:only|exclusively|solely|strictly|valid|raw|pure|nothing else|json format|(?:no|without|not) (?:any )?(?:other|extra|additional|prose|markdown|text|explanations?|comment(?:s|ary)?|preamble|code fences?))\b/i
const CONDITION =
  /\b(?:if|unless|when(?:ever)?|not|never|don['’]t|tools?|functions?|arguments?|endpoints?|requests?|examples?|users? (?:asks?|wants?))\b/i

/** Whether a system prompt asks, in English and without a condition, for answers that are JSON and nothing else. */
export function asksForJsonAlone(system: string): boolean {
  WORD.lastIndex = 0
  for (let places = 0, found = WORD.exec(system); found && places < MAX_PLACES; places++, found = WORD.exec(system)) {
    if (isAlone(system, found.index)) return true
  }
  return false
}

function isAlone(system: string, at: number): boolean {
  const before = system.slice(Math.max(0, at - BEFORE), at)
  const after = system.slice(at, at + AFTER)
  const start = before.length - (before.split(SENTENCE_END).at(-1) as string).length
  const end = after.search(/[.!?;\n](?=\s|$)/)
  const demand = before.slice(start)
  const sentence = demand + (end < 0 ? after : after.slice(0, end))
  if (CONDITION.test(demand)) return false
  return (
    (ORDER.test(sentence) || RULE.test(sentence)) && ALONE.test(sentence) && !/\b(?:if|when|unless)\b/i.test(sentence)
  )
}
