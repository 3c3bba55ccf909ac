/** Sounds of first letters, as far as spelling tells them. Lower-case words only: names and acronyms are read in many ways. */

const YOO_OR_WUH =
  /^(?:uni(?!n[a-z])|us(?:e|u|a|i)|ut(?:e|i|o)|ur(?:a|e|i|o)|ub(?:i|o)|uk|ufo|ug(?:a|l)?(?=anda)|eu|ew|once|one(?!r)|oui|ou(?=ij)|u(?:-|$)|uv|ui)/
const SILENT_H = /^(?:hour|honest|honou?r|heir|hors(?!e))/
/** Either article is used before these. */
const EITHER = /^(?:h(?:istor|otel|ysteri|abitual|erb|omage|umble|allucin)|one|unanim|utter|uter|urin|usher|us$)/
/** Words that follow the letter, the variable or the point `a`, or belong to another language. */
const AFTER_LETTER =
  /^(?:and|or|is|in|are|as|at|if|on|of|an|a|it|into|above|under|equals?|upon|about|after|also|all|am|any|us|its?|onto|over|el|en|un|una|uno|es|au|et|e|i|o|u|y|as|os|ao|il|io|our|up|each|either|every|another|other than|exists?|appears?|occurs?|always|only)$/

/** Whether `a` or `an` stands before a word that asks for the other one. `next` is the whole next word as it is written. */
export function isWrongArticle(article: string, next: string): boolean {
  if (!/^[a-z]{3,}$/.test(next) || EITHER.test(next) || AFTER_LETTER.test(next)) return false
  const startsWithVowel = SILENT_H.test(next) || (/^[aeiou]/.test(next) && !YOO_OR_WUH.test(next))
  return startsWithVowel !== (article === 'an')
}
