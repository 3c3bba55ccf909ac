import type { Hit } from '../judge.ts'
import { isBase58Check, isBech32 } from './checksums.ts'
import type { Detector } from './detector-judge.ts'
import {
  checkCard,
  checkEmail,
  checkIban,
  checkIpv4,
  checkIpv6,
  checkMac,
  checkMrz,
  checkPhone,
  checkSsn,
} from './pii-checks.ts'

export const PII_LABELS = [
  'email',
  'phone',
  'credit_card',
  'iban',
  'us_ssn',
  'national_id',
  'passport',
  'driving_licence',
  'health_id',
  'bank_account',
  'company_id',
  'vehicle_plate',
  'postal_address',
  'date_of_birth',
  'ip_address',
  'mac_address',
  'crypto_address',
  'custom',
] as const
export type PiiLabel = (typeof PII_LABELS)[number]

const fits = (isValid: (text: string) => boolean, confidence: number) => (hit: Hit) =>
  isValid(hit.match) ? confidence : 0

/** A bare number says little: it counts only shortly after a word that names it. */
const after = (words: string, value: string, literals: readonly string[]) => ({
  source: `\\b(?:${words})\\b[^0-9\\n]{0,24}\\b(${value})\\b`,
  literals,
  min_digits: 4,
  case_insensitive: true,
})

