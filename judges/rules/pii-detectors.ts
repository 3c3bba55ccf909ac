import type { Hit } from '../judge.ts'
import { re2 } from '../re2.ts'
import {
  alphanumericsOf,
  digitsOf,
  isBase58Check,
  isBech32,
  isBsn,
  isCodiceFiscale,
  isCpf,
  isNhsNumber,
  isNir,
  isPesel,
  isSpanishId,
  isSteuerId,
} from './checksums.ts'
import type { Detector } from './detector-judge.ts'
import {
  checkAadhaar,
  checkCard,
  checkEmail,
  checkIban,
  checkIpv4,
  checkIpv6,
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
  'ip_address',
  'crypto_address',
  'custom',
] as const
export type PiiLabel = (typeof PII_LABELS)[number]

const fits = (isValid: (bare: string) => boolean, bare: (text: string) => string, confidence: number) => (hit: Hit) =>
  isValid(bare(hit.match)) ? confidence : 0

/** A bare number says little: it counts only shortly after a word that names it. */
const after = (words: string, value: string, literals: readonly string[]) => ({
  source: `\\b(?:${words})\\b[^0-9\\n]{0,24}\\b(${value})\\b`,
  literals,
  min_digits: 4,
  case_insensitive: true,
})

/** HMRC: prefixes that are not allocated. */
const NOT_ISSUED_NINO = re2('^(?:BG|GB|KN|NK|NT|TN|ZZ)')

const nationalId = (
  id: string,
  title: string,
  rest: Pick<Detector<PiiLabel>, 'source' | 'literals' | 'min_digits' | 'check' | 'case_insensitive'>,
) => ({ id, label: 'national_id', title, severity: 'high', ...rest }) satisfies Detector<PiiLabel>

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
      '(?:\\b(?:phone|telephone|tel|mobile|cell|whatsapp|fax|call(?: \\w+)? (?:at|on)|reach(?:able)?(?: \\w+)? (?:at|on)|answering at|dial|hotline(?: is)?|callback(?: number)?(?: is)?|contact(?: us| me)?(?: at| on)?|text me at|sms|telefon|handy|rufnummer|téléphone|portable|teléfono|móvil|telefone|celular|cellulare)s?\\b|電話|电话)[^\\d\\n+(]{0,20}([+(]?\\d[\\d ().\\-/]{5,18}\\d)',
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
  nationalId('de_steuer_id', 'German tax id', {
    ...after('steuer-?id\\w*|steuerliche identifikationsnummer|idnr|tax id|tin', '\\d{2} ?\\d{3} ?\\d{3} ?\\d{3}', [
      '|steuer',
      '|idnr|',
      '|tax id|',
      '|tin|',
    ]),
    check: fits(isSteuerId, digitsOf, 0.95),
  }),
  nationalId('es_dni', 'Spanish identity number', {
    min_digits: 7,
    source: '\\b(?:\\d{8}|[XYZ][ -]?\\d{7})[ -]?[A-HJ-NP-TV-Z]\\b',
    check: fits(isSpanishId, alphanumericsOf, 0.85),
  }),
  nationalId('nl_bsn', 'Dutch citizen service number', {
    ...after(
      'bsn|burgerservicenummer|sofinummer|sofi',
      '\\d{9}|\\d{3}[ .]\\d{3}[ .]\\d{3}|\\d{4}[ .]\\d{2}[ .]\\d{3}',
      ['|bsn|', 'burgerservicenummer', '|sofi'],
    ),
    check: fits(isBsn, digitsOf, 0.95),
  }),
  nationalId('br_cpf', 'Brazilian CPF', {
    min_digits: 11,
    source: '\\b\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}\\b',
    check: fits(isCpf, digitsOf, 0.95),
  }),
  nationalId('br_cpf_named', 'Brazilian CPF', {
    ...after('cpf', '\\d{11}', ['|cpf|']),
    check: fits(isCpf, digitsOf, 0.95),
  }),
  nationalId('uk_nhs', 'UK NHS number', {
    ...after('nhs(?: number| no\\.?)?', '\\d{3}[ -]?\\d{3}[ -]?\\d{4}', ['|nhs|']),
    check: fits(isNhsNumber, digitsOf, 0.95),
  }),
  nationalId('uk_nino', 'UK national insurance number', {
    min_digits: 6,
    source: '\\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]\\b',
    check: ({ match }) => (NOT_ISSUED_NINO.test(match) ? 0 : 0.75),
  }),
  nationalId('fr_nir', 'French social security number', {
    min_digits: 13,
    source: '\\b[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}\\b',
    check: fits(isNir, alphanumericsOf, 0.95),
  }),
  nationalId('it_codice_fiscale', 'Italian codice fiscale', {
    min_digits: 7,
    source: '\\b[A-Z]{6}\\d{2}[ABCDEHLMPRST]\\d{2}[A-Z]\\d{3}[A-Z]\\b',
    check: fits(isCodiceFiscale, alphanumericsOf, 0.99),
  }),
  nationalId('in_aadhaar', 'Indian Aadhaar number', {
    min_digits: 12,
    source: '\\b[2-9]\\d{3}[ -]\\d{4}[ -]\\d{4}\\b',
    check: checkAadhaar,
  }),
  nationalId('in_pan', 'Indian PAN', {
    ...after('pan|permanent account number', '[A-Z]{3}[ABCFGHLJPT][A-Z]\\d{4}[A-Z]', [
      '|pan|',
      'permanent account number',
    ]),
    check: () => 0.8,
  }),
  nationalId('pl_pesel', 'Polish PESEL', {
    ...after('pesel', '\\d{11}', ['|pesel|']),
    check: fits(isPesel, digitsOf, 0.95),
  }),
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
    source: '\\b[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]*[0-9A-Fa-f:]',
    severity: 'low',
    check: checkIpv6,
  },
  {
    id: 'bitcoin',
    min_digits: 4,
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b',
    severity: 'low',
    check: fits(isBase58Check, (text) => text, 0.99),
  },
  {
    id: 'bitcoin_bech32',
    literals: ['|bc1'],
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})\\b',
    severity: 'low',
    check: fits(isBech32, (text) => text, 0.99),
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
