import type { Evaluation, Verdict } from '../../schemas/evaluation.ts'
import type { Attributes, AttributeValue } from '../../schemas/otlp/otlp.ts'
import { cut, MAX_INHERITED, MAX_NAME } from './cut.ts'
import { isObject, type Json, type JsonObject, plain, scalarText } from './json.ts'
import { number } from './readers.ts'

/** Version of a judge whose sender gave none. */
export const UNKNOWN_VERSION = 'unknown'
/** Name of a judge whose sender gave none: what it said is kept. */
export const UNNAMED_JUDGE = 'unnamed'
/** Evaluations one span may report, and verdicts of one of them. */
export const MAX_REPORTED = 256

/** What any of the forms says, before it is an evaluation. */
interface Report {
  readonly name: Json
  readonly version?: Json
  readonly score?: Json
  readonly label?: Json
  readonly passed?: Json
  readonly explanation?: Json
  /** Class of the error, where judging failed. */
  readonly error?: Json
}

/**
 * The attributes of one `gen_ai.evaluation.result` event or log record (semantic conventions 1.38; evaluator.version from
 * pydantic-evals), as an evaluation of tier `external`; undefined where they name and say nothing. A score outside [0, 1] is
 * not ours to rescale: it is told in the explanation.
 */
export function readReportedEvaluation(attributes: Attributes): Evaluation | undefined {
  const value = (name: string): Json => plain(attributes.get(`gen_ai.evaluation.${name}`), 0)
  return evaluationOf({
    name: value('name'),
    version: value('evaluator.version'),
    score: value('score.value'),
    label: value('score.label'),
    passed: value('passed'),
    explanation: value('explanation'),
    error: plain(attributes.get('error.type'), 0),
  })
}

/** OpenInference's `evaluations` and `annotations`: `{name, score, label, explanation, identifier}`. */
export function readAnnotation(item: Json, scope = ''): Evaluation | undefined {
  const fields = isObject(item) && isObject(item.evaluation) ? item.evaluation : isObject(item) ? item.annotation : null
  const said = isObject(fields) ? fields : item
  if (!isObject(said)) return undefined
  const { name, score, label, explanation, identifier } = said
  return evaluationOf({
    name: name ? `${scope}${scalarText(name)}` : name,
    version: identifier,
    score,
    label,
    explanation,
  })
}

/** LangWatch's `langwatch.evaluation.custom`: one JSON object. */
export function readLangwatchEvaluation(said: Json): Evaluation | undefined {
  if (!isObject(said)) return undefined
  const { name, score, label, passed, details, status, error } = said
  const failure = isObject(error) ? (error.type ?? error.name ?? 'error') : error
  return evaluationOf({
    name,
    score,
    passed,
    label: label ?? (status === 'skipped' ? status : undefined),
    explanation: details ?? (isObject(error) ? error.message : undefined),
    error: status === 'error' ? (failure ?? status) : failure,
  })
}

/** OpenLIT's `gen_ai.eval.<name>`: a number each; or `{name, score, label, verdict, explanation}` below the same prefix. */
export function readEvalAttribute(name: string, value: AttributeValue): Evaluation | undefined {
  const score = plain(value, 0)
  if (isObject(score)) return readAnnotation({ name, ...score })
  return typeof score === 'boolean' || number(value) !== undefined ? evaluationOf({ name, score }) : undefined
}

/** Evaluations of the same judge and version are one, with several verdicts: an evaluation's id knows no more. */
export function mergeEvaluations(reported: readonly Evaluation[]): readonly Evaluation[] {
  if (reported.length < 2) return reported
  const byJudge = new Map<string, Evaluation>()
  for (const one of reported) {
    const key = `${one.judge}\n${one.judge_version}`
    const known = byJudge.get(key)
    if (!known) {
      if (byJudge.size < MAX_REPORTED) byJudge.set(key, one)
    } else if (known.verdicts.length < MAX_REPORTED) {
      byJudge.set(key, { ...known, verdicts: [...known.verdicts, ...one.verdicts] })
    }
  }
  return [...byJudge.values()]
}

function evaluationOf(report: Report): Evaluation | undefined {
  const judge = cut(scalarText(report.name), MAX_INHERITED)
  const { name: _, version, ...said } = report
  if (!judge && Object.values(said).every((value) => value === undefined || value === null)) return undefined
  return {
    judge: judge || UNNAMED_JUDGE,
    judge_version: cut(scalarText(version), MAX_INHERITED) || UNKNOWN_VERSION,
    tier: 'external',
    track: 'live',
    verdicts: [verdictOf(said)],
  }
}

function verdictOf(report: Omit<Report, 'name' | 'version'>): Verdict {
  const label = cut(scalarText(report.label), MAX_INHERITED)
  const failure = cut(scalarText(report.error), MAX_INHERITED)
  const value = scoreOf(report.score)
  const isOurs = value !== null && value >= 0 && value <= 1
  const said = scalarText(report.explanation)
  const explanation = value === null || isOurs ? said : said ? `${said} (score ${value})` : `Score ${value}.`
  return {
    label,
    score: isOurs && !failure ? value : null,
    passed: failure ? null : (passedOf(report.passed) ?? passedOf(label) ?? passedOf(report.score)),
    severity: 'none',
    confidence: null,
    explanation: cut(explanation, MAX_NAME),
    evidence: [],
    cost_usd: null,
    error: failure ? `${failure}: the sender's evaluator failed` : '',
  }
}

function scoreOf(score: Json): number | null {
  if (typeof score === 'boolean') return score ? 1 : 0
  return typeof score === 'number' || typeof score === 'string' ? (number(score) ?? null) : null
}

const DECIDED: ReadonlyMap<string, boolean> = new Map([
  ['pass', true],
  ['passed', true],
  ['true', true],
  ['fail', false],
  ['failed', false],
  ['false', false],
])

/** Words that mean one thing everywhere; `yes` may be the answer to "is it toxic?". */
function passedOf(word: Json): boolean | null {
  if (typeof word === 'boolean') return word
  return typeof word === 'string' && word.length < 8 ? (DECIDED.get(word.toLowerCase()) ?? null) : null
}

/** `{evaluation: {...}}` and `{annotation: {...}}` of a list, each as an evaluation. */
export function readAnnotations(list: readonly Json[], scope = ''): readonly Evaluation[] {
  const read: Evaluation[] = []
  for (const item of list.slice(0, MAX_REPORTED)) {
    const evaluation = readAnnotation(item as JsonObject, scope)
    if (evaluation) read.push(evaluation)
  }
  return read
}
