import type { EngineConnection } from '../engine.ts'

/** Which functions a reader may call; everything else, also what a later engine adds, is refused. */
export interface FunctionCatalogue {
  isAllowed(name: string): boolean
  /** A function that exists and is not allowed. */
  isRefused(name: string): boolean
  isTableFunction(name: string): boolean
}

/** Categories of system.functions that only compute on their arguments. */
const CATEGORIES = new Set(
  (
    'Aggregate Functions|Arithmetic|Arrays|Bit|Bitmap|Comparison|Conditional|Dates and Times|Distance|Encoding|' +
    'Encryption|Financial|Geo|Geo Polygon|Hash|IP Address|JSON|Logical|Map|Mathematical|Null|NumericIndexedVector|' +
    'QBit|Random Number|Rounding|String|String Replacement|String Search|String Splitting|Time Series|Time Window|' +
    'Tuple|Type Conversion|URL|UUID|Window Functions'
  ).split('|'),
)

/** "Other" also holds file(), joinGet(), hasColumnInTable() and more that look outside: named one by one. */
const OTHERS = new Set(
  (
    'bar blockNumber blockSerializedSize blockSize byteSize colorOKLABToSRGB colorOKLCHToSRGB colorSRGBToOKLAB ' +
    'colorSRGBToOKLCH connectionId countDigits currentDatabase currentProfiles currentQueryID currentRoles ' +
    'currentSchemas currentUser defaultValueOfArgumentType defaultValueOfTypeName displayName dumpColumnStructure ' +
    'errorCodeToName finalizeAggregation formatQuery formatQueryOrNull formatQuerySingleLine ' +
    'formatQuerySingleLineOrNull formatReadableDecimalSize formatReadableQuantity formatReadableSize ' +
    'formatReadableTimeDelta getSetting getSettingOrDefault getSizeOfEnumType getSubcolumn getTypeSerializationStreams ' +
    'globalVariable hostName identity ignore indexHint initializeAggregation isConstant isDecimalOverflow ' +
    'lowCardinalityIndices lowCardinalityKeys materialize minSampleSizeContinuous minSampleSizeConversion neighbor ' +
    'normalizedQueryHash normalizedQueryHashKeepNames normalizeQuery normalizeQueryKeepNames parseReadableSize ' +
    'parseReadableSizeOrNull parseReadableSizeOrZero parseTimeDelta queryID revision rowNumberInAllBlocks ' +
    'rowNumberInBlock runningAccumulate runningDifference runningDifferenceStartingWithFirstValue sleep sleepEachRow ' +
    'throwIf toColumnTypeName tokenizeQuery toTypeName transform uptime variantElement variantType version visibleWidth'
  ).split(' '),
)

/** Written by the parser for syntax; they are no functions of their own. */
const SYNTAX = ['_CAST', 'lambda', 'exists', 'grouping', 'caseWithExpression', 'nested']

interface FunctionRow {
  readonly name: string
  readonly alias_to: string
  readonly categories: string
  readonly is_aggregate: number
}

export async function loadFunctionCatalogue(connection: Pick<EngineConnection, 'run'>): Promise<FunctionCatalogue> {
  const functions = await rows<FunctionRow>(
    connection,
    'SELECT name, alias_to, categories, toUInt8(is_aggregate) AS is_aggregate FROM system.functions',
  )
  const combinators = await rows<{ name: string }>(connection, 'SELECT name FROM system.aggregate_function_combinators')
  const tables = await rows<{ name: string }>(connection, 'SELECT name FROM system.table_functions')
  const byName = new Map(functions.map((row) => [row.name, row]))
  const syntax = new Set(SYNTAX.map((name) => name.toLowerCase()))
  const allowed = new Set(syntax)
  const refused = new Set<string>()
  const aggregates = new Set<string>()
  for (const row of functions) {
    const target = byName.get(row.alias_to) ?? row
    const name = row.name.toLowerCase()
    if (target.is_aggregate) aggregates.add(name)
    if (target.is_aggregate || CATEGORIES.has(target.categories) || OTHERS.has(target.name)) allowed.add(name)
    else if (!syntax.has(name)) refused.add(name)
  }
  const suffixes = combinators.map((row) => row.name.toLowerCase())
  const tableFunctions = new Set(tables.map((row) => row.name.toLowerCase()))

  /** sumIf, uniqStateOrNull: an aggregate function with any number of combinators behind it. */
  function isAggregate(name: string): boolean {
    if (aggregates.has(name)) return true
    return suffixes.some((suffix) => name.endsWith(suffix) && isAggregate(name.slice(0, -suffix.length)))
  }

  return {
    isAllowed(name) {
      const lower = name.toLowerCase()
      return !refused.has(lower) && (allowed.has(lower) || isAggregate(lower))
    },
    isRefused: (name) => refused.has(name.toLowerCase()),
    isTableFunction: (name) => tableFunctions.has(name.toLowerCase()),
  }
}

async function rows<Row>(connection: Pick<EngineConnection, 'run'>, sql: string): Promise<readonly Row[]> {
  const { bytes } = await connection.run(sql, 'JSONEachRow')
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row)
}
