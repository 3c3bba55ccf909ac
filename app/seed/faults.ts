import type { Random } from '../../core/random.ts'
import { type Hour, type Service, timeAt } from './rhythm.ts'

export const FAULTS = [
  'bad_prompt_version',
  'leaking_tool',
  'slow_model',
  'duplicates',
  'late_logs',
  'injection_wave',
  'truncated_answers',
  'provider_errors',
  'cost_spike',
] as const
export type FaultName = (typeof FAULTS)[number]

const HOUR_MS = 3_600_000

interface FaultKind {
  readonly service: Service
  /** Share of the service's traffic that falls into the window. */
  readonly share: number
  readonly what: string
  /** What stands in the first column of the first row of the query that reveals it. */
  readonly culprit: string
  /** Columns and grouping of that query; the window and the project are added. */
  readonly reveal: string
}

const BAD = '7'

export const FAULT_KINDS: { readonly [Name in FaultName]: FaultKind } = {
  bad_prompt_version: {
    service: 'support-bot',
    share: 0.07,
    what: `version ${BAD} of prompt classify-intent: a third of its answers are refusals, almost half are no JSON`,
    culprit: `classify-intent ${BAD}`,
    reveal: `SELECT concat(prompt_name, ' ', prompt_version) AS what, count() AS calls,
  round(100 * countIf(passed = false) / count(), 1) AS failed_percent
FROM spans WHERE prompt_name != '' AND {window}
GROUP BY what ORDER BY failed_percent DESC LIMIT 5`,
  },
  leaking_tool: {
    service: 'support-bot',
    share: 0.06,
    what: 'tool order_lookup answers with cloud keys, a database password and card numbers of customers',
    culprit: 'order_lookup',
    reveal: `SELECT tool_name AS what, count() AS calls, countIf(hasAny(deciding_judges, ['secrets', 'pii'])) AS leaking
FROM spans WHERE kind = 'tool' AND {window}
GROUP BY what ORDER BY leaking DESC LIMIT 5`,
  },
  slow_model: {
    service: 'docs-assistant',
    share: 0.07,
    what: 'gpt-5.4-mini needs eight times as long to its first token and four times as long to the end',
    culprit: 'gpt-5.4-mini',
    reveal: `SELECT model AS what, count() AS calls, round(quantile(0.5)(duration_ms)) AS p50_ms,
  round(quantile(0.5)(time_to_first_token_ms)) AS p50_first_token_ms
FROM spans WHERE kind = 'llm' AND {window}
GROUP BY what ORDER BY p50_first_token_ms DESC NULLS LAST LIMIT 5`,
  },
  duplicates: {
    service: 'support-bot',
    share: 0.08,
    what: 'a sender repeats requests that were acknowledged, at once and hours later: each span is still there once',
    culprit: 'received again',
    reveal: `SELECT 'received again' AS what, (SELECT sum(spans) FROM ledger WHERE topic = 'otlp_spans') - count() AS spans,
  count() - uniqExact(project, trace_id, span_id) AS shown_twice FROM spans`,
  },
  late_logs: {
    service: 'faq-widget',
    share: 0.08,
    what: 'content comes as log records, hours after the spans: the spans have none',
    culprit: 'faq-widget',
    reveal: `SELECT service_name AS what, count() AS calls, countIf(NOT output_captured) AS without_content
FROM spans WHERE kind = 'llm' AND status != 'error' AND {window}
GROUP BY what ORDER BY without_content DESC LIMIT 5`,
  },
  injection_wave: {
    service: 'support-bot',
    share: 0.05,
    what: 'accounts made for it (trial-…) try to take over the support bot',
    culprit: 'trial',
    reveal: `SELECT splitByChar('-', user_id)[1] AS what, uniqExact(user_id) AS users, uniqExact(trace_id) AS traces,
  countIf(has(deciding_judges, 'prompt_injection')) AS attacks
FROM spans WHERE {window}
GROUP BY what ORDER BY attacks DESC LIMIT 5`,
  },
  truncated_answers: {
    service: 'sql-copilot',
    share: 0.09,
    what: 'release 4.7.1 of sql-copilot asks for at most 16 tokens: its answers are cut',
    culprit: 'sql-copilot 4.7.1',
    reveal: `SELECT concat(service_name, ' ', release) AS what, count() AS calls,
  countIf(has(deciding_judges, 'truncation')) AS truncated
FROM spans WHERE kind = 'llm' AND {window}
GROUP BY what ORDER BY truncated DESC LIMIT 5`,
  },
  provider_errors: {
    service: 'support-bot',
    share: 0.04,
    what: "more than half of support-bot's calls to Anthropic fail: overloaded, timeouts",
    culprit: 'support-bot to anthropic',
    reveal: `SELECT concat(service_name, ' to ', provider) AS what, count() AS calls,
  round(100 * countIf(status = 'error') / count(), 1) AS error_percent, groupUniqArrayIf(error_type, status = 'error') AS errors
FROM spans WHERE is_call AND {window}
GROUP BY what ORDER BY error_percent DESC LIMIT 5`,
  },
  cost_spike: {
    service: 'report-writer',
    share: 0.08,
    what: 'one session of report-writer runs in circles, with the dearest model and a context that only grows',
    culprit: 'report-runaway',
    reveal: `SELECT session_id AS what, count() AS calls, sum(input_tokens) AS input_tokens, round(sum(cost_usd), 2) AS usd
FROM usage WHERE session_id != '' AND {window}
GROUP BY what ORDER BY usd DESC LIMIT 5`,
  },
}

