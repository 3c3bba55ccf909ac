import { describe, expect, it } from 'vitest'
import {
  isBase58Check,
  isBech32,
  isBsn,
  isCodiceFiscale,
  isCpf,
  isIban,
  isLuhn,
  isNhsNumber,
  isNir,
  isPesel,
  isSpanishId,
  isVerhoeff,
  mrzDigit,
} from './checksums.ts'

/** Published specimen values; each must fail once a character changes. */
const SPECIMENS: readonly (readonly [string, (value: string) => boolean, readonly string[]])[] = [
  ['Luhn', isLuhn, ['4111111111111111', '378282246310005', '30569309025904']],
  ['IBAN', isIban, ['DE89370400440532013000', 'GB82WEST12345698765432', 'FR1420041010050500013M02606']],
  ['DNI and NIE', isSpanishId, ['12345678Z', 'X1234567L']],
  ['BSN', isBsn, ['111222333', '123456782']],
  ['CPF', isCpf, ['52998224725', '11144477735']],
  ['NHS', isNhsNumber, ['9434765919', '4505577104']],
  ['NIR', isNir, ['255081416802538', '188052A00100223']],
  ['PESEL', isPesel, ['44051401359', '02070803628']],
  ['codice fiscale', isCodiceFiscale, ['RSSMRA85T10A562S', 'MRTMTT91D08F205J']],
  ['Verhoeff', isVerhoeff, ['2363', '758722']],
  ['base58check', isBase58Check, ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy']],
  ['bech32', isBech32, ['bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq', 'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4']],
]

describe.each(SPECIMENS)('%s', (_name, fits, values) => {
  it.each(values)('accepts %s and refuses it with another last character', (value) => {
    expect(fits(value)).toBe(true)
    const last = value.at(-1)!
    const other = last === '7' ? '3' : last >= '0' && last <= '9' ? '7' : last === 'q' || last === 'Q' ? 'p' : 'Q'
    expect(fits(value.slice(0, -1) + other)).toBe(false)
  })
})

describe('mrzDigit', () => {
  it('gives the digits of the ICAO 9303 specimen', () => {
    expect(['L898902C3', '740812', '120415', 'ZE184226B<<<<<'].map(mrzDigit)).toEqual([6, 2, 9, 1])
  })
})
