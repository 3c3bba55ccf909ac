/**
 * What languages are called in instructions: in English, in German, French and Spanish, and by themselves. Names are lower
 * case; several may be one language, no name is two.
 */
const NAMES: Readonly<Record<string, string>> = {
  en: 'english|englisch|anglais|inglés|inglese|inglês|engels|английском|英語|英语|英文|영어',
  de: 'german|deutsch|allemand|alemán|tedesco|alemão|duits|немецком|ドイツ語|德语',
  fr: 'french|französisch|français|francés|francese|francês|frans|французском|フランス語|法语',
  es: 'spanish|spanisch|espagnol|español|castellano|spagnolo|espanhol|spaans|испанском|スペイン語|西班牙语',
  it: 'italian|italienisch|italien|italiano|italiaans|итальянском|イタリア語|意大利语',
  pt: 'portuguese|portugiesisch|portugais|portugués|portoghese|português|portugees|португальском|葡萄牙语',
  nl: 'dutch|niederländisch|holländisch|néerlandais|neerlandés|nederlands|голландском|荷兰语',
  pl: 'polish|polnisch|polonais|polaco|polski|polsku|польском|波兰语',
  ru: 'russian|russisch|russe|ruso|русском|по-русски|ロシア語|俄语',
  uk: 'ukrainian|ukrainisch|ukrainien|ucraniano|українською|украинском',
  tr: 'turkish|türkisch|turc|turco|türkçe|турецком',
  sv: 'swedish|schwedisch|suédois|sueco|svenska',
  da: 'danish|dänisch|danois|danés|dansk',
  no: 'norwegian|norwegisch|norvégien|noruego|norsk',
  fi: 'finnish|finnisch|finnois|finlandés|suomeksi',
  cs: 'czech|tschechisch|tchèque|checo|češtině|česky',
  sk: 'slovak|slowakisch|slovaque|eslovaco|slovensky|slovenčine',
  hu: 'hungarian|ungarisch|hongrois|húngaro|magyarul',
  ro: 'romanian|rumänisch|roumain|rumano|română',
  el: 'greek|griechisch|grec|griego|ελληνικά',
  bg: 'bulgarian|bulgarisch|bulgare|búlgaro|български',
  hr: 'croatian|serbian|bosnian|kroatisch|serbisch|hrvatski|srpski',
  sl: 'slovenian|slovene|slowenisch|slovenščini',
  ca: 'catalan|katalanisch|català|catalán',
  id: 'indonesian|malay|indonesisch|bahasa indonesia',
  vi: 'vietnamese|vietnamesisch|vietnamien|vietnamita|tiếng việt',
  zh: 'chinese|mandarin|chinesisch|chinois|chino|中文|汉语|中国語|китайском',
  ja: 'japanese|japanisch|japonais|japonés|日本語|日语|японском',
  ko: 'korean|koreanisch|coréen|coreano|한국어|韩语|韓国語',
  ar: 'arabic|arabisch|arabe|árabe|العربية|арабском',
  fa: 'persian|farsi|persisch|persan|فارسی',
  ur: 'urdu|اردو',
  hi: 'hindi|हिंदी|हिन्दी',
  bn: 'bengali|bangla|বাংলা',
  he: 'hebrew|hebräisch|hébreu|hebreo|עברית',
  th: 'thai|thailändisch|ภาษาไทย',
}

/** Languages that are only ever spoken about: an instruction with one of them asks for something that we cannot check. */
const OTHERS =
  'latin|latein|esperanto|swahili|tagalog|filipino|welsh|irish|gaelic|basque|galician|icelandic|estonian|latvian|lithuanian|' +
  'albanian|macedonian|belarusian|armenian|georgian|afrikaans|yoruba|zulu|punjabi|gujarati|tamil|telugu|kannada|malayalam|' +
  'marathi|nepali|sinhala|burmese|khmer|lao|mongolian|kazakh|uzbek|yiddish|sanskrit|klingon|pirate|morse|emoji|pig latin'

const byName = new Map(
  Object.entries(NAMES).flatMap(([language, names]) => names.split('|').map((name) => [name, language] as const)),
)

/** The language of a name in any case; '' for one that the detector does not know. */
export const languageNamed = (name: string): string => byName.get(name.toLowerCase()) ?? ''

export const LANGUAGE_NAMES: readonly string[] = [...byName.keys(), ...OTHERS.split('|')]
