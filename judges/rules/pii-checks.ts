import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Hit } from '../judge.ts'
import { re2 } from '../re2.ts'
import { alphanumericsOf, digitsOf, isIban, isLuhn, mrzDigit } from './checksums.ts'

/** The closer looks of the pii judge: how sure, 0 for no, `test` for values that documentation uses. */
type Answer = number | 'test'

const ENDS_IN_NUMBER_OR_WORD = re2('\\d[.,/-]?$|[A-Za-z_=]$')
const GOES_ON_AS_NUMBER = re2('^[.,/-]?\\d')
const isPartOfSomething = ({ before, after }: Hit) =>
  ENDS_IN_NUMBER_OR_WORD.test(before) || GOES_ON_AS_NUMBER.test(after)

/** RFC 2606, RFC 6761 and the domains people write when they mean nobody. */
const DOCUMENTATION_DOMAIN = re2(
  '(?i)(?:^|\\.)(?:example\\.(?:com|org|net|edu)|example|test|invalid|localhost|local|domain\\.com|email\\.com|yourdomain\\.com|company\\.com)$',
)
const FILE_ENDINGS = new Set('png jpg jpeg gif webp svg js ts css json py md service'.split(' '))

export function checkEmail({ match, after, before }: Hit): Answer {
  const at = match.lastIndexOf('@')
  const domain = match.slice(at + 1)
  const ending = domain.slice(domain.lastIndexOf('.') + 1).toLowerCase()
  // git@host:path and user:password@host name machines, not people.
  if (match.startsWith('git@') || before.endsWith('://') || (before.endsWith(':') && before.includes('://'))) return 0
  if (FILE_ENDINGS.has(ending) || after.startsWith('@') || match.startsWith('.') || domain.startsWith('-')) return 0
  if (at > 64 || domain.length > 253) return 0
  return DOCUMENTATION_DOMAIN.test(domain) ? 'test' : 0.95
}

/** ITU-T E.164 country codes by their first digits. */
const COUNTRY_CODE = re2('^(?:1|7|2[0-8]|29[0179]|[3-6]\\d|8\\d|9\\d)')
const RESERVED_FOR_FICTION = re2('\\b555[-. ]?01\\d\\d$')
const DATE = re2('^(?:\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{4})$')
const OPERATOR_BEFORE = re2('[-+*/=]\\s*$')

export function checkPhone(hit: Hit): Answer {
  const { match, pattern, before } = hit
  const digits = digitsOf(match)
  if (digits.length < 7 || digits.length > 15 || new Set(digits).size < 3 || isPartOfSomething(hit)) return 0
  if (RESERVED_FOR_FICTION.test(match)) return 'test'
  if (pattern === 'phone_named') return DATE.test(match) ? 0 : 0.75
  if (pattern === 'phone_north_american') return 0.75
  const international = digits.startsWith('00') ? digits.slice(2) : digits
  return digits.length >= 9 && COUNTRY_CODE.test(international) && !OPERATOR_BEFORE.test(before) ? 0.9 : 0
}

/** Published by the card networks and payment providers for tests. */
const TEST_CARDS = new Set(
  (
    '4111111111111111 4242424242424242 4000056655665556 4012888888881881 4222222222222 5555555555554444 5105105105105100 ' +
    '5200828282828210 2223003122003222 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 ' +
    '30569309025904 38520000023237 3056930009020004 3566002020360505 3530111333300000 6200000000000005 5019717010103742'
  ).split(' '),
)

/** ISO/IEC 7812 issuer ranges, as the first four digits [from, to], with the shortest and longest number of each. */
const ISSUERS: readonly (readonly [from: number, to: number, shortest: number, longest: number])[] = [
  [4000, 4999, 13, 19],
  [5100, 5599, 16, 16],
  [2221, 2720, 16, 16],
  [3400, 3499, 15, 15],
  [3700, 3799, 15, 15],
  [3000, 3059, 14, 19],
  [3095, 3095, 14, 19],
  [3600, 3699, 14, 19],
  [3800, 3999, 14, 19],
  [3528, 3589, 16, 19],
  [5000, 5099, 13, 19],
  [5600, 5899, 13, 19],
  [6000, 6999, 13, 19],
]

/** Four more digits beside the match: it is a piece of a longer number, such as an IBAN. */
const GROUP_BEFORE = re2('\\d[ -]$')
const GROUP_AFTER = re2('^[ -]\\d')
const isPieceOfGroups = ({ match, before, after }: Hit) =>
  digitsOf(match).length < match.length && (GROUP_BEFORE.test(before) || GROUP_AFTER.test(after))

export function checkCard(hit: Hit): Answer {
  const digits = digitsOf(hit.match)
  const first = Number(digits.slice(0, 4))
  const isIssued = ISSUERS.some(
    ([from, to, shortest, longest]) =>
      first >= from && first <= to && digits.length >= shortest && digits.length <= longest,
  )
  const isNamed = hit.pattern === 'credit_card_named'
  if ((!isIssued && !isNamed) || !isLuhn(digits) || isPartOfSomething(hit) || isPieceOfGroups(hit)) return 0
  if (TEST_CARDS.has(digits)) return 'test'
  if (new Set(digits).size < 3) return 0
  return isIssued ? 0.9 : 0.7
}

