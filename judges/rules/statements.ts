import { NUMBER, numberAt, type Sentences, type Words, wordHash } from '../words.ts'

/** One sentence as what it says: the same words with another number, or once with and once without a `not`, collide. */
export interface Statement {
  readonly sentence: number
  /** Hash of its words in order, without articles, negations and lead-ins; numbers count as one word. */
  readonly signature: number
  readonly is_negated: boolean
  /** Its only number, where that is what the sentence says about its subject; null otherwise. */
  readonly value: number | null
  /** Words that make the signature. */
  readonly length: number
}

/** What a word does to a statement. Several may hold. */
const IGNORED = 1
const NEGATION = 2
const LEAD_IN = 4
const HEDGE = 8
const PRONOUN = 16
const COPULA = 32
const ANTONYM = 64
const EVENT = 128
const PREPOSITION = 256
const PAST = 512

const ROLES: readonly (readonly [number, string])[] = [
  [IGNORED, 'a an the do indeed really very just currently exactly approximately about around roughly total of'],
  [
    IGNORED | NEGATION,
    "not never cannot isn't aren't wasn't weren't can't don't won't shouldn't mustn't hasn't haven't no",
  ],
  [
    LEAD_IN,
    'so therefore thus hence however overall finally and but yes summary conclusion in summarize to short again note that',
  ],
  [
    HEDGE,
    `if unless when while although though whether or either neither some sometimes may might could would maybe perhaps
    probably possibly usually often actually correction wait oops mistake wrong incorrectly myth claim claims claimed says
    said argue argues believe believes think thinks example suppose assume imagine pretend statement sentence previously
    initially originally formerly now later before after then until once former latter first second third next another
    other others each per every respectively also too only let say minimum maximum least most up plus minus option case scenario`,
  ],
  [PRONOUN, 'it this that they he she there these those one which who what i we its his her their'],
  [COPULA, "is are was were equals equal costs cost totals weighs measures isn't aren't wasn't weren't lasts"],
  [PAST, "was were wasn't weren't had did"],
  [
    EVENT,
    'born died founded completed built established released published signed invented discovered launched created',
  ],
  [PREPOSITION, 'in on'],
]
/** The right word says the contrary of the left one. */
const ANTONYMS =
  'safe:unsafe possible:impossible legal:illegal true:false open:closed correct:incorrect valid:invalid available:unavailable ' +
  'able:unable necessary:unnecessary accurate:inaccurate enabled:disabled active:inactive compatible:incompatible ' +
  'allowed:forbidden permitted:prohibited required:optional refundable:nonrefundable present:absent alive:dead ' +
  'mandatory:voluntary reversible:irreversible edible:inedible toxic:nontoxic reliable:unreliable'

/** Words that make a sentence the contrary of another one, beside `not`. */
export const CONTRARY_WORDS: readonly string[] = ['never', ...ANTONYMS.split(' ').map((pair) => pair.split(':')[1]!)]

interface Roles {
  readonly of: ReadonlyMap<number, number>
  /** What an antonym counts as. */
  readonly positive: ReadonlyMap<number, number>
  /** A bit per hash: most words have no role, and need no look-up. */
  readonly filter: Uint8Array
}
const FILTER_MASK = 8191
let sharedRoles: Roles | undefined

function roles(): Roles {
  if (sharedRoles !== undefined) return sharedRoles
  const of = new Map<number, number>()
  const positive = new Map<number, number>()
  const add = (word: string, role: number) => of.set(wordHash(word), (of.get(wordHash(word)) ?? 0) | role)
  for (const [role, words] of ROLES) for (const word of words.split(/\s+/)) add(word, role)
  for (const pair of ANTONYMS.split(' ')) {
    const [word, contrary] = pair.split(':') as [string, string]
    add(contrary, ANTONYM)
    positive.set(wordHash(contrary), wordHash(word))
  }
  const filter = new Uint8Array(FILTER_MASK + 1)
  for (const hash of of.keys()) filter[hash & FILTER_MASK] = 1
  sharedRoles = { of, positive, filter }
  return sharedRoles
}

/** Contractions hold the verb that the plain form has beside its negation. */
const CONTRACTED: Readonly<Record<string, string>> = {
  "isn't": 'is',
  "aren't": 'are',
  "wasn't": 'was',
  "weren't": 'were',
  "can't": 'can',
  cannot: 'can',
  "won't": 'will',
  "shouldn't": 'should',
  "mustn't": 'must',
  "hasn't": 'has',
  "haven't": 'have',
}
let contractedHashes: ReadonlyMap<number, number> | undefined
const verbOf = (hash: number) => {
  contractedHashes ??= new Map(Object.entries(CONTRACTED).map(([word, verb]) => [wordHash(word), wordHash(verb)]))
  return contractedHashes.get(hash)
}

const FNV_PRIME = 16777619
const MASKED_NUMBER = 7
const MIN_LENGTH = 3
const MAX_LENGTH = 30
const PRONOUN_LENGTH = 6

/** null for a sentence that states nothing that another one could deny: questions, conditions, opinions, fragments. */
export function statementOf(words: Words, sentences: Sentences, sentence: number): Statement | null {
  const { of, positive, filter } = roles()
  const { hashes, kinds } = words
  const last = sentences.last_words[sentence]!
  let signature = 17
  let length = 0
  let isNegated = false
  let hasAntonym = false
  let isPast = false
  let hasCopula = false
  let hasEvent = false
  let isPronoun = false
  let number = -1
  let before = 0
  for (let i = sentences.first_words[sentence]!; i < last; i++) {
    if (kinds[i] === NUMBER) {
      if (number >= 0) return null
      number = i
      // What stands before the number decides whether the sentence is about it.
      const tellsDate = hasEvent && (before & PREPOSITION) !== 0
      if ((before & COPULA) === 0 && !tellsDate) return null
      signature = Math.imul(signature ^ MASKED_NUMBER, FNV_PRIME)
      length++
      before = 0
      continue
    }
    const hash = hashes[i]!
    const role = filter[hash & FILTER_MASK] === 0 ? 0 : (of.get(hash) ?? 0)
    if (role !== 0) {
      if ((role & HEDGE) !== 0) return null
      if ((role & LEAD_IN) !== 0 && length === 0) continue
      if ((role & COPULA) !== 0) hasCopula = true
      if ((role & PAST) !== 0) isPast = true
      if ((role & EVENT) !== 0) hasEvent = true
      if ((role & PRONOUN) !== 0 && length === 0) isPronoun = true
      if ((role & NEGATION) !== 0) isNegated = !isNegated
      if ((role & IGNORED) !== 0 || (role & NEGATION) !== 0) {
        const verb = verbOf(hash)
        if (verb !== undefined) {
          signature = Math.imul(signature ^ verb, FNV_PRIME)
          length++
        }
        if ((role & NEGATION) !== 0) before = role
        continue
      }
      if ((role & ANTONYM) !== 0) {
        hasAntonym = true
        isNegated = !isNegated
      }
    }
    before = role
    signature = Math.imul(signature ^ ((role & ANTONYM) !== 0 ? positive.get(hash)! : hash), FNV_PRIME)
    if (++length > MAX_LENGTH) return null
  }
  if (length < MIN_LENGTH || (isPronoun && length < PRONOUN_LENGTH)) return null
  if (number < 0 && !isNegated && !hasCopula && length < MIN_LENGTH + 1) return null
  if (hasAntonym && isPast) return null
  return {
    sentence,
    signature,
    is_negated: isNegated,
    value: number < 0 ? null : (numberAt(words, number) ?? null),
    length,
  }
}
