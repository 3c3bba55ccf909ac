import { digitsOf, isLuhn, mrzDigit, weighted } from './checksums.ts'

/** Checks of identifiers that countries give out. Each takes the bare characters in capitals and says whether they fit. */

const digitSum = (number: number) => (number > 9 ? Math.floor(number / 10) + (number % 10) : number)

/** Six digits that are a day: YYMMDD or DDMMYY. */
export function isDay(digits: string, order: 'ymd' | 'dmy' = 'ymd'): boolean {
  const month = Number(digits.slice(2, 4))
  const day = Number(order === 'ymd' ? digits.slice(4, 6) : digits.slice(0, 2))
  return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/** ABA routing number: weights 3 7 1, and the first two digits name a Federal Reserve district. */
export function isAbaRouting(digits: string): boolean {
  const district = Number(digits.slice(0, 2))
  const isDistrict = district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72)
  return isDistrict && weighted(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0 && digits !== '000000000'
}

/** US National Provider Identifier: Luhn with the prefix 80840 (CMS). */
export const isNpi = (digits: string) => (digits[0] === '1' || digits[0] === '2') && isLuhn(`80840${digits}`)

/** US DEA number: registrant letter, then (1st + 3rd + 5th) + 2 (2nd + 4th + 6th) ends in the 7th digit. */
export function isDea(id: string): boolean {
  const digits = id.slice(2)
  return 'ABCDEFGHJKLMPRSTUX'.includes(id[0]!) && weighted(digits, [1, 2, 1, 2, 1, 2]) % 10 === Number(digits[6])
}

/** US Medicare Beneficiary Identifier: no S, L, O, I, B, Z; the first digit is not 0 (CMS). */
export const isMbi = (id: string) =>
  id[0] !== '0' && ![...id].some((character) => 'SLOIBZ'.includes(character)) && /[A-Z]/.test(id[2]! + id[5]!)

/** Canadian SIN: Luhn; 0 and 8 are not given out. */
export const isSin = (digits: string) => digits[0] !== '0' && digits[0] !== '8' && isLuhn(digits)

/** Australian Business Number: the first digit less one, weighted, is divisible by 89 (ATO). */
export const isAbn = (digits: string) =>
  (weighted(digits, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0 && digits[0] !== '0'
/** Australian Company Number (ASIC). */
export const isAcn = (digits: string) =>
  (10 - (weighted(digits, [8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === Number(digits[8]) && digits !== '000000000'
/** Australian Tax File Number. */
export const isTfn = (digits: string) =>
  weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 && digits !== '000000000'
/** Australian Medicare card: starts with 2 to 6, the ninth digit checks the first eight. */
export const isAuMedicare = (digits: string) =>
  digits[0]! >= '2' && digits[0]! <= '6' && weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(digits[8])

/** ICAO 9303 check digit at the end, as on German passports and identity cards, whose numbers hold no vowels. */
export const isGermanDocument = (id: string) =>
  !/[ABDEIOQSU]/.test(id) && /[A-Z]/.test(id[0]!) && mrzDigit(id.slice(0, -1)) === Number(id.at(-1))

/** German health insurance number: the letter as two digits, weights 1 2, sums of digits (GKV). */
export function isKvnr(id: string): boolean {
  const digits = `${String(id.charCodeAt(0) - 64).padStart(2, '0')}${id.slice(1)}`
  let sum = 0
  for (let i = 0; i < 10; i++) sum += digitSum(Number(digits[i]) * (i % 2 === 0 ? 1 : 2))
  return sum % 10 === Number(digits[10])
}

const RVNR_WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]
/** German pension insurance number: area, birth, letter as two digits, serial; sums of weighted digits modulo 10 (VKVV). */
export function isRvnr(id: string): boolean {
  const digits = `${id.slice(0, 8)}${String(id.charCodeAt(8) - 64).padStart(2, '0')}${id.slice(9, 11)}`
  const sum = RVNR_WEIGHTS.reduce((total, weight, index) => total + digitSum(Number(digits[index]) * weight), 0)
  // Days are raised by 50 where serials ran out.
  const day = String(Number(id.slice(2, 4)) % 50).padStart(2, '0')
  return isDay(`${day}${id.slice(4, 8)}`, 'dmy') && sum % 10 === Number(id[11])
}

/** German physician number: weights 4 9 over six digits (KBV). */
export const isLanr = (digits: string) =>
  (10 - (weighted(digits, [4, 9, 4, 9, 4, 9]) % 10)) % 10 === Number(digits[6]) && digits[0] !== '0'

/** ISO 7064 MOD 11,10, as German VAT numbers, Croatian OIB and older German tax ids use it. */
export function isMod1110(digits: string): boolean {
  let product = 10
  for (const digit of digits.slice(0, -1)) product = (((Number(digit) + product) % 10 || 10) * 2) % 11
  return (11 - product) % 10 === Number(digits.at(-1))
}

/** German tax id without the rule on repeated digits, which test and older numbers break: no digit more than three times. */
export function isTaxIdLoosely(digits: string): boolean {
  const counts = new Map<string, number>()
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
  return digits[0] !== '0' && Math.max(...counts.values()) <= 3 && isMod1110(digits)
}

/** Korean resident number: a birthday, and a digit for century and sex; 5 to 8 are foreigners'. No checksum since 2020. */
export const isKoreanResident = (digits: string) => isDay(digits) && digits[6]! >= '1' && digits[6]! <= '8'

/** Korean business number (National Tax Service). */
export const isKoreanBusiness = (digits: string) =>
  (10 - ((weighted(digits, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + Math.floor((Number(digits[8]) * 5) / 10)) % 10)) % 10 ===
  Number(digits[9])

/** Korean driving licence: a region of 11 to 28. */
export const isKoreanLicence = (digits: string) => Number(digits.slice(0, 2)) >= 11 && Number(digits.slice(0, 2)) <= 28

/** Swedish personal number, with or without century: a day (+60 for coordination numbers) and Luhn. */
export function isPersonnummer(digits: string): boolean {
  const short = digits.slice(-10)
  const day = Number(short.slice(4, 6))
  const usual = day > 60 ? short.slice(0, 4) + String(day - 60).padStart(2, '0') : short
  const century = digits.length === 12 ? Number(digits.slice(0, 2)) : 19
  return century >= 18 && century <= 20 && isDay(usual) && isLuhn(short)
}
/** Swedish organisation number: the third digit is at least 2, Luhn. */
export const isSwedishOrganisation = (digits: string) => digits[2]! >= '2' && isLuhn(digits)

/** Finnish HETU: birth and serial as one number modulo 31 give the letter. */
export const isHetu = (id: string) =>
  isDay(id, 'dmy') &&
  '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(digitsOf(id.slice(0, -1)).slice(0, 9)) % 31] === id.at(-1)

/** Thai identity number: weights 13 to 2, 11 minus the remainder; the first digit is 1 to 8. */
export function isThaiId(digits: string): boolean {
  const province = Number(digits.slice(1, 3))
  const check = (11 - (weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10
  return digits[0]! >= '1' && digits[0]! <= '8' && province >= 10 && province <= 96 && check === Number(digits[12])
}

/** Turkish identity number: 7 times the odd digits less the even ones, then the sum of ten (NVI). */
export function isTurkishId(digits: string): boolean {
  const at = (index: number) => Number(digits[index])
  const odd = at(0) + at(2) + at(4) + at(6) + at(8)
  const even = at(1) + at(3) + at(5) + at(7)
  const tenth = (((odd * 7 - even) % 10) + 10) % 10
  return digits[0] !== '0' && tenth === at(9) && (odd + even + at(9)) % 10 === at(10)
}

/** South African identity number: birth, citizenship 0 to 2, Luhn. */
export const isSouthAfricanId = (digits: string) => isDay(digits) && digits[10]! <= '2' && isLuhn(digits)

const NRIC_WEIGHTS = [2, 7, 6, 5, 4, 3, 2]
/** Singapore NRIC and FIN: a letter by weights modulo 11; T and G add 4, M adds 3. */
export function isNric(id: string): boolean {
  const sum = weighted(id.slice(1, 8), NRIC_WEIGHTS) + (id[0] === 'T' || id[0] === 'G' ? 4 : id[0] === 'M' ? 3 : 0)
  if (id[0] === 'S' || id[0] === 'T') return 'JZIHGFEDCBA'[sum % 11] === id[8]
  if (id[0] === 'F' || id[0] === 'G') return 'XWUTRQPNMLK'[sum % 11] === id[8]
  return id[0] === 'M' && 'KLJNPQRTUWX'[10 - (sum % 11)] === id[8]
}

/** Chinese resident identity number: a birthday, ISO 7064 MOD 11-2 (GB 11643). */
export function isChineseId(id: string): boolean {
  const sum = weighted(id.slice(0, 17), [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
  const year = Number(id.slice(6, 10))
  return year >= 1900 && year <= 2099 && isDay(id.slice(8, 14)) && '10X98765432'[sum % 11] === id[17]
}

/** Taiwanese identity number: the letter as two digits, weights 1 9 8 to 1 1. */
export function isTaiwaneseId(id: string): boolean {
  const letter = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(id[0]!) + 10
  const sum = Math.floor(letter / 10) + (letter % 10) * 9 + weighted(id.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1])
  return (id[1] === '1' || id[1] === '2' || id[1] === '8' || id[1] === '9') && sum % 10 === 0
}

/** Japanese My Number: weights modulo 11 (Ministerial ordinance of 2014, article 5). */
export function isMyNumber(digits: string): boolean {
  const remainder = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return (remainder <= 1 ? 0 : 11 - remainder) === Number(digits[11])
}

/** Norwegian birth number: two digits modulo 11. */
export const isFodselsnummer = (digits: string) =>
  isDay(`${Number(digits[0]) % 4}${digits.slice(1, 6)}`, 'dmy') &&
  weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
  weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0

/** Swiss AHV number: EAN-13 with the prefix 756. */
export const isAhv = (digits: string) =>
  digits.startsWith('756') && weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0

/** Belgian national number: 97 less the first nine digits modulo 97, born since 2000 with a 2 before. */
export const isBelgianNumber = (digits: string) => {
  const key = Number(digits.slice(9))
  const number = Number(digits.slice(0, 9))
  return isDay(digits) && (97 - (number % 97) === key || 97 - ((2_000_000_000 + number) % 97) === key)
}

/** Portuguese NIF: weights 9 to 2 modulo 11. */
export const isNif = (digits: string) => {
  const remainder = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return (remainder < 2 ? 0 : 11 - remainder) === Number(digits[8])
}

/** Irish PPS number: weights 8 to 2 (and 9 for a second letter) modulo 23. */
export const isPps = (id: string) => {
  const second = id.length === 9 ? ('WABCDEFGHI'.indexOf(id[8]!) % 10) * 9 : 0
  return 'WABCDEFGHIJKLMNOPQRSTUV'[(weighted(id.slice(0, 7), [8, 7, 6, 5, 4, 3, 2]) + second) % 23] === id[7]
}

/** Romanian CNP: weights 279146358279 modulo 11, 10 counts as 1. */
export const isCnp = (digits: string) =>
  isDay(digits.slice(1)) &&
  (weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11) % 10 === Number(digits[12]) % 10 &&
  digits[0] !== '0'

/** Bulgarian EGN: weights modulo 11 modulo 10; months of 1800s and 2000s are raised by 20 and 40. */
export const isEgn = (digits: string) =>
  Number(digits.slice(2, 4)) % 20 >= 1 &&
  Number(digits.slice(2, 4)) % 20 <= 12 &&
  (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === Number(digits[9])

/** Czech and Slovak birth number of ten digits: divisible by 11; women's months are raised by 50. */
export const isBirthNumber = (digits: string) => {
  const month = Number(digits.slice(2, 4)) % 50
  return month >= 1 && month <= 32 && Number(digits) % 11 === 0
}

/** Brazilian company number: two check digits modulo 11. */
export function isCnpj(digits: string): boolean {
  const check = (weights: readonly number[]) => {
    const remainder = weighted(digits, weights) % 11
    return remainder < 2 ? 0 : 11 - remainder
  }
  const weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
  return check(weights) === Number(digits[12]) && check([6, ...weights]) === Number(digits[13])
}

/** Argentinian CUIT and CUIL: weights 5432765432 modulo 11. */
export const isCuit = (digits: string) => weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0

/** Chilean RUT: weights 2 to 7 from the right modulo 11, 10 is K. */
export function isRut(id: string): boolean {
  let sum = 0
  const digits = id.slice(0, -1)
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (2 + (i % 6))
  return '0987654321K'[sum % 11] === (id.at(-1) === '0' ? '0' : id.at(-1)) && digits.length >= 7
}

/** Philippine and other mobile numbers are told by their form; nothing to check but that they are no row of one digit. */
export const isVaried = (digits: string) => new Set(digits).size > 2

/** Polish NIP and REGON: weights modulo 11. */
export const isNip = (digits: string) => weighted(digits, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === Number(digits[9])

/** Israeli identity number: Luhn from the left. */
export const isIsraeliId = (digits: string) => isLuhn(digits) && isVaried(digits)
