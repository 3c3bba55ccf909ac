import { describe, expect, it } from 'vitest'
import { addressesIn } from './addresses.ts'
import { digitRuns } from './digit-runs.ts'

const found = (text: string) =>
  addressesIn(text, digitRuns(text, text.length)).map(({ start, end }) => text.slice(start, end))

describe('street addresses', () => {
  it.each([
    ['Ship to 742 Evergreen Terrace, Springfield.', '742 Evergreen Terrace'],
    ['She lives at 221B Baker Street.', '221B Baker Street'],
    ['Come to 5 Kings Court, Leeds', '5 Kings Court'],
    ['au 12 rue de la Paix', '12 rue de la Paix'],
    ['au 12, avenue Foch', '12, avenue Foch'],
    ['Die Hauptstraße 12 in Bonn', 'Hauptstraße 12'],
    ['Villacher Strasse 89', 'Villacher Strasse 89'],
    ['Abito in Via della Scala 27', 'Via della Scala 27'],
    ['Calle de Alcalá 45, Madrid', 'Calle de Alcalá 45'],
    ['P.O. Box 1187', 'Box 1187'],
    ['my address is 10252 Kesk 53', '10252 Kesk'],
  ])('%s', (text, address) => expect(found(text)).toEqual([address]))

  it.each([
    'The 9 Supreme Court justices met.',
    'In 2024 Google and 12 Other companies signed.',
    'Chapter 3 Way of the World',
    'The route is 10 km long; via Rome in 12 hours.',
    'Version 3.5 Street',
    'On 12 May 2024 the Place was open.',
    'a box 12 cm wide',
  ])('none in: %s', (text) => expect(found(text)).toEqual([]))

  it('are bounded in number, and any text is read', () => {
    expect(found('742 Evergreen Terrace, '.repeat(100))).toHaveLength(20)
    expect(found('1 A '.repeat(50_000))).toEqual([])
    expect(found('\ud8001 '.repeat(1000))).toEqual([])
  })
})
