import { z } from 'zod'
import { SEVERITIES, type Severity } from '../../schemas/evaluation.ts'
import type { LlmSpan, MessagePart } from '../../schemas/llm-span.ts'
import type { Evidence, Judge, Scanned, SpanInput, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import type { CompiledSchema } from './json-schema.ts'
import { createRuleJudge } from './rule-judge.ts'
import { createSchemaMemory } from './schema-memory.ts'
import { createToolDefinitionMemory, type ToolDefinition, type ToolDefinitions } from './tool-definitions.ts'
import { hasTools, historyProblems, type PlacedPart, pathOf, type ToolHistory, toolHistory } from './tool-history.ts'

export const TOOL_CALLS_LABELS = [
  'invalid_arguments',
  'unknown_tool',
  'missing_argument',
  'unknown_argument',
  'schema_mismatch',
  'schema_unusable',
  'repeated_call',
  'loop',
  'unanswered_call',
  'orphan_result',
] as const
export type ToolCallsLabel = (typeof TOOL_CALLS_LABELS)[number]

export const toolCallsConfig = z.strictObject({
  enabled: z.boolean().default(true),
  // Agents and chains repeat what their calls already say.
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('high').describe('Of calls that their tool cannot take; the others are milder.'),
  check_schema: z
    .boolean()
    .default(true)
    .describe('Compare tool names and arguments with the tool definitions on the span.'),
  max_identical_calls: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('So often may the same call, with the same result, stand in the messages of a span.'),
  max_rounds: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('So often may a sequence of calls (A-B-A-B) come round, with the same results.'),
})

export type ToolCallsConfig = z.infer<typeof toolCallsConfig>

/** How bad each is, in steps below the configured severity. */
const MILDER: Readonly<Record<ToolCallsLabel, number>> = {
  invalid_arguments: 0,
  unknown_tool: 0,
  missing_argument: 0,
  unknown_argument: 1,
  schema_mismatch: 0,
  schema_unusable: 4,
  repeated_call: 1,
  loop: 0,
  unanswered_call: 2,
  orphan_result: 2,
}

interface Problem {
  readonly label: ToolCallsLabel
  /** Ends a sentence that begins with the call or the result. */
  readonly problem: string
}

type Finding = Problem & { readonly place: PlacedPart }

/** Findings with one label; where so many calls are bad, nobody needs the others. */
const MAX_FINDINGS = 20

/**
 * Whether the calls of tools can work: arguments are JSON, the tool was offered, its schema is kept; and whether they
 * lead anywhere: the same call again and again, cycles, calls and results that do not belong together.
 * Arguments are checked where the model makes the call; in the history they were checked before.
 */
export function createToolCallsJudge(config: ToolCallsConfig): Judge {
  const definitionsOf = createToolDefinitionMemory()
  const schemaOf = createSchemaMemory()
  const worst = SEVERITIES.indexOf(config.severity)
  const severityOf = (label: ToolCallsLabel): Severity =>
    label === 'schema_unusable' || worst === 0 ? 'none' : SEVERITIES[Math.max(1, worst - MILDER[label])]!

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    const history = toolHistory(span)
    const findings = [...badCalls(history), ...historyProblems(history, config)]
    return findings.length === 0 ? PASS : verdictsOf(span, findings)
  }

  function badCalls({ span, calls, keys, first_new }: ToolHistory): readonly Finding[] {
    if (first_new === calls.length) return []
    const definitions =
      config.check_schema && span.tool_definitions !== '' ? definitionsOf(span.tool_definitions) : null
    // The same call again is as good or bad as before.
    const seen = new Set<number>()
    const made = calls.filter((_, c) => c >= first_new && seen.size < seen.add(keys[c]!).size)
    const values = parseAll(made)
    const problemOf = createProblemOf(definitions, schemaOf)
    const counts = new Map<ToolCallsLabel, number>()
    const findings: Finding[] = []
    for (let c = 0; c < made.length; c++) {
      const problem = values[c] === INVALID ? NOT_JSON : problemOf(made[c]!.part.name, values[c])
      if (problem === null) continue
      const count = counts.get(problem.label) ?? 0
      counts.set(problem.label, count + 1)
      if (count < MAX_FINDINGS) findings.push({ ...problem, place: made[c]! })
    }
    return findings
  }

  function verdictsOf(span: LlmSpan, findings: readonly Finding[]): Verdicts {
    const byLabel = Map.groupBy(findings, ({ label }) => label)
    return TOOL_CALLS_LABELS.filter((label) => byLabel.has(label)).map((label): Verdict => {
      const group = byLabel.get(label)!.slice(0, MAX_FINDINGS)
      const { place, problem } = group[0]!
      const atLeast = group.length === MAX_FINDINGS ? 'at least ' : ''
      const more = group.length > 1 ? ` (and ${atLeast}${group.length - 1} more)` : ''
      const verdict = verdictOf({
        label,
        severity: severityOf(label),
        confidence: 1,
        explanation: `${titleOf(place.part)} ${problem}${more}.`,
        evidence: group.flatMap((one) => whole(pathOf(span, one.place), one.place.part.content)),
      })
      return label === 'schema_unusable' ? { ...verdict, score: null, passed: null } : verdict
    })
  }

  return createRuleJudge({
    name: 'tool_calls',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => hasTools(span),
    judge,
  })
}

