/**
 * The letters beyond a-z (or beyond the letters that all of its script share) of each language. A word with a letter that a
 * language does not write speaks against it. English takes words from everywhere, so that nothing is foreign to it in a
 * loan, but a text full of such letters is not English.
 */
export const ALPHABETS: Readonly<Record<string, string>> = {
  en: '',
  de: 'äöüß',
  fr: 'àâæçéèêëîïôœùûüÿ',
  es: 'áéíñóúü',
  it: 'àèéìíîòóùú',
  pt: 'àáâãçéêíóôõúü',
  nl: 'éëïóöüèáí',
  pl: 'ąćęłńóśźż',
  tr: 'çğıöşüâîû',
  sv: 'åäöé',
  da: 'åæøé',
  no: 'åæøéòô',
  fi: 'äöåšž',
  cs: 'áčďéěíňóřšťúůýž',
  sk: 'áäčďéíĺľňóôŕšťúýž',
  hu: 'áéíóöőúüű',
  ro: 'ăâîșțşţ',
  id: 'é',
  vi: 'àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ',
  ca: 'àçèéíïòóúü',
  hr: 'čćđšž',
  sl: 'čšž',
  ru: 'ёъыэщ',
  uk: 'ґєіїщ',
  bg: 'ъщ',
  be: 'ёіўыэ',
  sr: 'ђјљњћџ',
  mk: 'ѓѕјљњќџ',
  ar: 'ةىأإؤئي',
  fa: 'پچژگیکئ',
  ur: 'ٹڈڑںےہھگپچژکیئ',
  hi: '',
  mr: 'ळ',
  ne: '',
}

/** The languages that stop words and alphabets tell apart, by script. */
export const LANGUAGES_OF_SCRIPT: Readonly<Record<string, readonly string[]>> = {
  Latin: 'en de fr es it pt nl pl tr sv da no fi cs sk hu ro id vi ca hr sl'.split(' '),
  Cyrillic: 'ru uk bg be sr mk'.split(' '),
  Arabic: 'ar fa ur'.split(' '),
  Devanagari: 'hi mr ne'.split(' '),
}