/** Lengths of the IBAN registry (SWIFT, release 99). */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ' +
    'ST25 SV28 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)
const TEST_IBANS = new Set(['DE89370400440532013000', 'GB82WEST12345698765432', 'FR1420041010050500013M02606'])

export function checkIban({ match }: Hit): Answer {
  const iban = alphanumericsOf(match)
  const length = IBAN_LENGTHS.get(iban.slice(0, 2))
  // Words in capitals after the number may have been taken for its end.
  const candidate = iban.slice(0, length)
  if (length === undefined || candidate.length !== length || !isIban(candidate)) return 0
  return TEST_IBANS.has(candidate) ? 'test' : 0.98
}

/** Withdrawn after it appeared in advertisements, and what people write as an example. */
const TEST_SSNS = new Set(['078051120', '219099999', '123456789'])

/** SSA: no area 000, 666 or 900 to 999, no group 00, no serial 0000. IRS: 9xx with some groups is a taxpayer number. */
export function checkSsn(hit: Hit): Answer {
  const digits = digitsOf(hit.match)
  const area = Number(digits.slice(0, 3))
  const group = Number(digits.slice(3, 5))
  const isTaxpayerGroup = (group >= 50 && group <= 65) || (group >= 70 && group <= 99 && group !== 89 && group !== 93)
  if (area === 0 || area === 666 || group === 0 || digits.endsWith('0000')) return 0
  if ((area >= 900 && !isTaxpayerGroup) || isPartOfSomething(hit)) return 0
  if (TEST_SSNS.has(digits)) return 'test'
  return hit.pattern === 'us_ssn_named' ? 0.95 : 0.85
}

/** ICAO 9303 part 4, second line of a TD3 passport: number, birth and expiry each carry a check digit. */
export function checkMrz({ match }: Hit): Answer {
  const fields = [match.slice(0, 10), match.slice(13, 20), match.slice(21, 28)]
  if (fields.some((field) => mrzDigit(field.slice(0, -1)) !== Number(field.at(-1)))) return 0
  return match.startsWith('L898902C') ? 'test' : 0.99
}

/** An address that many machines have says little about anybody; for who asks for everything. */
const NOT_PERSONAL = 0.3

/** Not the address of nobody or of everybody. */
export function checkMac({ match, before, after }: Hit): Answer {
  const digits = alphanumericsOf(match)
  if (new Set(digits).size < 2 || GOES_ON_AS_MAC.test(after) || COMES_FROM_MAC.test(before)) return 0
  return 0.92
}
const GOES_ON_AS_MAC = re2('^[:-][0-9A-Fa-f]')
const COMES_FROM_MAC = re2('[0-9A-Fa-f][:-]$')

/** IANA special-purpose registry: nobody's address on the internet. */
const NOT_PUBLIC = blockList(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3',
)
const DOCUMENTATION = blockList('192.0.2.0/24 198.51.100.0/24 203.0.113.0/24')
const WELL_KNOWN = new Set(['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9', '1.2.3.4'])
const DOCUMENTATION_IPV6 = re2('(?i)^(?:2001:0?db8:|3fff:|2001:4860:4860:|2606:4700:4700:)')
const VERSION_BEFORE = re2('(?i)[\\d.a-z_-]$|(?:version|release|section|chapter|build|rev)[ :=]*$')
const VERSION_AFTER = re2('^\\.?\\d|^-[A-Za-z0-9]')

function blockList(ranges: string): BlockList {
  const list = new BlockList()
  for (const range of ranges.split(' ')) {
    const [network, prefix] = range.split('/')
    list.addSubnet(network!, Number(prefix))
  }
  return list
}

export function checkIpv4({ match, before, after }: Hit): Answer {
  if (!isIPv4(match) || VERSION_BEFORE.test(before) || VERSION_AFTER.test(after)) return 0
  if (NOT_PUBLIC.check(match)) return NOT_PERSONAL
  return DOCUMENTATION.check(match) || WELL_KNOWN.has(match) ? 'test' : 0.85
}

export function checkIpv6({ match, before, after }: Hit): Answer {
  const address = match.endsWith(':') && !match.endsWith('::') ? match.slice(0, -1) : match
  if (!isIPv6(address) || WORD_BEFORE.test(before) || WORD_AFTER.test(after)) return 0
  if (DOCUMENTATION_IPV6.test(address)) return 'test'
  return PUBLIC_IPV6.test(address) ? 0.9 : NOT_PERSONAL
}
/** IANA: global unicast is 2000::/3. */
const PUBLIC_IPV6 = re2('(?i)^[23][0-9a-f]{3}:')
const WORD_BEFORE = re2('[0-9A-Za-z:]$')
const WORD_AFTER = re2('^(?:[0-9A-Za-z]|:[0-9A-Za-z:])')
