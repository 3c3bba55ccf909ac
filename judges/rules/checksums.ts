import { createHash } from 'node:crypto'

/** The checks behind identifiers. Each takes the bare characters (no separators) and says whether they fit. */

export const digitsOf = (text: string) => {
  let digits = ''
  for (const character of text) if (character >= '0' && character <= '9') digits += character
  return digits
}

/** Letters and digits of ASCII in capitals: what a folded pattern matched beyond ASCII disappears and the check fails. */
export const alphanumericsOf = (text: string) => {
  let result = ''
  for (const character of text.toUpperCase()) {
    if ((character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z')) result += character
  }
  return result
}

/** The sum of the first digits, each times its weight. */
export const weighted = (digits: string, weights: readonly number[]) =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0)

/** ISO/IEC 7812-1 annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const doubled = digit * 2 - (digit > 4 ? 9 : 0)
    sum += i % 2 === 1 ? doubled : digit
  }
  return sum % 10 === 0
}

/** ISO 7064 MOD 97-10, as ISO 13616 uses it for IBANs. Letters count as 10 to 35. */
export function mod97(characters: string): number {
  let remainder = 0
  for (const character of characters) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}

export const isIban = (iban: string) => mod97(iban.slice(4) + iban.slice(0, 4)) === 1

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'

/** Spanish DNI (8 digits, letter) and NIE (X, Y or Z, 7 digits, letter): letter = number mod 23. */
export function isSpanishId(id: string): boolean {
  const first = 'XYZ'.indexOf(id[0] ?? '')
  const number = first < 0 ? id.slice(0, -1) : `${first}${id.slice(1, -1)}`
  return number.length === 8 && DNI_LETTERS[Number(number) % 23] === id.at(-1)
}

/** Dutch BSN: weights 9..2 and -1, divisible by 11. */
export const isBsn = (digits: string) =>
  digits.length === 9 && digits !== '000000000' && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0

/** Brazilian CPF: two check digits modulo 11; eleven equal digits are no CPF. */
export function isCpf(digits: string): boolean {
  if (digits.length !== 11 || new Set(digits).size === 1) return false
  const check = (length: number) => {
    let sum = 0
    for (let i = 0; i < length; i++) sum += Number(digits[i]) * (length + 1 - i)
    return ((sum * 10) % 11) % 10
  }
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10])
}

/** UK NHS number: weights 10..2, 11 minus the remainder is the tenth digit; 10 is not issued. */
export function isNhsNumber(digits: string): boolean {
  if (digits.length !== 10) return false
  const check = (11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  return check === Number(digits[9])
}

/** French NIR: key = 97 - (number mod 97); Corsica's 2A and 2B count as 19 and 18. */
export function isNir(id: string): boolean {
  if (id.length !== 15) return false
  const number = id.slice(0, 13).replace('2A', '19').replace('2B', '18')
  return digitsOf(number).length === 13 && 97 - Number(BigInt(number) % 97n) === Number(id.slice(13))
}

/** Polish PESEL: weights 1 3 7 9, the sum with the check digit ends in 0; the month tells the century. */
export function isPesel(digits: string): boolean {
  if (digits.length !== 11) return false
  const month = Number(digits.slice(2, 4)) % 20
  const day = Number(digits.slice(4, 6))
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= 31 && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0
  )
}

const CODICE_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]

/** Italian codice fiscale: the 16th letter is the sum of odd and even values modulo 26 (DM 23/12/1976). */
export function isCodiceFiscale(id: string): boolean {
  let sum = 0
  for (let i = 0; i < 15; i++) {
    const value = Number.parseInt(id[i] ?? '', 36)
    const index = value > 9 ? value - 10 : value
    sum += i % 2 === 0 ? CODICE_ODD[index]! : index
  }
  return id.length === 16 && String.fromCharCode(65 + (sum % 26)) === id[15]
}

const VERHOEFF_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

/** Verhoeff's dihedral check, as Aadhaar uses it. */
export function isVerhoeff(digits: string): boolean {
  let check = 0
  for (let i = 0; i < digits.length; i++) {
    let value = Number(digits[digits.length - 1 - i])
    for (let round = 0; round < i % 8; round++) value = VERHOEFF_PERMUTATION[value]!
    check = dihedral(check, value)
  }
  return check === 0
}

function dihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5
  return b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5
}

/** ICAO 9303 check digit: weights 7 3 1, letters 10 to 35, `<` 0. */
export function mrzDigit(field: string): number {
  let sum = 0
  for (let i = 0; i < field.length; i++) {
    const character = field[i]!
    sum += (character === '<' ? 0 : Number.parseInt(character, 36)) * [7, 3, 1][i % 3]!
  }
  return sum % 10
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Base58Check: the last 4 of 25 bytes are the start of the double SHA-256 of the rest. */
export function isBase58Check(text: string): boolean {
  let number = 0n
  for (const character of text) {
    const value = BASE58.indexOf(character)
    if (value < 0) return false
    number = number * 58n + BigInt(value)
  }
  const bytes = Buffer.from(number.toString(16).padStart(50, '0'), 'hex')
  if (bytes.length !== 25) return false
  const sha256 = (data: Buffer) => createHash('sha256').update(data).digest()
  return sha256(sha256(bytes.subarray(0, 21)))
    .subarray(0, 4)
    .equals(bytes.subarray(21))
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const BECH32_GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** BIP-173 and BIP-350: the polynomial over prefix and data is 1 (bech32) or 0x2bc830a3 (bech32m). */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase()
  const separator = lower.lastIndexOf('1')
  const values = Array.from(lower.slice(separator + 1), (character) => BECH32.indexOf(character))
  if (separator < 1 || values.length < 6 || values.includes(-1)) return false
  const prefix = Array.from(lower.slice(0, separator), (character) => character.charCodeAt(0))
  let checksum = 1
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...values]) {
    const top = checksum >>> 25
    checksum = ((checksum & 0x1ffffff) << 5) ^ value
    for (let bit = 0; bit < 5; bit++) if ((top >> bit) & 1) checksum ^= BECH32_GENERATOR[bit]!
  }
  return checksum === 1 || checksum === 0x2bc830a3
}
