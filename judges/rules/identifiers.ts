import type { Severity } from '../../schemas/evaluation.ts'
import {
  isBsn,
  isCodiceFiscale,
  isCpf,
  isLuhn,
  isNhsNumber,
  isNir,
  isPesel,
  isSpanishId,
  isVerhoeff,
} from './checksums.ts'
import {
  isAbaRouting,
  isAbn,
  isAcn,
  isAhv,
  isAuMedicare,
  isBelgianNumber,
  isBirthNumber,
  isChineseId,
  isCnp,
  isCnpj,
  isCuit,
  isDea,
  isEgn,
  isFodselsnummer,
  isGermanDocument,
  isHetu,
  isIsraeliId,
  isKoreanBusiness,
  isKoreanLicence,
  isKoreanResident,
  isKvnr,
  isLanr,
  isMbi,
  isMod1110,
  isMyNumber,
  isNif,
  isNip,
  isNpi,
  isNric,
  isPersonnummer,
  isPps,
  isRut,
  isRvnr,
  isSin,
  isSouthAfricanId,
  isSwedishOrganisation,
  isTaiwaneseId,
  isTaxIdLoosely,
  isTfn,
  isThaiId,
  isTurkishId,
  isVaried,
} from './identifier-checksums.ts'
import type { Identifier } from './identifier-scan.ts'

export type IdentifierLabel =
  | 'us_ssn'
  | 'national_id'
  | 'passport'
  | 'driving_licence'
  | 'health_id'
  | 'bank_account'
  | 'company_id'
  | 'vehicle_plate'
  | 'phone'
  | 'postal_address'

/** With a check digit, a message that is nothing else is likely an answer to "your number?"; in passing it is only a number. */
const CHECKED = [0.95, 0.6, 0.3] as const
/** The check leaves hardly any other number. */
const STRONG = [0.95, 0.9, 0.85] as const
/** Nothing but a form: it counts where a word names it. */
const FORM = [0.75, 0.5, 0.3] as const
/** So many numbers pass the check that only a word tells. */
const NAMED_ONLY = [0.9, 0.25, 0.2] as const
/** A form that other texts seldom have. */
const DISTINCT = [0.9, 0.75, 0.7] as const

type Sure = readonly [named: number, alone: number, anywhere: number]

const kind =
  (label: IdentifierLabel) =>
  (
    id: string,
    title: string,
    layouts: string,
    ...[words, sure, fits]: readonly [words: string, sure: Sure, fits?: (bare: string) => boolean]
  ): Identifier<IdentifierLabel> => ({
    id,
    label,
    title,
    layouts: layouts.split('; '),
    words: words.split('; '),
    sure,
    ...(fits === undefined ? {} : { fits }),
  })

const person = kind('national_id')
const passport = kind('passport')
const licence = kind('driving_licence')
const health = kind('health_id')
const bank = kind('bank_account')
const company = kind('company_id')
const plate = kind('vehicle_plate')

/** SSA: no area 000, 666 or 900 to 999, no group 00, no serial 0000; the one withdrawn after it was in advertisements. */
function isSsn(digits: string): boolean {
  const area = Number(digits.slice(0, 3))
  const isGiven = area !== 0 && area !== 666 && area < 900 && digits.slice(3, 5) !== '00' && !digits.endsWith('0000')
  return isGiven && new Set(digits).size > 2 && !['078051120', '219099999', '123456789'].includes(digits)
}

/** IRS: 9xx and groups 50 to 65, 70 to 88, 90 to 92, 94 to 99. */
function isItin(digits: string): boolean {
  const group = Number(digits.slice(3, 5))
  return digits[0] === '9' && ((group >= 50 && group <= 65) || (group >= 70 && group !== 89 && group !== 93))
}

/** HMRC: letters that are never used, prefixes that are not allocated. */
const isNino = (id: string) =>
  !'DFIQUV'.includes(id[0]!) &&
  !'DFIOQUV'.includes(id[1]!) &&
  !['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'].includes(id.slice(0, 2)) &&
  (id.length === 8 || id[8]! <= 'D')

