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
  isVerhoeff,
} from './checksums.ts'
import type { Detector } from './detector-judge.ts'
import { checkCard, checkEmail, checkIban, checkIpv4, checkIpv6, checkMrz, checkPhone, checkSsn } from './pii-checks.ts'

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
const after = (words: string, value: string) => `\\b(?:${words})\\b[^0-9\\n]{0,24}\\b(${value})\\b`

/** HMRC: prefixes that are not allocated. */
const NOT_ISSUED_NINO = re2('^(?:BG|GB|KN|NK|NT|TN|ZZ)')

const nationalId = (
  id: string,
  title: string,
  rest: Pick<Detector<PiiLabel>, 'source' | 'check' | 'case_insensitive'>,
) => ({ id, label: 'national_id', title, severity: 'high', ...rest }) satisfies Detector<PiiLabel>

export const PII_DETECTORS: readonly Detector<PiiLabel>[] = [
  {
    id: 'email',
    label: 'email',
    title: 'e-mail address',
    source: '[\\pL\\pN._%+-]+@[\\pL\\pN-]+(?:\\.[\\pL\\pN-]+)*\\.(?:xn--[a-z0-9-]+|\\pL\\pL+)',
    trigger: '[\\pL\\pN_%+-]@[\\pL\\pN]',
    severity: 'medium',
    check: checkEmail,
  },
  {
    id: 'phone_international',
    label: 'phone',
    title: 'phone number',
    source: '(?:\\+|\\b00)[1-9]\\d{0,2}[ ().\\-/]*\\d[\\d ().\\-/]{4,17}\\d',
    trigger: '(?:\\+|\\b00)[1-9][\\d ().\\-/]*\\d',
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'phone_north_american',
    label: 'phone',
    title: 'phone number',
    source: '(?:\\b1[ .-])?(?:\\([2-9]\\d{2}\\) ?|\\b[2-9]\\d{2}[-. ])[2-9]\\d{2}[-. ]\\d{4}\\b',
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'phone_named',
    label: 'phone',
    title: 'phone number',
    source:
      '\\b(?:phone|telephone|tel|mobile|cell|whatsapp|fax|call(?: \\w+)? (?:at|on)|reach(?:able)?(?: \\w+)? (?:at|on)|telefon|handy|rufnummer|téléphone|portable|teléfono|móvil|telefone|celular|cellulare|電話|电话)\\b?[^\\d\\n+(]{0,20}([+(]?\\d[\\d ().\\-/]{5,18}\\d)',
    trigger:
      '(?:phone|tel|mobile|cell|whatsapp|fax|call|reach|telefon|handy|rufnummer|téléphone|portable|teléfono|móvil|telefone|celular|cellulare|電話|电话)[^\\d\\n]*\\d[\\d ().\\-/]',
    case_insensitive: true,
    severity: 'medium',
    check: checkPhone,
  },
  {
    id: 'credit_card',
    label: 'credit_card',
    title: 'payment card number',
    source:
      '\\b(?:4\\d{3}|5[0-8]\\d{2}|2[2-7]\\d{2}|6\\d{3}|35\\d{2})(?:[ -]?\\d{4}){2}[ -]?\\d{1,7}\\b|\\b3(?:[47]\\d{2}|[0689]\\d{2})[ -]?\\d{6}[ -]?\\d{4,5}\\b',
    trigger: '\\b[2-6]\\d{3}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d|\\b3\\d{3}[ -]?\\d{6}[ -]?\\d{4}',
    severity: 'critical',
    check: checkCard,
  },
  {
    id: 'iban',
    label: 'iban',
    title: 'IBAN',
    source: '\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\\b',
    trigger: '\\b[A-Z]{2}\\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}',
    severity: 'high',
    check: checkIban,
  },
  {
    id: 'us_ssn',
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
    source: after('ssn|social(?: security)?(?: number| no| #)?|itin|taxpayer id', '\\d{3}[ .-]?\\d{2}[ .-]?\\d{4}'),
    case_insensitive: true,
    severity: 'high',
    check: checkSsn,
  },
  nationalId('de_steuer_id', 'German tax id', {
    source: after('steuer-?id\\w*|steuerliche identifikationsnummer|idnr|tax id|tin', '\\d{2} ?\\d{3} ?\\d{3} ?\\d{3}'),
    case_insensitive: true,
    check: fits(isSteuerId, digitsOf, 0.95),
  }),
  nationalId('es_dni', 'Spanish identity number', {
    source: '\\b(?:\\d{8}|[XYZ][ -]?\\d{7})[ -]?[A-HJ-NP-TV-Z]\\b',
    check: fits(isSpanishId, alphanumericsOf, 0.85),
  }),
  nationalId('nl_bsn', 'Dutch citizen service number', {
    source: after(
      'bsn|burgerservicenummer|sofinummer|sofi',
      '\\d{9}|\\d{3}[ .]\\d{3}[ .]\\d{3}|\\d{4}[ .]\\d{2}[ .]\\d{3}',
    ),
    case_insensitive: true,
    check: fits(isBsn, digitsOf, 0.95),
  }),
  nationalId('br_cpf', 'Brazilian CPF', {
    source: '\\b\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}\\b',
    check: fits(isCpf, digitsOf, 0.95),
  }),
  nationalId('br_cpf_named', 'Brazilian CPF', {
    source: after('cpf', '\\d{11}'),
    case_insensitive: true,
    check: fits(isCpf, digitsOf, 0.95),
  }),
  nationalId('uk_nhs', 'UK NHS number', {
    source: after('nhs(?: number| no\\.?)?', '\\d{3}[ -]?\\d{3}[ -]?\\d{4}'),
    case_insensitive: true,
    check: fits(isNhsNumber, digitsOf, 0.95),
  }),
  nationalId('uk_nino', 'UK national insurance number', {
    source: '\\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]\\b',
    check: ({ match }) => (NOT_ISSUED_NINO.test(match) ? 0 : 0.75),
  }),
  nationalId('fr_nir', 'French social security number', {
    source: '\\b[12] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}\\b',
    check: fits(isNir, alphanumericsOf, 0.95),
  }),
  nationalId('it_codice_fiscale', 'Italian codice fiscale', {
    source: '\\b[A-Z]{6}\\d{2}[ABCDEHLMPRST]\\d{2}[A-Z]\\d{3}[A-Z]\\b',
    check: fits(isCodiceFiscale, alphanumericsOf, 0.99),
  }),
  nationalId('in_aadhaar', 'Indian Aadhaar number', {
    source: '\\b[2-9]\\d{3}[ -]\\d{4}[ -]\\d{4}\\b',
    check: fits(isVerhoeff, digitsOf, 0.7),
  }),
  nationalId('in_pan', 'Indian PAN', {
    source: '\\b[A-Z]{3}[ABCFGHLJPT][A-Z]\\d{4}[A-Z]\\b',
    check: () => 0.6,
  }),
  nationalId('pl_pesel', 'Polish PESEL', {
    source: after('pesel', '\\d{11}'),
    case_insensitive: true,
    check: fits(isPesel, digitsOf, 0.95),
  }),
  {
    id: 'mrz',
    label: 'passport',
    title: 'machine-readable line of a passport',
    source: '[A-Z0-9<]{9}\\d[A-Z<]{3}\\d{7}[MFX<]\\d{7}[A-Z0-9<]{14}[0-9<]\\d',
    trigger: '\\d[A-Z<][A-Z<][A-Z<]\\d{7}[MFX<]\\d{7}',
    severity: 'high',
    check: checkMrz,
  },
  {
    id: 'ipv4',
    label: 'ip_address',
    title: 'public IP address',
    source: '\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\b',
    severity: 'low',
    check: checkIpv4,
  },
  {
    id: 'ipv6',
    label: 'ip_address',
    title: 'public IP address',
    source: '\\b[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]*[0-9A-Fa-f:]',
    severity: 'low',
    check: checkIpv6,
  },
  {
    id: 'bitcoin',
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\\b',
    trigger: '\\b[13][1-9A-HJ-NP-Za-km-z]{20}',
    severity: 'low',
    check: fits(isBase58Check, (text) => text, 0.99),
  },
  {
    id: 'bitcoin_bech32',
    label: 'crypto_address',
    title: 'Bitcoin address',
    source: '\\b(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})\\b',
    trigger: '\\b(?:bc1|BC1)[02-9AC-HJ-NP-Zac-hj-np-z]{11}',
    severity: 'low',
    check: fits(isBech32, (text) => text, 0.99),
  },
  {
    id: 'ethereum',
    label: 'crypto_address',
    title: 'Ethereum address',
    source: '\\b0x[0-9a-fA-F]{40}\\b',
    trigger: '\\b0x[0-9a-fA-F]{16}',
    severity: 'low',
    check: ({ match }) => (new Set(match.slice(2)).size < 6 ? 'test' : 0.7),
  },
]