export const PII_DETECTORS: readonly Detector<PiiLabel>[] = [
  {
    id: 'email',
    literals: ['@'],
    label: 'email',
    title: 'e-mail address',
    source:
      '[A-Za-z0-9\\x{c0}-\\x{24f}._%+-]+@[A-Za-z0-9\\x{c0}-\\x{24f}-]+(?:\\.[A-Za-z0-9\\x{c0}-\\x{24f}-]+)*\\.(?:xn--[a-z0-9-]+|[A-Za-z\\x{c0}-\\x{24f}]{2,})',
    severity: 'medium',
    check: checkEmail,
  },
  {
    id: 'phone_international',
    min_digits: 7,
    label: 'phone',
    title: 'phone number',
    source: '(?:\\+|\\b00)[1-9]\\d{0,2}[ ().\\-/]*\\d[\\d ().\\-/]{4,17}\\d',
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'phone_north_american',
    min_digits: 10,
    label: 'phone',
    title: 'phone number',
    source: '(?:\\b1[ .-])?(?:\\([2-9]\\d{2}\\) ?|\\b[2-9]\\d{2}[-. ])[2-9]\\d{2}[-. ]\\d{4}\\b',
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'phone_named',
    min_digits: 7,
    literals:
      'phone; telephone; |tel; mobile; |cell; whatsapp; |fax; |call; |reach; answering at; |dial; hotline; callback; |contact; text me; |sms; telefon; handy; rufnummer; téléphone; portable; teléfono; móvil; telefone; celular; cellulare; 電話; 电话'.split(
        '; ',
      ),
    label: 'phone',
    title: 'phone number',
    source:
      '(?:\\b(?:phone|telephone|tel|mobile|cell|whatsapp|fax|call(?: \\w+)?(?: at| on)?|reach(?:able)?(?: \\w+)? (?:at|on)|answering at|dial|hotline(?: is)?|callback(?: number)?(?: is)?|contact(?: us| me)?(?: at| on)?|text me at|sms|telefon|handy|rufnummer|téléphone|portable|teléfono|móvil|telefone|celular|cellulare)s?\\b|電話|电话)[^\\d\\n+(]{0,20}([+(]?\\d[\\d ().\\-/]{5,18}\\d)',
    case_insensitive: true,
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'credit_card',
    min_digits: 13,
    label: 'credit_card',
    title: 'payment card number',
    source:
      '\\b(?:4\\d{3}|5[0-8]\\d{2}|2[2-7]\\d{2}|6\\d{3}|35\\d{2})(?:[ -]?\\d{4}){2}[ -]?\\d{1,7}\\b|\\b3(?:[47]\\d{2}|[0689]\\d{2})[ -]?\\d{6}[ -]?\\d{4,5}\\b',
    severity: 'critical',
    check: checkCard,
  },
  {
    id: 'credit_card_named',
    min_digits: 12,
    literals: ['|card|', '|cards|'],
    label: 'credit_card',
    title: 'payment card number',
    source: '\\bcards?\\b[^\\d\\n]{0,30}\\b(\\d(?:[ -]?\\d){11,18})\\b',
    case_insensitive: true,
    severity: 'critical',
    check: checkCard,
  },
  {
    id: 'iban',
    min_digits: 6,
    label: 'iban',
    title: 'IBAN',
    source: '\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\\b',
    severity: 'high',
    check: checkIban,
  },
  {
    id: 'us_ssn',
    min_digits: 9,
    label: 'us_ssn',
    title: 'US social security number',
    source: '\\b\\d{3}-\\d{2}-\\d{4}\\b',
    severity: 'high',
    check: checkSsn,
  },
  {
    id: 'us_ssn_named',
    label: 'us_ssn',
    title: 'US social security number',
    ...after('ssn|social(?: security)?(?: number| no| #)?|itin|taxpayer id', '\\d{3}[ .-]?\\d{2}[ .-]?\\d{4}', [
      '|ssn|',
      '|social',
      '|itin|',
      'taxpayer id',
    ]),
    severity: 'high',
    check: checkSsn,
  },
  {
    id: 'mrz',
    min_digits: 14,
    label: 'passport',
    title: 'machine-readable line of a passport',
    source: '[A-Z0-9<]{9}\\d[A-Z<]{3}\\d{7}[MFX<]\\d{7}[A-Z0-9<]{14}[0-9<]\\d',
    severity: 'high',
    check: checkMrz,
  },
  {
    id: 'ipv4',
    min_digits: 4,
    label: 'ip_address',
    title: 'public IP address',
    source: '\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\b',
    severity: 'low',
    check: checkIpv4,
  },
  {
    id: 'ipv6',
    min_digits: 4,
    label: 'ip_address',
    title: 'public IP address',
    source: '\\b[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]*[0-9A-Fa-f:]|\\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\\b',
    severity: 'low',
    check: checkIpv6,
  },
  {
    id: 'ipv6_local',
    literals: ['::', ':0:'],
    label: 'ip_address',
    title: 'IP address',
    source:
      '(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:(?:[0-9A-Fa-f]{1,4}:){0,5}(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f]{1,4}))?|\\b(?:[0-9A-Fa-f]{1,4}:){6}(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4})\\b',
    severity: 'low',
    at_most: 0.3,
    check: checkIpv6,
  },
  {
    id: 'mac',
    min_digits: 4,
    label: 'mac_address',
    title: 'MAC address',
    source: '\\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\\b|\\b[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\b',
    severity: 'low',
    check: checkMac,
  },
  {
    id: 'mac_named',
    literals: ['|mac|', '|macs|', 'hardware address'],
    label: 'mac_address',
    title: 'MAC address',
    source: '\\b(?:macs?|hardware)\\b[^\\n]{0,30}?\\b([0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})\\b',
    case_insensitive: true,
    severity: 'low',
    check: checkMac,
  },
  {
    id: 'date_of_birth',
    literals:
      '|dob|; d.o.b; date of birth; birth date; birthdate; |born; geburtsdatum; geboren; fecha de nacimiento; nacido; nacida; date de naissance; |né le; |née le; data di nascita; |nato il; |nata il; data de nascimento; nascido; nascida; geboortedatum; |född; data urodzenia; doğum; 生年月日; 出生日期; 생년월일'.split(
        '; ',
      ),
    min_digits: 4,
    label: 'date_of_birth',
    title: 'date of birth',
    source:
      "(?:\\b(?:dob|d\\.o\\.b\\.?|date of birth|birth ?date|geburtsdatum|fecha de nacimiento|date de naissance|data di nascita|data de nascimento|geboortedatum|data urodzenia|(?:i was|i am|i['’]m|he was|she was|patient was|patient) born(?: on)?|ich bin am|geboren(?: am)?|nacid[oa] el|née? le|nat[oa] il|nascid[oa] em|född|doğum tarihi)|生年月日|出生日期|생년월일)[^0-9\\n]{0,16}?(\\d{4}[-/.年]\\d{1,2}[-/.月]\\d{1,2}|\\d{1,2}[-/.] ?\\d{1,2}[-/.] ?(?:19|20)?\\d{2}|\\d{1,2}(?:st|nd|rd|th|\\.)? (?:de )?[A-Za-zäéû]{3,9}\\.?,? (?:de )?(?:19|20)\\d{2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.? \\d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\\d{2})",
    case_insensitive: true,
    severity: 'medium',
    check: () => 0.8,
  },
  {
    id: 'bitcoin',
    min_digits: 4,
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b',
    severity: 'low',
    check: fits(isBase58Check, 0.99),
  },
  {
    id: 'bitcoin_bech32',
    literals: ['|bc1'],
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})\\b',
    severity: 'low',
    check: fits(isBech32, 0.99),
  },
  {
    id: 'ethereum',
    literals: ['|0x'],
    label: 'crypto_address',
    title: 'Ethereum address',
    source: '\\b0x[0-9a-fA-F]{40}\\b',
    severity: 'low',
    check: ({ match }) => (new Set(match.slice(2)).size < 6 ? 'test' : 0.7),
  },
]
