const TEXT = 'text/plain; charset=UTF-8'
const JSON_TEXT = 'application/json; charset=UTF-8'
const JSON_LINES = 'application/x-ndjson; charset=UTF-8'
const TSV = 'text/tab-separated-values; charset=UTF-8'
const BINARY = 'application/octet-stream'

/** Output formats that write rows and nothing else; those that read a schema from a file are left out. */
const OUTPUT: readonly (readonly [RegExp, string])[] = [
  [
    /^(JSON|JSONStrings|JSONCompact|JSONCompactStrings|JSONColumns|JSONCompactColumns|JSONColumnsWithMetadata|JSONObjectEachRow)$/,
    JSON_TEXT,
  ],
  [/^(JSONEachRow|JSONLines|JSONL|NDJSON|JSONStringsEachRow|PrettyJSONEachRow|JSONEachRowWithProgress)$/, JSON_LINES],
  [/^JSONCompact(Strings)?EachRow(WithNames|WithNamesAndTypes|WithProgress)?$/, JSON_LINES],
  [/^JSONStringsEachRowWithProgress$/, JSON_LINES],
  [/^(TabSeparated|TSV)(Raw)?(WithNames|WithNamesAndTypes)?$/, TSV],
  [/^CSV$/, 'text/csv; charset=UTF-8; header=absent'],
  [/^CSVWithNames(AndTypes)?$/, 'text/csv; charset=UTF-8; header=present'],
  [
    /^(RowBinary(WithNames|WithNamesAndTypes)?|Native|Parquet|Arrow|ArrowStream|ORC|MsgPack|BSONEachRow|RawBLOB|Npy)$/,
    BINARY,
  ],
  [/^Pretty(Compact|Space)?(NoEscapes)?(MonoBlock)?$/, TEXT],
  [
    /^(Vertical|Values|TSKV|Null|LineAsString|Raw|RawWithNames|SQLInsert|CustomSeparated(WithNames|WithNamesAndTypes)?)$/,
    TEXT,
  ],
  [/^(Markdown|MD)$/, 'text/markdown; charset=UTF-8'],
  [/^XML$/, 'application/xml; charset=UTF-8'],
]

/** The Content-Type of an output format, as the server sends it; null when the format is not offered. */
export function contentType(format: string): string | null {
  return OUTPUT.find(([pattern]) => pattern.test(format))?.[1] ?? null
}

/** What rows may be sent in. */
const INPUT =
  /^(RowBinary|Native|JSONEachRow|JSONCompactEachRow|CSV|CSVWithNames|TabSeparated|TSV|TabSeparatedWithNames|TSVWithNames)$/

export function isInputFormat(format: string): boolean {
  return INPUT.test(format)
}