/** DVLA: five of the surname (9 fills up), decade, month (+50 for women), day, year, initials. */
function isUkLicence(id: string): boolean {
  const month = Number(id.slice(6, 8)) % 50
  const day = Number(id.slice(8, 10))
  return /^[A-Z]+9*$/.test(id.slice(0, 5)) && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/** Since 2001: two letters without I, Q, Z, an age of 02 to 29 or 51 to 79. */
const isUkPlate = (id: string) => {
  const age = Number(id.slice(2, 4))
  return !/[IQZ]/.test(id.slice(0, 2)) && ((age >= 2 && age <= 29) || (age >= 51 && age <= 79))
}
const hasNoDoubtfulLetters = (id: string) => !/[IOQZ]/.test(id)

/** First letters are postcode areas; the last two are never C, I, K, M, O, V. */
const isUkPostcode = (code: string) =>
  code === 'GIR0AA' || (!/^[QVX]/.test(code) && !/^.[IJZ]/.test(code) && !/[CIKMOV]/.test(code.slice(-2)))

const isIndianState = (state: string) =>
  'AN AP AR AS BH BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS UK UP WB'
    .split(' ')
    .includes(state)

/** `B AB 1234`, with spaces or hyphens, E for electric at the end. */
const GERMAN_PLATES = ['A', 'AA', 'AAA'].flatMap((city) =>
  ['A', 'AA'].flatMap((letters) =>
    ['9', '99', '999', '9999', '9999A'].flatMap((digits) => [
      `${city} ${letters} ${digits}`,
      `${city}-${letters} ${digits}`,
      `${city}-${letters}-${digits}`,
    ]),
  ),
)

/** How bad it is that a number of this kind stands in a text. */
export const IDENTIFIER_SEVERITIES: Readonly<Record<IdentifierLabel, Severity>> = {
  us_ssn: 'high',
  national_id: 'high',
  passport: 'high',
  driving_licence: 'high',
  health_id: 'high',
  bank_account: 'high',
  company_id: 'low',
  vehicle_plate: 'low',
  phone: 'medium',
  postal_address: 'low',
}

// biome-ignore format: a table, one kind a line
export const IDENTIFIERS: readonly Identifier<IdentifierLabel>[] = [
  kind('us_ssn')('us_ssn_bare', 'US social security number', '999999999; 999.99.9999; 999 99 9999', 'ssn; social; sociale; last four; tax id', [0.9, 0.4, 0.3], isSsn),
  kind('us_ssn')('us_itin_bare', 'US taxpayer number', '999999999; 999-999999; 99999-9999', 'itin; taxpayer; tax id', [0.9, 0.4, 0.3], isItin),
  person('ca_sin', 'Canadian social insurance number', '999-999-999; 999 999 999; 999999999', 'sin; social insurance; sin number; nas', CHECKED, isSin),
  person('au_tfn', 'Australian tax file number', '999999999; 999 999 999', 'tfn; tax file', CHECKED, isTfn),
  person('de_steuer_id', 'German tax id', '99999999999; 99 999 999 999', 'steuer; steuerid; steuer-id; steuerliche identifikation; idnr; tax id; tin', CHECKED, isTaxIdLoosely),
  person('de_steuernummer', 'German tax number', '99/999/99999; 999/999/99999; 999/9999/9999; 99/9999/9999; 999/999/9999', 'steuernummer; st.-nr; st.nr; stnr; finanzamt; tax number', [0.9, 0.7, 0.6]),
  person('de_steuernummer_bare', 'German tax number', '9999999999999', 'steuernummer; st.-nr; st.nr; stnr; finanzamt', NAMED_ONLY, (id) => !id.startsWith('00') && id[4] !== '9'),
  person('de_rvnr', 'German pension insurance number', '99999999A999; 99 999999 A 999; 99 999999 A999', 'rvnr; rentenversicherung; sozialversicherung; sv-nummer; rv-nummer; versicherungsnummer', STRONG, isRvnr),
  person('de_personalausweis', 'German identity card', 'AXXXXXXX9', 'personalausweis; ausweis; identity card; id card', [0.9, 0.6, 0.35], isGermanDocument),
  person('es_dni', 'Spanish identity number', '99999999A; 99999999-A; 99999999 A; 9999999A; 9999999-A; 99.999.999-A', 'dni; nif; documento; identidad', STRONG, (id) => isSpanishId(id.padStart(9, '0'))),
  person('es_nie', 'Spanish foreigner number', 'A9999999A; A-9999999-A; A-9999999A; A9999999-A', 'nie; nif; extranjero', STRONG, (id) => 'XYZ'.includes(id[0]!) && isSpanishId(id)),
  person('nl_bsn', 'Dutch citizen service number', '999999999; 999 999 999; 999.999.999; 9999.99.999; 9999 99 999', 'bsn; burgerservicenummer; sofinummer; sofi', CHECKED, isBsn),
  person('be_rrn', 'Belgian national number', '99.99.99-999.99; 99999999999; 999999-999-99; 99 99 99 999 99', 'rijksregister; registre national; niss; national number; insz', [0.95, 0.7, 0.3], isBelgianNumber),
  person('br_cpf', 'Brazilian CPF', '999.999.999-99', 'cpf', STRONG, isCpf),
  person('br_cpf_bare', 'Brazilian CPF', '99999999999', 'cpf', [0.95, 0.7, 0.3], isCpf),
  person('uk_nino', 'UK national insurance number', 'AA999999A; AA 99 99 99 A; AA 999999 A; AA-99-99-99-A', 'national insurance; nino; ni number; ni no', [0.95, 0.75, 0.75], isNino),
  person('fr_nir', 'French social security number', '999999999999999; 9 99 99 99 999 999 99; 9 99 99 9A 999 999 99; 999999A99999999; 9999999999999 99', 'sécurité sociale; securite sociale; nir; insee; numéro de sécu', STRONG, isNir),
  person('it_codice_fiscale', 'Italian codice fiscale', 'AAAAAA99A99A999A', 'codice fiscale; c.f.', [0.99, 0.99, 0.99], isCodiceFiscale),
  person('it_carta_identita', 'Italian identity card', 'AA99999AA; AA9999999', "carta d'identità; carta d'identita; carta di identità; carta identità; identity card; cie", FORM),
  person('in_aadhaar', 'Indian Aadhaar number', '9999 9999 9999; 9999-9999-9999; 9999:9999:9999', 'aadhaar; aadhar; uidai; uid', [0.95, 0.75, 0.7], (id) => id[0]! >= '2' && isVerhoeff(id)),
  person('in_aadhaar_bare', 'Indian Aadhaar number', '999999999999', 'aadhaar; aadhar; uidai; uid', CHECKED, (id) => id[0]! >= '2' && isVerhoeff(id)),
  person('in_pan', 'Indian PAN', 'AAAAA9999A', 'pan; permanent account; income tax', [0.95, 0.7, 0.5], (id) => 'ABCFGHJLPT'.includes(id[3]!)),
  person('in_voter', 'Indian voter id', 'AAA9999999', 'voter; epic; election', FORM),
  person('pl_pesel', 'Polish PESEL', '99999999999', 'pesel', [0.95, 0.7, 0.3], isPesel),
  person('pl_id_card', 'Polish identity card', 'AAA999999; AAA 999999', 'dowód; dowod; dowodu', FORM),
  person('fi_hetu', 'Finnish personal identity code', '999999-999X; 999999A999X', 'hetu; henkilötunnus; henkilotunnus; personal identity code', STRONG, isHetu),
  person('se_personnummer', 'Swedish personal number', '999999-9999; 99999999-9999', 'personnummer; personal identity; personal number; pnr; swedish', [0.95, 0.85, 0.7], isPersonnummer),
  person('se_personnummer_bare', 'Swedish personal number', '9999999999; 999999999999', 'personnummer; personal identity; personal number; pnr; swedish', [0.95, 0.6, 0.35], isPersonnummer),
  person('no_fodselsnummer', 'Norwegian birth number', '99999999999; 999999 99999', 'fødselsnummer; fodselsnummer; personnummer; norwegian', [0.95, 0.8, 0.4], isFodselsnummer),
  person('dk_cpr', 'Danish CPR number', '999999-9999', 'cpr', [0.85, 0.4, 0.3], (id) => Number(id.slice(0, 2)) <= 31 && Number(id.slice(2, 4)) <= 12),
  person('ch_ahv', 'Swiss AHV number', '999.9999.9999.99; 9999999999999', 'ahv; avs; sozialversicherung', STRONG, isAhv),
  person('pt_nif', 'Portuguese tax number', '999999999; 999 999 999', 'nif; contribuinte', NAMED_ONLY, isNif),
  person('ie_pps', 'Irish PPS number', '9999999A; 9999999AA', 'pps; ppsn', [0.95, 0.6, 0.4], isPps),
  person('ro_cnp', 'Romanian CNP', '9999999999999', 'cnp; cod numeric', NAMED_ONLY, isCnp),
  person('bg_egn', 'Bulgarian EGN', '9999999999', 'егн; egn', NAMED_ONLY, isEgn),
  person('cz_rodne_cislo', 'Czech or Slovak birth number', '999999/9999', 'rodné číslo; rodne cislo; r.č.', [0.95, 0.8, 0.7], isBirthNumber),
  person('hr_oib', 'Croatian OIB', '99999999999', 'oib', NAMED_ONLY, isMod1110),
  person('gr_amka', 'Greek AMKA', '99999999999', 'αμκα; amka', NAMED_ONLY, isLuhn),
  person('kr_rrn', 'Korean resident number', '999999-9999999', 'rrn; korean; 주민; 등록번호; resident registration', [0.95, 0.85, 0.8], isKoreanResident),
  person('kr_rrn_bare', 'Korean resident number', '9999999999999', 'rrn; frn; korean; 주민; 등록번호; resident registration', [0.9, 0.55, 0.35], isKoreanResident),
  person('th_tnin', 'Thai identity number', '9999999999999; 9-9999-99999-99-9; 9 9999 99999 99 9', 'thai; บัตรประชาชน; ประจำตัวประชาชน; national id', CHECKED, isThaiId),
  person('tr_national_id', 'Turkish identity number', '99999999999', 'tc kimlik; kimlik; tckn; turkish', [0.95, 0.8, 0.5], isTurkishId),
  person('za_id', 'South African identity number', '9999999999999; 999999 9999 999', 'rsa id; south african; identity number; id number; id no', [0.95, 0.7, 0.4], isSouthAfricanId),
  person('ng_nin', 'Nigerian identity number', '99999999999', 'nin; national identification; nimc', NAMED_ONLY, isVerhoeff),
  person('ph_tin', 'Philippine tax number', '999-999-999-999; 999-999-999-99999', 'tin; tax id; bir', [0.85, 0.5, 0.35], (id) => id[0]! <= '5'),
  person('ph_tin_bare', 'Philippine tax number', '999-999-999; 999999999', 'tin', [0.7, 0.3, 0], (id) => id[0]! <= '5'),
  person('sg_nric', 'Singapore NRIC or FIN', 'A9999999A', 'nric; fin; singapore', STRONG, isNric),
  person('sg_nric_form', 'Singapore NRIC or FIN', 'A9999999A', 'nric; fin; singapore', FORM, (id) => 'STFGMA'.includes(id[0]!)),
  person('cn_id', 'Chinese resident identity number', '999999999999999999; 99999999999999999A', '身份证; 身分證; resident identity; id card', STRONG, isChineseId),
  person('tw_id', 'Taiwanese identity number', 'A999999999', '身分證; 身份證; taiwan; national id', [0.95, 0.8, 0.6], isTaiwaneseId),
  person('jp_my_number', 'Japanese My Number', '999999999999; 9999 9999 9999; 9999-9999-9999', 'マイナンバー; 個人番号; my number', [0.95, 0.4, 0.25], isMyNumber),
  person('il_id', 'Israeli identity number', '999999999', 'teudat; זהות; israeli id', NAMED_ONLY, isIsraeliId),
  person('ar_cuil', 'Argentinian CUIL or CUIT', '99-99999999-9', 'cuil; cuit', STRONG, isCuit),
  person('cl_rut', 'Chilean RUT', '99.999.999-X; 9.999.999-X; 99999999-X', 'rut; run; cédula', [0.95, 0.8, 0.7], isRut),
  person('mx_curp', 'Mexican CURP', 'AAAA999999AAAAAAX9', 'curp', DISTINCT, (id) => 'HMX'.includes(id[10]!)),
  person('mx_rfc', 'Mexican RFC', 'AAAA999999XXX', 'rfc', [0.9, 0.6, 0.5]),
  passport('us_passport', 'US passport', 'A99999999; 999999999', 'passport; travel document', [0.8, 0.4, 0.25], isVaried),
  passport('uk_passport', 'UK passport', 'AA9999999; 999999999', 'passport; travel document', [0.8, 0.3, 0.25], isVaried),
  passport('de_passport', 'German passport', 'AXXXXXXX9', 'reisepass; passport; passnummer', [0.9, 0.6, 0.35], isGermanDocument),
  passport('es_passport', 'Spanish passport', 'AAA999999', 'pasaporte; passport', FORM),
  passport('fr_passport', 'French passport', '99AA99999', 'passeport; passport', FORM),
  passport('it_passport', 'Italian passport', 'AA9999999', 'passaporto; passport', FORM),
  passport('in_passport', 'Indian passport', 'A9999999', 'passport', FORM, (id) => id[1]! >= '1' && !'QXZ'.includes(id[0]!)),
  passport('kr_passport', 'Korean passport', 'A999A9999; A99999999', '여권; passport', FORM, (id) => 'MSRODG'.includes(id[0]!)),
  passport('pl_passport', 'Polish passport', 'AA9999999; AA 9999999', 'paszport; paszportu', FORM),
  passport('passport_named', 'passport', 'AA999999; A999999; AAX999999', 'passport number; passport no; passport:; passport #; pasaporte; passeport; reisepass; passaporto', [0.7, 0, 0]),
  licence('us_licence', 'US driving licence', 'A9999999; A99999999; A999999; 99999999; 9999999; A999-9999-9999; A9999-99999-99999; A999999999999; A99999999999999; A9999-9999-9999', "driver's license; driver license; drivers license; driver’s license; driving license; driver's licence; license number; licence number; dl number; dl#; dl:; dl", [0.75, 0, 0], isVaried),
  licence('uk_licence', 'UK driving licence', 'XXXXX999999XXXXX; XXXXX999999XXXAA', 'driving; licence; dvla', DISTINCT, isUkLicence),
  licence('de_fuehrerschein', 'German driving licence', 'AA99999999A; X99X99999XX; X99XX9999XX', 'führerschein; fuehrerschein; fahrerlaubnis; driving licen', [0.9, 0.6, 0.4], (id) => /^[A-Z]{2}\d{8}[A-Z]$/.test(id) || /^[A-Z]\d/.test(id)),
  licence('it_licence', 'Italian driving licence', 'AA9999999A; A9XXXXXXXA', 'patente; driving licen', FORM, (id) => (/^[A-Z]{2}\d{7}[A-Z]$/.test(id) && id[1]! <= 'V') || (/^U1/.test(id) && /^[B-HJ-NP-Z\d]+$/.test(id.slice(2, 9)) && !/^H00/.test(id.slice(2)))),
  licence('kr_licence', 'Korean driving licence', '99-99-999999-99', '운전면허; 면허; driver', [0.9, 0.5, 0.35], isKoreanLicence),
  licence('fr_licence', 'French driving licence', '999999999999; 99AA99999', 'permis de conduire; permis', [0.7, 0, 0]),
  health('uk_nhs', 'UK NHS number', '9999999999; 999 999 9999; 999-999-9999', 'nhs', [0.95, 0.6, 0.3], isNhsNumber),
  health('us_mbi', 'US Medicare number', '9AX9AX9AA99; 9AX9-AX9-AA99; 9AX9 AX9 AA99; 9XX9-XX9-XX99; 9XX9XX9XX99', 'mbi; medicare', DISTINCT, (id) => isMbi(id) && /[A-Z]/.test(id[1]!) && /[A-Z]/.test(id[4]!)),
  health('us_npi', 'US provider number', '9999999999; 9999-999-999; 9999 999 999', 'npi; provider', CHECKED, isNpi),
  health('us_dea', 'US DEA number', 'AX9999999', 'dea; medical license; prescriber', [0.9, 0.6, 0.4], (id) => (id[1] === '9' || /[A-Z]/.test(id[1]!)) && isDea(id)),
  health('us_mrn', 'medical record number', '999999; 9999999; 99999999; 999999999; 9999999999; AA999999; A999999; A9999999; AA-999999; AA-9999999; 999-999-999; 99-99-99; AAA-999999; AAA-9999999; AAA-99999999; AAA9999999; AAA999999', 'mrn; medical record; patient id; chart number; chart no; patient number; hospital number', [0.8, 0, 0]),
  health('au_medicare', 'Australian Medicare number', '9999999999; 9999 99999 9', 'medicare', CHECKED, isAuMedicare),
  health('de_kvnr', 'German health insurance number', 'A999999999', 'kvnr; krankenkasse; krankenversicherung; versichertennummer; egk; gesundheitskarte', [0.95, 0.75, 0.6], isKvnr),
  health('de_lanr', 'German physician number', '999999999', 'lanr; arztnummer', CHECKED, isLanr),
  health('de_bsnr', 'German practice number', '999999999', 'bsnr; betriebsstätte', [0.75, 0, 0]),
  bank('us_routing', 'US routing number', '999999999; 9999-9999-9', 'routing; aba; rtn', CHECKED, isAbaRouting),
  bank('account_named', 'bank account number', '99999999; 999999999; 9999999999; 99999999999; 999999999999; 9999999999999; 99999999999999; 9999-9999-9999', 'account number; account no; account #; bank account; acct; checking; savings account; kontonummer; numéro de compte; número de cuenta; rekeningnummer', [0.7, 0, 0], isVaried),
  company('de_vat', 'German VAT number', 'AA999999999; AA 999999999; AA 999 999 999; AA 999-999.999; AA 999.999.999', 'ust; vat; umsatzsteuer', DISTINCT, (id) => id.startsWith('DE') && id[2] !== '0'),
  company('eu_vat', 'EU VAT number', 'AAA99999999; AA99999999999; AAA99999999A; AA999999999A99; AA9999999999; AA99999999; AAX9999999X; AAX99999999', 'vat; ust; tva; iva; btw; uid; p.iva', NAMED_ONLY, (id) => /^(?:AT|BE|BG|CZ|CY|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)/.test(id)),
  company('de_handelsregister', 'German commercial register number', 'AAA 9; AAA 99; AAA 999; AAA 9999; AAA 99999; AAA 999999; AAA9999; AAA99999; AAA999999', 'handelsregister; amtsgericht', DISTINCT, (id) => /^HR[AB]/.test(id)),
  company('it_vat', 'Italian VAT number', '99999999999', 'partita iva; p.iva; p. iva; vat', NAMED_ONLY, (id) => isLuhn(id) && isVaried(id)),
  company('in_gstin', 'Indian GST number', '99AAAAA9999AXAX; 99AAAAA9999AXXX', 'gstin; gst', DISTINCT, (id) => Number(id.slice(0, 2)) >= 1 && Number(id.slice(0, 2)) <= 37 && id[13] === 'Z'),
  company('au_abn', 'Australian business number', '99 999 999 999; 99999999999', 'abn', [0.95, 0.7, 0.5], isAbn),
  company('au_acn', 'Australian company number', '999 999 999; 999999999', 'acn', CHECKED, isAcn),
  company('se_organisation', 'Swedish organisation number', '999999-9999', 'organisationsnummer; orgnr; orgnummer; org.nr; company identity', [0.9, 0.7, 0.6], isSwedishOrganisation),
  company('se_organisation_bare', 'Swedish organisation number', '9999999999', 'organisationsnummer; orgnr; orgnummer; org.nr; company identity', [0.9, 0.4, 0.3], isSwedishOrganisation),
  company('kr_brn', 'Korean business number', '999-99-99999; 9999999999', 'brn; 사업자; business registration', CHECKED, isKoreanBusiness),
  company('sg_uen', 'Singapore entity number', '99999999A; 999999999A; A99AA9999A', 'uen; entity', [0.9, 0.4, 0.35], (id) => /^\d{8}[A-Z]$|^(?:19|20)\d{7}[A-Z]$|^[RST]\d\d(?!\d)/.test(id)),
  company('br_cnpj', 'Brazilian company number', '99.999.999/9999-99', 'cnpj', STRONG, isCnpj),
  company('pl_nip', 'Polish tax number', '999-999-99-99; 999-99-99-999; 9999999999', 'nip', [0.9, 0.5, 0.3], isNip),
  company('us_ein', 'US employer number', '99-9999999', 'ein; employer identification; federal tax id', [0.85, 0.4, 0.3]),
  plate('uk_plate', 'UK vehicle registration', 'AA99 AAA; AA99AAA; AA99-AAA', 'registration; reg; vehicle; vehicles; plate; plates; car', [0.8, 0.5, 0.4], isUkPlate),
  plate('uk_plate_older', 'UK vehicle registration', 'A999 AAA; A999AAA; A99 AAA; A9 AAA; AAA 999A; AAA999A; AAA 99A', 'registration; reg; vehicle; vehicles; plate; plates; car', [0.75, 0.5, 0.3], hasNoDoubtfulLetters),
  plate('de_plate', 'German vehicle registration', GERMAN_PLATES.join('; '), 'kennzeichen; kfz; fahrzeug', [0.8, 0.5, 0.3]),
  plate('in_plate', 'Indian vehicle registration', 'AA99AA9999; AA99A9999; AA 99 AA 9999; AA-99-AA-9999; AA9AAA9999; AA9AA9999', 'registration; vehicle; bike; car; plate; rto', [0.8, 0.5, 0.35], (id) => isIndianState(id.slice(0, 2))),
  plate('ng_plate', 'Nigerian vehicle registration', 'AAA-999AA; AAA 999AA; AAA999AA', 'plate; plates; vehicle; registration', [0.8, 0.5, 0.4]),
  plate('tr_plate', 'Turkish vehicle registration', '99 A 9999; 99 A 999; 99 A 99; 99 AA 999; 99 AA 9999; 99 AAA 99; 99 AAA 999; 99 AAA 9999; 99AAA9999; 99AAA999; 99AA999; 99AA9999; 99A9999', 'plaka; plate; plakalı', [0.8, 0.5, 0.3], (id) => Number(id.slice(0, 2)) >= 1 && Number(id.slice(0, 2)) <= 81),
  kind('phone')('phone_trunk', 'phone number', '99999999999; 9999-999-9999; 9999 999 9999; 9999 999 99 99; 9 999 999 99 99', 'numero; mobil; cep; gsm; phone; number', [0.7, 0.5, 0.35], (digits) => /^0[2-9]/.test(digits) && isVaried(digits)),
  kind('phone')('phone_national', 'phone number', '9999999999; 999 999 99 99; 999.999.99.99; 999-999-99-99', 'numero; mobil; cep; gsm; phone', [0.7, 0.4, 0.3], (digits) => /^[2-5]/.test(digits) && isVaried(digits)),
  kind('phone')('cn_mobile', 'phone number', '99999999999; 999 9999 9999; 999-9999-9999', '手机; 电话; 微信; cn number; china; mobile', [0.8, 0.5, 0.3], (digits) => /^1[3-9]/.test(digits) && isVaried(digits)),
  kind('postal_address')('uk_postcode', 'UK postcode', 'A9 9AA; A99 9AA; AA9 9AA; AA99 9AA; A9A 9AA; AA9A 9AA; AAA 9AA', 'postcode; post code; address; street; road; london', [0.7, 0.55, 0.5], isUkPostcode),
  kind('postal_address')('uk_postcode_bare', 'UK postcode', 'A99AA; A999AA; AA99AA; AA999AA; A9A9AA; AA9A9AA; AAA9AA', 'postcode; post code', [0.7, 0.5, 0.3], isUkPostcode),
  kind('postal_address')('de_plz', 'German postcode', '99999', 'plz; postleitzahl', [0.7, 0.3, 0.25], (code) => code > '01000' && code < '99999'),
]
