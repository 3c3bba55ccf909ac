import type { Random } from '../../core/random.ts'

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random(items.length)]!
}

/** True in `percent` of 100 draws, to a hundredth. */
export function chance(random: Random, percent: number): boolean {
  return random(10_000) < percent * 100
}

/** A whole number from `from` to `to`, both included, smaller ones more often: how long calls and texts are. */
export function skewed(random: Random, from: number, to: number): number {
  const u = random(1_000_000) / 1_000_000
  return Math.round(from + (to - from) * u * u * u)
}

export const FIRST_NAMES =
  'Anna Ben Chloe David Elif Farid Grace Hiro Ines Jonas Karin Liam Mara Nadia Omar Petra Quinn Rosa Sven Tara Umar Vera Wei Yara'.split(
    ' ',
  )
export const LAST_NAMES =
  'Adams Bauer Costa Dubois Eriksen Fischer Garcia Haddad Ito Jensen Kowalski Lund Moreau Novak Okafor Price Rossi Sato Tanaka Vogel'.split(
    ' ',
  )
export const PRODUCTS = [
  'trail running shoes',
  'espresso machine',
  'noise-cancelling headphones',
  'standing desk',
  'rain jacket',
  'mechanical keyboard',
  'baby monitor',
  'camping stove',
  'bike helmet',
  'robot vacuum',
  'air purifier',
  'electric kettle',
]
export const CITIES =
  'Aarhus Bologna Cork Dresden Eindhoven Faro Ghent Haarlem Innsbruck Krakow Lyon Malmö Porto Utrecht'.split(' ')

export const orderNumber = (random: Random) => `NW-${10_000 + random(90_000)}`
export const fullName = (random: Random) => `${pick(random, FIRST_NAMES)} ${pick(random, LAST_NAMES)}`

export const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export function letters(random: Random, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[random(alphabet.length)]!).join('')
}

/** A number that could be a real card's: its last digit is Luhn's check digit (ISO/IEC 7812-1, annex B). */
export function cardNumber(random: Random): string {
  const digits = [5, 3, ...Array.from({ length: 13 }, () => random(10))]
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return [...digits, (10 - (sum % 10)) % 10].join('').replaceAll(/(.{4})(?=.)/g, '$1 ')
}
