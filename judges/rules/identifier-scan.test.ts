import { describe, expect, it } from 'vitest'
import type { SpanText } from '../judge.ts'
import { digitRuns } from './digit-runs.ts'
import * as checks from './identifier-checksums.ts'
import { createIdentifierScan } from './identifier-scan.ts'
import { IDENTIFIERS } from './identifiers.ts'

/** Published specimens; another last character must fail. */
const SPECIMENS: readonly (readonly [string, (bare: string) => boolean, string])[] = [
  ['ABA routing', checks.isAbaRouting, '121000358'],
  ['NPI', checks.isNpi, '1234567893'],
  ['DEA', checks.isDea, 'AB1234563'],
  ['SIN', checks.isSin, '130692544'],
  ['ABN', checks.isAbn, '51824753556'],
  ['ACN', checks.isAcn, '005499981'],
  ['TFN', checks.isTfn, '876543210'],
  ['KVNR', checks.isKvnr, 'A123456780'],
  ['RVNR', checks.isRvnr, '15070649C103'],
  ['Steuer-ID', checks.isTaxIdLoosely, '86095742719'],
  ['German VAT', checks.isMod1110, '136695976'],
  ['Korean business', checks.isKoreanBusiness, '1048656659'],
  ['personnummer', checks.isPersonnummer, '8112289874'],
  ['HETU', checks.isHetu, '131052308T'],
  ['Thai', checks.isThaiId, '1234567890121'],
  ['Turkish', checks.isTurkishId, '10000000146'],
  ['South African', checks.isSouthAfricanId, '8001015009087'],
  ['NRIC', checks.isNric, 'S2740116C'],
  ['Chinese', checks.isChineseId, '11010519491231002X'],
  ['Taiwanese', checks.isTaiwaneseId, 'A123456789'],
  ['My Number', checks.isMyNumber, '123456789018'],
  ['AHV', checks.isAhv, '7569217076985'],
  ['Belgian', checks.isBelgianNumber, '85073003328'],
  ['NIF', checks.isNif, '123456789'],
  ['PPS', checks.isPps, '1234567T'],
  ['CNP', checks.isCnp, '1960523460075'],
  ['EGN', checks.isEgn, '7523169263'],
  ['birth number', checks.isBirthNumber, '7103192745'],
  ['CNPJ', checks.isCnpj, '11222333000181'],
  ['CUIT', checks.isCuit, '20123456786'],
  ['RUT', checks.isRut, '125312909'],
  ['NIP', checks.isNip, '1234563218'],
]

describe('checks of identifiers', () => {
  it.each(SPECIMENS)('%s takes its specimen and no other last character', (_name, check, specimen) => {
    expect(check(specimen)).toBe(true)
    const last = specimen.at(-1)!
    const other = last >= '0' && last <= '9' ? String((Number(last) + 1) % 10) : last === 'B' ? 'C' : 'B'
    expect(check(specimen.slice(0, -1) + other)).toBe(false)
  })
})

const aText = (text: string, fields: Partial<SpanText> = {}): SpanText => ({
  path: 'input/0/0',
  field: 'input',
  role: 'user',
  text,
  ...fields,
})
const scan = (text: SpanText, floor = 0.5) =>
  createIdentifierScan(IDENTIFIERS, floor)(text, digitRuns(text.text, text.text.length))
const idsIn = (text: string, floor = 0.5) =>
  scan(aText(text), floor).map(({ kind, start, end }) => [kind.id, text.slice(start, end)])

describe('identifiers in texts', () => {
  it('are found at any place, once each, the surest first', () => {
    expect(idsIn('Hetu 131052-308T, CNPJ 11.222.333/0001-81; and AB51 ABC is my car.')).toEqual([
      ['fi_hetu', '131052-308T'],
      ['br_cnpj', '11.222.333/0001-81'],
      ['uk_plate', 'AB51 ABC'],
    ])
  })
  it('need their word, unless they are the whole message of a user', () => {
    expect(idsIn('there were 1234567893 of them')).toEqual([])
    expect(idsIn('NPI: 1234567893')).toEqual([['us_npi', '1234567893']])
    expect(idsIn(' 1234567893. ')).toEqual([['us_npi', '1234567893']])
    expect(scan(aText('1234567893', { field: 'output' }))).toEqual([])
    expect(idsIn('there were 1234567893 of them', 0.3).length).toBe(1)
  })
  it('are no pieces of longer numbers and words', () => {
    for (const text of [
      'x811228-9874',
      '811228-98745',
      '1.811228-9874',
      '1811228-9874',
      '811228-9874-1',
      'a_811228-9874',
    ])
      expect(idsIn(text), text).toEqual([])
  })
  it('are looked for in bounded time and number', () => {
    const evil = ['1 ', 'a1 ', '9-', '811228-9874 ', '1a ', 'ab 1', '12345678 ', '٣ 1 ', '\ud800 1']
    for (const piece of evil) {
      const { user, system } = process.cpuUsage()
      expect(scan(aText(piece.repeat(Math.ceil(100_000 / piece.length))), 0.3).length).toBeLessThanOrEqual(103)
      const used = process.cpuUsage({ user, system })
      // Some 30 ms; a search that looks back or ahead without bound takes minutes.
      expect((used.user + used.system) / 1000, piece).toBeLessThan(3000)
    }
  })
})
