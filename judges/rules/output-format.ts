import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan, Message } from '../../schemas/llm-span.ts'
import type { Evidence, Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { re2 } from '../re2.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { createSelector, whereConfig } from '../where.ts'
import { evidenceAt } from './answer-text.ts'
import { compileSchema, type SchemaCheck } from './json-schema.ts'
import { markdownProblems } from './markdown-problems.ts'
import { requestedFormat } from './requested-format.ts'
import { createRuleJudge, patternSource } from './rule-judge.ts'
import { createSchemaMemory } from './schema-memory.ts'

export const OUTPUT_FORMAT_LABELS = [
  'not_json',
  'fenced_json',
  'schema_mismatch',
  'schema_unusable',
  'pattern_mismatch',
  'unexpected_markdown',
  'broken_markdown',
  'invalid_code',
] as const

/** A schema of the configuration is compiled when it is read, so that a bad one is found before anything starts. */
const schemaSource = z.unknown().superRefine((schema, context) => {
  const compiled = compileSchema(schema)
  if ('problem' in compiled) context.addIssue({ code: 'custom', message: compiled.problem })
})

export const outputFormatConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('high'),
  /** JSON inside a Markdown fence: `low` marks it, `none` accepts it. */
  fenced_severity: z.enum(SEVERITIES).default('low'),
  /** Believe what the span says about the requested format, its own structured-output schema included. */
  from_span: z.boolean().default(true),
  /** Answers that must be JSON, and fit `json_schema` where there is one. The first entry that selects a span counts. */
  expect_json: z
    .array(z.strictObject({ where: whereConfig([]).prefault({}), json_schema: schemaSource.optional() }))
    .max(200)
    .default([]),
  expect_text: z
    .array(
      z.strictObject({
        where: whereConfig([]).prefault({}),
        matches: patternSource
          .optional()
          .describe('RE2 pattern that the answer must hold; ^ and $ bind it to the ends.'),
        must_not_match: patternSource.optional().describe('RE2 pattern that the answer must not hold.'),
        plain: z
          .boolean()
          .default(false)
          .describe('No Markdown: no headings, emphasis, lists of links, tables or fences.'),
      }),
    )
    .max(200)
    .default([])
    .describe('What the text of answers must look like. Every entry that selects a span counts.'),
  markdown_severity: z
    .enum(SEVERITIES)
    .default('low')
    .describe('Tables, links and headings that do not render, fenced JSON that does not parse; `none` does not look.'),
})

export type OutputFormatConfig = z.infer<typeof outputFormatConfig>

/** Characters of an answer on which your own patterns run. */
const MAX_PATTERN_TEXT = 64 * 1024
const MARKDOWN = re2('(?m)^ {0,3}#{1,6} \\S|\\*\\*\\S[^*\\n]*\\*\\*|^ {0,3}```|^ {0,3}\\|.*\\|\\s*$|\\]\\(https?:')

type Expectation = { readonly schema: SchemaCheck | null; readonly problem: string }