export const BAD_PROMPT_VERSION = BAD

/** Ground truth of one injected fault, as `--json` prints it; additive changes only. */
export interface InjectedFault {
  readonly fault: FaultName
  readonly service: string
  /** ISO 8601: traces that begin in [from, to) may be affected, others are not. */
  readonly from: string
  readonly to: string
  readonly what: string
  /** Affected spans; of `duplicates` those sent again, of `late_logs` log records. */
  readonly affected: number
  /** SQL that reveals it, and what its first row then begins with. */
  readonly query: string
  readonly culprit: string
}

export interface FaultWindow {
  readonly fault: FaultName
  readonly from_ms: number
  readonly to_ms: number
}

/** A stretch of time for each fault, one after the other in an order drawn by the seed, with calm between them. */
export function placeFaults(random: Random, hours: readonly Hour[]): readonly FaultWindow[] {
  const left = [...FAULTS]
  const slot = 0.96 / FAULTS.length
  return FAULTS.map((_, place) => {
    const [fault] = left.splice(random(left.length), 1)
    const { service, share } = FAULT_KINDS[fault!]
    const room = slot - share
    const from = 0.02 + place * slot + (random(1000) / 1000) * Math.max(0, room)
    return {
      fault: fault!,
      from_ms: timeAt(service, from, hours),
      to_ms: timeAt(service, from + share, hours),
    }
  })
}

export function truthOf(window: FaultWindow, affected: number, project: string): InjectedFault {
  const { fault, from_ms, to_ms } = window
  const { service, what, culprit, reveal } = FAULT_KINDS[fault]
  const between = `project = '${project}'
  AND start_time >= ${sqlTime(from_ms)}
  AND start_time < ${sqlTime(to_ms)}
  AND hour >= toDateTime('${sqlText(Math.floor(from_ms / HOUR_MS) * HOUR_MS).slice(0, 19)}', 'UTC')`
  return {
    fault,
    service,
    from: new Date(from_ms).toISOString(),
    to: new Date(to_ms).toISOString(),
    what,
    affected,
    query: reveal.replace('{window}', between),
    culprit,
  }
}

const sqlText = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
const sqlTime = (ms: number) => `toDateTime64('${sqlText(ms)}', 3, 'UTC')`
