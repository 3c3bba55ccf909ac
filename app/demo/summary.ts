import { askClickhouse } from './clickhouse-client.ts'

export interface SdkRow {
  readonly sdk: string
  readonly dialect: string
  readonly spans: string
  readonly calls: string
  readonly errors: string
}

export interface JudgeRow {
  readonly judge: string
  readonly judged: string
  readonly passed: string
  readonly failed: string
  readonly undecided: string
  readonly errors: string
}

export interface ModelRow {
  readonly model: string
  readonly calls: string
  readonly failed: string
  readonly input_tokens: string
  readonly output_tokens: string
  readonly cached_tokens: string
  readonly cost_usd: number | null
  readonly unpriced: string
}

export interface Example {
  readonly judge: string
  readonly label: string
  readonly severity: string
  readonly explanation: string
  readonly span: string
  readonly model: string
  readonly scope_name: string
  readonly trace_id: string
  readonly times: string
  /** The text around the first evidence; '' where the verdict points nowhere. */
  readonly before: string
  readonly match: string
  readonly after: string
}

export interface Summary {
  readonly sdks: readonly SdkRow[]
  readonly judges: readonly JudgeRow[]
  readonly models: readonly ModelRow[]
  readonly examples: readonly Example[]
}

const BY_SDK = `
SELECT if(scope_name = '', '(none)', scope_name) AS sdk, any(dialect) AS dialect, toString(count()) AS spans,
  toString(countIf(is_call)) AS calls, toString(countIf(status = 'error')) AS errors
FROM spans GROUP BY sdk ORDER BY count() DESC, sdk`

const BY_JUDGE = `
SELECT judge, toString(count()) AS judged, toString(countIf(outcome = 'passed')) AS passed,
  toString(countIf(outcome = 'failed')) AS failed, toString(countIf(outcome = 'undecided')) AS undecided,
  toString(countIf(outcome = 'error')) AS errors
FROM all_evaluations GROUP BY judge ORDER BY countIf(outcome = 'failed') DESC, judge`

const BY_MODEL = `
SELECT if(call.model = '', '(not named)', call.model) AS model, toString(count()) AS calls,
  toString(countIf(call.status = 'error')) AS failed, toString(ifNull(sum(call.input_tokens), 0)) AS input_tokens,
  toString(ifNull(sum(call.output_tokens), 0)) AS output_tokens, toString(ifNull(sum(call.cache_read_input_tokens), 0)) AS cached_tokens,
  if(count(call.cost_usd) = 0, NULL, sum(call.cost_usd)) AS cost_usd, toString(countIf(isNull(call.cost_usd))) AS unpriced
FROM usage AS call GROUP BY call.model ORDER BY sum(call.cost_usd) DESC, count() DESC`

const WORST = `
SELECT verdict.1 AS judge, verdict.2 AS label, toString(verdict.3) AS severity, verdict.4 AS explanation,
  verdict.5 AS evidence, verdicts.judge AS all_judges, verdicts.evidence AS all_evidence, name AS span, model, scope_name, trace_id, span_id, project,
  toString(count() OVER (PARTITION BY verdict.1, verdict.2)) AS times
FROM spans
ARRAY JOIN arrayZip(verdicts.judge, verdicts.label, verdicts.severity, verdicts.explanation, verdicts.evidence, verdicts.passed) AS verdict
WHERE verdict.6 = false
ORDER BY verdict.3 DESC, project, start_time
LIMIT 1 BY judge, label
LIMIT 100`

const EXAMPLES = 12

interface WorstRow extends Omit<Example, 'before' | 'match' | 'after'> {
  readonly span_id: string
  readonly project: string
  readonly evidence: readonly Place[]
  readonly all_judges: readonly string[]
  readonly all_evidence: readonly (readonly Place[])[]
}

interface Place {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** What these judges point at stays covered, also on a screen. */
const COVERED = new Set(['pii', 'secrets'])

interface Texts {
  readonly system_instructions: string
  readonly input_messages: string
  readonly output_messages: string
  readonly query: string
  readonly documents: string
}

/** What a person wants to know after the first minute, asked in the SQL that is open to everyone. */
export async function summarize(clickhouse: string): Promise<Summary> {
  const [sdks, judges, models, worst] = await Promise.all([
    askClickhouse<SdkRow>(clickhouse, BY_SDK),
    askClickhouse<JudgeRow>(clickhouse, BY_JUDGE),
    askClickhouse<ModelRow>(clickhouse, BY_MODEL),
    askClickhouse<WorstRow>(clickhouse, WORST),
  ])
  const examples: Example[] = []
  for (const row of mostTelling(worst)) examples.push({ ...row, ...(await snippetOf(clickhouse, row)) })
  return { sdks, judges, models, examples }
}

/** The worst of every judge before the second worst of any, in the order of severity they came in. */
function mostTelling(worst: readonly WorstRow[]): readonly WorstRow[] {
  const rank = new Map<WorstRow, number>()
  const seen = new Map<string, number>()
  for (const row of worst) {
    const place = seen.get(row.judge) ?? 0
    seen.set(row.judge, place + 1)
    rank.set(row, place)
  }
  const chosen = new Set(worst.toSorted((a, b) => rank.get(a)! - rank.get(b)!).slice(0, EXAMPLES))
  return worst.filter((row) => chosen.has(row))
}

const CONTEXT = 36
const NOTHING = { before: '', match: '', after: '' }

async function snippetOf(clickhouse: string, row: WorstRow): Promise<{ before: string; match: string; after: string }> {
  const [evidence] = row.evidence
  if (!evidence) return NOTHING
  const [texts] = await askClickhouse<Texts>(
    clickhouse,
    `SELECT system_instructions, input_messages, output_messages, query, documents FROM span_texts
     WHERE project = '${row.project}' AND trace_id = '${row.trace_id}' AND span_id = '${row.span_id}'`,
  )
  const text = texts && textAt(texts, evidence.path)
  if (text === undefined) return NOTHING
  const points = [...text]
  for (const [index, judge] of row.all_judges.entries())
    if (COVERED.has(judge))
      for (const { path, start, end } of row.all_evidence[index] ?? [])
        if (path === evidence.path) points.fill('•', start, end)
  return {
    before: points.slice(Math.max(0, evidence.start - CONTEXT), evidence.start).join(''),
    match: points.slice(evidence.start, evidence.end).join(''),
    after: points.slice(evidence.end, evidence.end + CONTEXT).join(''),
  }
}

/** The text an evidence path names (schemas/evaluation.ts, Evidence). */
export function textAt(texts: Texts, path: string): string | undefined {
  const [where, first, second] = path.split('/')
  if (where === 'system') return texts.system_instructions
  if (where === 'query') return texts.query
  if (where === 'document') return (parse(texts.documents)[Number(first)] as { content?: string })?.content
  const messages = parse(where === 'input' ? texts.input_messages : texts.output_messages)
  const parts = (messages[Number(first)] as { parts?: readonly { content?: string }[] })?.parts
  return parts?.[Number(second)]?.content
}

function parse(json: string): readonly unknown[] {
  return json === '' ? [] : (JSON.parse(json) as readonly unknown[])
}
