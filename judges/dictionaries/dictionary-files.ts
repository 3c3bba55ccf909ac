import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { encodingOf, parseAffixFile } from './affix-file.ts'
import { createDictionary, type Dictionary } from './dictionary.ts'
import { alphabetOf, SPELLING_LANGUAGES, type SpellingLanguage } from './spelling-languages.ts'
import { SHARED_TERMS } from './terms.ts'
import { createVocabulary, type Vocabulary } from './vocabulary.ts'

/** The two files of one Hunspell dictionary, not read yet. */
export interface DictionaryFiles {
  /** `name@version` of a package, else a digest: whatever changes verdicts changes it. */
  readonly version: string
  readonly affix_file: string
  readonly word_file: string
}

export interface InstalledLanguage {
  readonly about: SpellingLanguage
  readonly files: readonly DictionaryFiles[]
}

/**
 * The languages whose dictionaries are there: those installed as packages, and those that `paths` names (language → path
 * without `.aff` and `.dic`), which go before. A path where the files are not is left out and reported in `missing`.
 */
export function installedLanguages(paths: Readonly<Partial<Record<string, string>>>): {
  readonly languages: readonly InstalledLanguage[]
  readonly missing: readonly string[]
} {
  const languages: InstalledLanguage[] = []
  const missing: string[] = []
  for (const about of SPELLING_LANGUAGES) {
    const path = paths[about.language]
    if (path === undefined) {
      const files = about.packages.map(filesOfPackage).filter((found) => found !== undefined)
      if (files.length > 0) languages.push({ about, files })
    } else {
      const files = filesAt(path)
      if (files === undefined) missing.push(about.language)
      else languages.push({ about, files: [files] })
    }
  }
  return { languages, missing }
}

const foundPackages = new Map<string, DictionaryFiles | undefined>()

/** Looked for once in the life of a process. */
function filesOfPackage(name: string): DictionaryFiles | undefined {
  if (!foundPackages.has(name)) foundPackages.set(name, findPackage(name))
  return foundPackages.get(name)
}

function findPackage(name: string): DictionaryFiles | undefined {
  let folder: string
  try {
    folder = dirname(createRequire(import.meta.url).resolve(name))
  } catch {
    return undefined
  }
  const files = { affix_file: join(folder, 'index.aff'), word_file: join(folder, 'index.dic') }
  if (!existsSync(files.affix_file) || !existsSync(files.word_file)) return undefined
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { ...files, version: `${name}@${version}` }
}

function filesAt(path: string): DictionaryFiles | undefined {
  const files = { affix_file: `${path}.aff`, word_file: `${path}.dic` }
  try {
    const digest = createHash('sha256').update(readFileSync(files.affix_file)).update(readFileSync(files.word_file))
    return { ...files, version: digest.digest('hex').slice(0, 16) }
  } catch {
    return undefined
  }
}

const read = new Map<string, Vocabulary>()

/**
 * The words of a language, read at the first call for these files and kept for the process, whoever asks: 20 to 40 ms and
 * 4 to 11 MB for the dictionaries that come along (docs/spelling.md has the others). Synchronous, so that no verdict depends on whether
 * reading has ended. Throws what reading and parsing throw.
 */
export function vocabularyOf({ about, files }: InstalledLanguage): Vocabulary {
  const key = `${about.language} ${files.map(({ version }) => version).join(' ')}`
  let vocabulary = read.get(key)
  if (vocabulary === undefined) {
    vocabulary = createVocabulary({
      language: about.language,
      dictionaries: readDictionaries(files),
      terms: SHARED_TERMS,
      alphabet: alphabetOf(about),
      has_capital_nouns: about.has_capital_nouns === true,
      ...(about.compounding === undefined ? {} : { compounding: about.compounding }),
    })
    read.set(key, vocabulary)
  }
  return vocabulary
}

/** Dictionaries with the same affixes become one, so that a word is looked up once. */
function readDictionaries(files: readonly DictionaryFiles[]): readonly Dictionary[] {
  const wordsOfAffixes = new Map<string, string[]>()
  for (const { affix_file, word_file } of files) {
    const bytes = readFileSync(affix_file)
    const decoder = new TextDecoder(encodingOf(bytes.toString('latin1')))
    const affixes = decoder.decode(bytes)
    const words = decoder.decode(readFileSync(word_file))
    const known = wordsOfAffixes.get(affixes)
    if (known === undefined) wordsOfAffixes.set(affixes, [words])
    else known.push(words)
  }
  return [...wordsOfAffixes].map(([affixes, words]) => createDictionary(parseAffixFile(affixes), words.join('\n')))
}
