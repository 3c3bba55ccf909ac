import type { Hit } from '../judge.ts'
import { re2 } from '../re2.ts'
import { isPlaceholder, looksRandom, shannonEntropy } from './randomness.ts'

/** The closer looks of the secrets judge: how sure, 0 for no. */

const PASSWORD_WORD = re2(
  '(?i)(?:pass(?:word|wd|phrase|wort|code)?|passwd|pwd|contraseña|senha|mot de passe)\\w*["\'`\\])]*\\s*[^\\w]*$',
)
const KEY_OF_SOMETHING_ELSE = re2(
  '(?i)(?:pass(?:port|enger|ive|age|ing|es|ed)\\w*|author\\w*|tokeniz\\w*|secretar\\w*|\\w*user(?:name)?|(?:public|primary|foreign|partition|sort|cache|lookup|translation|i18n|query|object)[_-]?key|key[_-]?(?:id|name|type|size|length|path|file|word|board)|(?:token|auth|password|secret|credential)[_-]?(?:type|name|id|url|uri|endpoint|path|file|host|provider|method|expir\\w*|length|policy|reset|count|limit|usage|field|class|store|manager))["\'`\\])]*\\s*(?:[:=]=?>?|:=|is)\\s*["\'`]?$',
)
const REFERENCE = re2(
  '^(?:0x|[$%@{<&*#]|\\\\|\\.\\.?/|/|https?:|arn:|[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)+(?:\\(|$)|[A-Za-z_]\\w*\\(|[A-Za-z_]\\w*\\[|!(?:Ref|Sub|vault)|vault:|file:|env:|ref:|process\\.env|os\\.)',
)
const HASHED = re2('^(?:\\$2[aby]?\\$|\\$argon2|\\$[156]\\$|\\{S?SHA|pbkdf2)')

export function checkKey({ match }: Hit): number {
  const body = match.slice(4)
  return isPlaceholder(match) || new Set(body).size < 6 || shannonEntropy(body) < 2.3 ? 0 : 0.95
}

const PORT = re2('^\\d{1,5}(?:#.*)?$')

/** A header that says which algorithm signs it makes it a JWT (RFC 7519); a bare base64 of JSON is none. */
export function checkJwt({ match }: Hit): number {
  const header = Buffer.from(match.slice(0, match.indexOf('.')), 'base64url').toString('latin1')
  return header.includes('"alg"') || header.includes('"typ"') ? 0.95 : 0
}

export function checkConnection({ match }: Hit): number {
  if (REFERENCE.test(match) || isPlaceholder(match) || match.includes('{') || match.includes('%s')) return 0
  // http://host:80#@other is a trick with ports, not a password.
  return PORT.test(match) ? 0 : 0.8
}

export function checkBearer({ match }: Hit): number {
  return isPlaceholder(match) || !looksRandom(match) ? 0 : 0.9
}

export function checkBasic({ match }: Hit): number {
  const decoded = Buffer.from(match, 'base64').toString('latin1')
  const colon = decoded.indexOf(':')
  const isReadable = [...decoded].every((character) => character >= ' ' && character <= '~')
  return isReadable && colon > 0 && !isPlaceholder(decoded.slice(colon + 1)) ? 0.9 : 0
}

/** An assignment to a word such as password or token: is the value a value, and not a name, a reference or an example? */
export function checkAssignment({ match, before, after, pattern }: Hit): number {
  const value = match.endsWith('\\') || match.endsWith('.') ? match.slice(0, -1) : match
  if (value.length < 4 || REFERENCE.test(value) || HASHED.test(value) || KEY_OF_SOMETHING_ELSE.test(before)) return 0
  const isQuoted = pattern === 'assignment_quoted'
  if (!isQuoted && after.startsWith('(')) return 0
  if (isPlaceholder(value)) return 0
  const isPassword = PASSWORD_WORD.test(before) || pattern === 'command_line'
  if (looksRandom(value)) {
    if (isPassword || value.length >= 8) return 0.85
    return value.length >= 6 ? 0.6 : 0
  }
  // A password may be made of words; one with digits or signs among them is hardly anything else.
  const isMixed = MIXED.test(value) && value.length >= 6
  return isPassword && isQuoted && isMixed ? 0.6 : 0
}
const MIXED = re2('^\\S*(?:[A-Za-z]\\S*[0-9!@#$%^&*]|[0-9!@#$%^&*]\\S*[A-Za-z])\\S*$')

/** SQL writes a password as a literal: hardly any is another thing. */
export function checkLiteral({ match }: Hit): number {
  return REFERENCE.test(match) || HASHED.test(match) || isPlaceholder(match) ? 0 : 0.7
}

export function checkRandom({ match }: Hit): number {
  return REFERENCE.test(match) || isPlaceholder(match) || !looksRandom(match) ? 0 : 0.75
}

const DIGIT_AND_LETTER = re2('[0-9].*[A-Za-z]|[A-Za-z].*[0-9]')
/** `key` names many things; a long value of random letters and digits is a secret, unless the key is known to be public. */
export function checkNamedKey(hit: Hit): number {
  const { match, before } = hit
  if (KEY_OF_SOMETHING_ELSE.test(before) || !DIGIT_AND_LETTER.test(match)) return 0
  return shannonEntropy(match) < 3 ? 0 : checkRandom(hit) * 0.9
}