/** Is the answer in the form that was asked for? JSON by RFC 8259, JSON Schema by ajv with linear-time patterns. */
export function createOutputFormatJudge(config: OutputFormatConfig): Judge {
  const configured = config.expect_json.map(({ where, json_schema }) => {
    const compiled = json_schema === undefined ? null : compileSchema(json_schema)
    const schema = compiled !== null && 'check' in compiled ? compiled.check : null
    return { isSelected: createSelector(where), expectation: { schema, problem: '' } satisfies Expectation }
  })
  const spanSchemas = createSchemaMemory()
  const expectedTexts = config.expect_text.map(({ where, matches, must_not_match, plain }) => ({
    isSelected: createSelector(where),
    matches: matches === undefined ? null : re2(matches),
    mustNotMatch: must_not_match === undefined ? null : re2(must_not_match),
    plain,
  }))

  function expectationOf(span: LlmSpan): Expectation | null {
    for (const { isSelected, expectation } of configured) if (isSelected(span)) return expectation
    const asked = config.from_span ? requestedFormat(span) : null
    if (asked === null || !asked.json) return null
    if (asked.schema === '') return { schema: null, problem: '' }
    const compiled = spanSchemas(asked.schema)
    return 'check' in compiled ? { schema: compiled.check, problem: '' } : { schema: null, problem: compiled.problem }
  }

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    const { span, texts } = input
    const verdicts: Verdict[] = []
    const expectation = expectationOf(span)
    for (let m = 0; m < span.output_messages.length; m++) {
      const message = span.output_messages[m]!
      // A turn that calls tools is not the final answer.
      if (expectation !== null && !message.parts.some(({ type }) => type === 'tool_call')) {
        const verdict = answerProblem(message, m, expectation)
        if (verdict !== null) verdicts.push(verdict)
      }
    }
    for (let t = 0; t < texts.length; t++) {
      const text = texts[t]!
      if (text.field !== 'output') continue
      for (const expected of expectedTexts) if (expected.isSelected(span)) textProblems(text, expected, verdicts)
      if (expectation === null && config.markdown_severity !== 'none') markdownVerdicts(text, verdicts)
    }
    return verdicts.length === 0 ? PASS : verdicts
  }

  function textProblems(text: SpanText, expected: (typeof expectedTexts)[number], verdicts: Verdict[]): void {
    const looked = text.text.slice(0, MAX_PATTERN_TEXT)
    const { severity } = config
    const evidence = [whole(text.path, text.text)]
    const add = (label: string, explanation: string) =>
      verdicts.push(verdictOf({ label, severity, explanation, evidence, confidence: 1 }))
    if (expected.matches !== null && !expected.matches.test(looked))
      add('pattern_mismatch', 'The answer does not match the pattern that is expected of it.')
    if (expected.mustNotMatch?.test(looked) === true)
      add('pattern_mismatch', 'The answer matches a pattern that it must not match.')
    if (expected.plain && MARKDOWN.test(looked))
      add('unexpected_markdown', 'Plain text was expected, and the answer holds Markdown.')
  }

  function markdownVerdicts(text: SpanText, verdicts: Verdict[]): void {
    for (const { label, explanation, start, end } of markdownProblems(text.text)) {
      const evidence = [evidenceAt(text, start, end)]
      verdicts.push(verdictOf({ label, severity: config.markdown_severity, explanation, evidence, confidence: 0.8 }))
    }
  }

  function answerProblem(message: Message, m: number, { schema, problem }: Expectation): Verdict | null {
    const texts = message.parts.flatMap(({ type, content }, p) => (type === 'text' ? [{ content, p }] : []))
    const text = texts.map(({ content }) => content).join('')
    // Nothing at all is the business of the truncation judge; a refusal that of the refusal judge.
    if (text.trim() === '' || message.parts.some(({ type }) => type === 'refusal')) return null
    const first = texts.find(({ content }) => content !== '')!
    const evidence = [whole(`output/${m}/${first.p}`, first.content)]
    const { severity, fenced_severity } = config
    let value = parse(text)
    const isFenced = value === undefined
    if (isFenced) value = parse(withoutFence(text))
    if (value === undefined) {
      const explanation = `JSON was asked for, and the answer of ${text.length} characters is not valid JSON.`
      return verdictOf({ label: 'not_json', severity, explanation, evidence, confidence: 1 })
    }
    if (problem !== '') {
      const explanation = `The schema on the span cannot be used: it ${problem}. The answer is valid JSON.`
      return {
        ...verdictOf({ label: 'schema_unusable', severity: 'none', explanation, evidence, passed: null }),
        score: null,
      }
    }
    const mismatch = schema === null ? null : checked(schema, value.json)
    if (mismatch !== null) {
      const explanation = `The answer is JSON but ${mismatch}.`
      return verdictOf({ label: 'schema_mismatch', severity, explanation, evidence, confidence: 1 })
    }
    if (!isFenced || fenced_severity === 'none') return null
    const explanation = 'The JSON stands inside a Markdown fence, which a JSON parser refuses.'
    return verdictOf({ label: 'fenced_json', severity: fenced_severity, explanation, evidence, confidence: 1 })
  }

  return createRuleJudge({
    name: 'output_format',
    code_version: '1.3.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

function parse(text: string): { readonly json: unknown } | undefined {
  const first = text.trimStart()[0]
  if (first === undefined || !'{["-0123456789tfn'.includes(first)) return undefined
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Deep JSON under a recursive schema can exhaust the stack; such an answer fits no schema. */
function checked(schema: SchemaCheck, value: unknown): string | null {
  try {
    return schema(value)
  } catch (error) {
    if (error instanceof RangeError) return 'is nested too deeply for its schema'
    throw error
  }
}

function withoutFence(text: string): string {
  const trimmed = text.trim()
  const start = trimmed.indexOf('\n')
  return trimmed.startsWith('```') && trimmed.endsWith('```') && start > 0 ? trimmed.slice(start + 1, -3) : ''
}

function whole(path: string, text: string): Evidence {
  let end = 0
  for (const _ of text) end++
  return { path, start: 0, end }
}