const NOT_JSON: Problem = { label: 'invalid_arguments', problem: 'has arguments that are not valid JSON' }
const UNKNOWN_TOOL: Problem = { label: 'unknown_tool', problem: 'is not among the tools that were offered' }
const UNKNOWN_ARGUMENT: Problem = {
  label: 'unknown_argument',
  problem: 'has an argument that its schema does not know',
}

/** Says what is wrong with a call; `value` is undefined where it has no arguments, or they were not captured. */
function createProblemOf(
  definitions: ToolDefinitions | null,
  schemaOf: (text: string) => CompiledSchema,
): (name: string, value: unknown) => Problem | null {
  if (definitions === null) return () => null
  const compiled = new Map<string, CompiledSchema>()
  const compiledOf = (name: string, schema: string) => {
    let found = compiled.get(name)
    if (found === undefined) {
      found = schemaOf(schema)
      compiled.set(name, found)
    }
    return found
  }
  return (name, value) => {
    if (name === '') return null
    const definition = definitions.by_name.get(name)
    if (definition === undefined) return definitions.complete ? UNKNOWN_TOOL : null
    if (value === undefined) return null
    const problem = namesProblem(value, definition)
    if (problem !== null || definition.schema === '') return problem
    const schema = compiledOf(name, definition.schema)
    if ('problem' in schema) {
      return { label: 'schema_unusable', problem: `has a schema that cannot be used: it ${schema.problem}` }
    }
    const mismatch = schema.check(value)
    return mismatch === null ? null : { label: 'schema_mismatch', problem: `has arguments whose value ${mismatch}` }
  }
}

function namesProblem(value: unknown, { required, allowed }: ToolDefinition): Problem | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  for (const name of required) {
    if (!Object.hasOwn(value, name)) return { label: 'missing_argument', problem: `lacks the argument "${name}"` }
  }
  if (allowed !== null) for (const name of Object.keys(value)) if (!allowed.has(name)) return UNKNOWN_ARGUMENT
  return null
}

const INVALID = Symbol('not JSON')
const BLOCK = 64

/** The arguments of calls: undefined for blank text, INVALID for text that is not JSON. */
function parseAll(calls: readonly PlacedPart[]): readonly unknown[] {
  if (calls.length < 4) return calls.map(({ part }) => parseOne(part.content))
  const values: unknown[] = []
  let failures = 0
  for (let start = 0; start < calls.length; start += BLOCK) {
    const block = calls.slice(start, start + BLOCK).map(({ part }) => part.content)
    const together = parseTogether(block)
    if (together !== undefined) {
      for (const value of together) values.push(value)
      continue
    }
    for (const text of block) {
      // Failing takes twenty times as long as parsing.
      const value = failures < MAX_FINDINGS ? parseOne(text) : undefined
      if (value === INVALID) failures++
      values.push(value)
    }
  }
  return values
}

/** Many texts in one go, which is much faster; undefined where one of them may not be JSON. */
function parseTogether(texts: readonly string[]): readonly unknown[] | undefined {
  // Between braces, what is missing in one text can only be made up for by another that was written to do so.
  if (!texts.every((text) => text.startsWith('{') && text.endsWith('}'))) return undefined
  try {
    const values: unknown = JSON.parse(`[${texts.join(',')}]`)
    return Array.isArray(values) && values.length === texts.length ? values : undefined
  } catch {
    return undefined
  }
}

function parseOne(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text.trim() === '' ? undefined : INVALID
  }
}

/** Names of tools are identifiers; anything else came from nowhere and is not repeated. */
const titleOf = ({ type, name }: MessagePart) => {
  const what = type === 'tool_call' ? 'The call' : 'The result'
  return /^[\w.:/-]{1,64}$/.test(name) ? `${what} of ${name}` : `${what} of a tool`
}

function whole(path: string, text: string): readonly Evidence[] {
  let end = 0
  for (const _ of text) end++
  return end === 0 ? [] : [{ path, start: 0, end }]
}
