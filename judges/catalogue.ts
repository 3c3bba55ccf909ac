import { z } from 'zod'
import { customJudgesConfig } from './custom/custom-config.ts'
import type { CustomJudges } from './custom/custom-judges.ts'
import { escalationConfig, escalationProblems, externalJudgesConfig } from './escalation.ts'
import type { Judge, TraceJudge } from './judge.ts'
import { AGENT_LOOP_LABELS, agentLoopConfig, createAgentLoopJudge } from './rules/agent-loop.ts'
import { BROKEN_TEXT_LABELS } from './rules/broken-places.ts'
import { brokenTextConfig, createBrokenTextJudge } from './rules/broken-text.ts'
import { CITATIONS_LABELS, citationsConfig, createCitationsJudge } from './rules/citations.ts'
import { COMPLETENESS_LABELS, completenessConfig, createCompletenessJudge } from './rules/completeness.ts'
import { CONTRADICTION_LABELS, contradictionConfig, createContradictionJudge } from './rules/contradiction.ts'
import { COST_LABELS, costConfig, createCostJudge } from './rules/cost.ts'
import { CUSTOM_PATTERNS, createCustomPatternsJudge, customPatternsConfig } from './rules/custom-patterns.ts'
import { createErrorsJudge, ERRORS_LABELS, errorsConfig } from './rules/errors.ts'
import { INSTRUCTION_FORMAT_LABELS } from './rules/format-checks.ts'
import { createGrammarJudge, GRAMMAR_LABELS, grammarConfig } from './rules/grammar.ts'
import { createGroundednessJudge, GROUNDEDNESS_LABELS, groundednessConfig } from './rules/groundedness.ts'
import { PROMPT_INJECTION_LABELS } from './rules/injection-phrases.ts'
import { createInstructionFormatJudge, instructionFormatConfig } from './rules/instruction-format.ts'
import { createLanguageJudge, LANGUAGE_LABELS, languageConfig } from './rules/language.ts'
import { createLatencyJudge, LATENCY_LABELS, latencyConfig } from './rules/latency.ts'
import { createLengthJudge, LENGTH_LABELS, lengthConfig } from './rules/length.ts'
import { createOutputFormatJudge, OUTPUT_FORMAT_LABELS, outputFormatConfig } from './rules/output-format.ts'
import { createOverRefusalJudge, OVER_REFUSAL_LABELS, overRefusalConfig } from './rules/over-refusal.ts'
import { createPiiJudge, piiConfig } from './rules/pii.ts'
import { PII_LABELS } from './rules/pii-detectors.ts'
import { createPromptInjectionJudge, promptInjectionConfig } from './rules/prompt-injection.ts'
import { SECRET_LABELS } from './rules/provider-keys.ts'
import { createRefusalJudge, REFUSAL_LABELS, refusalConfig } from './rules/refusal.ts'
import { createRepetitionJudge, REPETITION_LABELS, repetitionConfig } from './rules/repetition.ts'
import { createRetriesJudge, RETRIES_LABELS, retriesConfig } from './rules/retries.ts'
import { severities } from './rules/rule-judge.ts'
import { createSafetyTriggersJudge, SAFETY_TRIGGERS_LABELS, safetyTriggersConfig } from './rules/safety-triggers.ts'
import { createSecretsJudge, secretsConfig } from './rules/secrets.ts'
import { createSpellingJudge, SPELLING_LABELS, spellingConfig } from './rules/spelling.ts'
import {
  createSystemPromptLeakJudge,
  SYSTEM_PROMPT_LEAK_LABELS,
  systemPromptLeakConfig,
} from './rules/system-prompt-leak.ts'
import { createTokenBudgetJudge, TOKEN_BUDGET_LABELS, tokenBudgetConfig } from './rules/token-budget.ts'
import { createToolCallsJudge, TOOL_CALLS_LABELS, toolCallsConfig } from './rules/tool-calls.ts'
import { createTraceOperationsJudge, TRACE_OPERATIONS_LABELS, traceOperationsConfig } from './rules/trace-operations.ts'
import { createTruncationJudge, TRUNCATION_LABELS, truncationConfig } from './rules/truncation.ts'

/**
 * The judges that are shipped, each with its section. A new one is a file in judges/rules, its golden cases, and a line in
 * each of these three lists. Every section has `severities`; the detectors bring their own.
 */
const shippedJudges = {
  output_format: outputFormatConfig.safeExtend(severities(OUTPUT_FORMAT_LABELS)).prefault({}),
  truncation: truncationConfig.safeExtend(severities(TRUNCATION_LABELS)).prefault({}),
  refusal: refusalConfig.safeExtend(severities(REFUSAL_LABELS)).prefault({}),
  pii: piiConfig.prefault({}),
  secrets: secretsConfig.prefault({}),
  prompt_injection: promptInjectionConfig.safeExtend(severities(PROMPT_INJECTION_LABELS)).prefault({}),
  safety_triggers: safetyTriggersConfig.safeExtend(severities(SAFETY_TRIGGERS_LABELS)).prefault({}),
  tool_calls: toolCallsConfig.safeExtend(severities(TOOL_CALLS_LABELS)).prefault({}),
  latency: latencyConfig.safeExtend(severities(LATENCY_LABELS)).prefault({}),
  cost: costConfig.safeExtend(severities(COST_LABELS)).prefault({}),
  token_budget: tokenBudgetConfig.safeExtend(severities(TOKEN_BUDGET_LABELS)).prefault({}),
  errors: errorsConfig.safeExtend(severities(ERRORS_LABELS)).prefault({}),
  language: languageConfig.safeExtend(severities(LANGUAGE_LABELS)).prefault({}),
  groundedness: groundednessConfig.safeExtend(severities(GROUNDEDNESS_LABELS)).prefault({}),
  completeness: completenessConfig.safeExtend(severities(COMPLETENESS_LABELS)).prefault({}),
  contradiction: contradictionConfig.safeExtend(severities(CONTRADICTION_LABELS)).prefault({}),
  citations: citationsConfig.safeExtend(severities(CITATIONS_LABELS)).prefault({}),
  broken_text: brokenTextConfig.safeExtend(severities(BROKEN_TEXT_LABELS)).prefault({}),
  repetition: repetitionConfig.safeExtend(severities(REPETITION_LABELS)).prefault({}),
  length: lengthConfig.safeExtend(severities(LENGTH_LABELS)).prefault({}),
  instruction_format: instructionFormatConfig.safeExtend(severities(INSTRUCTION_FORMAT_LABELS)).prefault({}),
  over_refusal: overRefusalConfig.safeExtend(severities(OVER_REFUSAL_LABELS)).prefault({}),
  system_prompt_leak: systemPromptLeakConfig.safeExtend(severities(SYSTEM_PROMPT_LEAK_LABELS)).prefault({}),
  spelling: spellingConfig.safeExtend(severities(SPELLING_LABELS)).prefault({}),
  grammar: grammarConfig.safeExtend(severities(GRAMMAR_LABELS)).prefault({}),
}

/** Judges of whole traces. */
const shippedTraceJudges = {
  agent_loop: agentLoopConfig.safeExtend(severities(AGENT_LOOP_LABELS)).prefault({}),
  retries: retriesConfig.safeExtend(severities(RETRIES_LABELS)).prefault({}),
  trace_operations: traceOperationsConfig.safeExtend(severities(TRACE_OPERATIONS_LABELS)).prefault({}),
}

type ShippedSpanJudge = keyof typeof shippedJudges
type ShippedTraceJudge = keyof typeof shippedTraceJudges
export type ShippedJudge = ShippedSpanJudge | ShippedTraceJudge

/**
 * The `judges:` section of evalforge.yaml, with all defaults. Reading it also tries every pattern and JSON Schema, so that
 * all that is wrong is listed at once, with paths.
 */
export const judgesConfig = z
  .strictObject({
    ...shippedJudges,
    ...shippedTraceJudges,
    patterns: customPatternsConfig,
    custom: customJudgesConfig([...Object.keys(shippedJudges), ...Object.keys(shippedTraceJudges), CUSTOM_PATTERNS]),
    external_judges: externalJudgesConfig,
    escalation: escalationConfig,
  })
  .superRefine(({ escalation, custom, external_judges }, context) => {
    const known = new Map<string, readonly string[] | null>(Object.entries(ruleJudgeLabels))
    for (const name of [CUSTOM_PATTERNS, ...custom.map(({ name }) => name), ...external_judges]) known.set(name, null)
    for (const { path, message } of escalationProblems(escalation, known)) {
      context.addIssue({ code: 'custom', path: ['escalation', ...path], message })
    }
  })

export type JudgesConfig = z.infer<typeof judgesConfig>

/** The closed list of labels of each shipped judge; '' is a pass. */
export const ruleJudgeLabels: Readonly<Record<ShippedJudge, readonly string[]>> = {
  output_format: OUTPUT_FORMAT_LABELS,
  truncation: TRUNCATION_LABELS,
  refusal: REFUSAL_LABELS,
  pii: PII_LABELS,
  secrets: SECRET_LABELS,
  prompt_injection: PROMPT_INJECTION_LABELS,
  safety_triggers: SAFETY_TRIGGERS_LABELS,
  tool_calls: TOOL_CALLS_LABELS,
  latency: LATENCY_LABELS,
  cost: COST_LABELS,
  token_budget: TOKEN_BUDGET_LABELS,
  errors: ERRORS_LABELS,
  language: LANGUAGE_LABELS,
  groundedness: GROUNDEDNESS_LABELS,
  completeness: COMPLETENESS_LABELS,
  contradiction: CONTRADICTION_LABELS,
  citations: CITATIONS_LABELS,
  agent_loop: AGENT_LOOP_LABELS,
  retries: RETRIES_LABELS,
  trace_operations: TRACE_OPERATIONS_LABELS,
  broken_text: BROKEN_TEXT_LABELS,
  repetition: REPETITION_LABELS,
  length: LENGTH_LABELS,
  instruction_format: INSTRUCTION_FORMAT_LABELS,
  over_refusal: OVER_REFUSAL_LABELS,
  system_prompt_leak: SYSTEM_PROMPT_LEAK_LABELS,
  spelling: SPELLING_LABELS,
  grammar: GRAMMAR_LABELS,
}

/**
 * The enabled judges, in the order of the catalogue, then the user's own patterns and modules; without `custom`, which runs
 * them, the modules are left out.
 */
export function createRuleJudges(config: JudgesConfig, custom?: CustomJudges): readonly Judge[] {
  const create: Readonly<Record<ShippedSpanJudge, () => Judge>> = {
    output_format: () => createOutputFormatJudge(config.output_format),
    truncation: () => createTruncationJudge(config.truncation),
    refusal: () => createRefusalJudge(config.refusal),
    pii: () => createPiiJudge(config.pii),
    secrets: () => createSecretsJudge(config.secrets),
    prompt_injection: () => createPromptInjectionJudge(config.prompt_injection),
    safety_triggers: () => createSafetyTriggersJudge(config.safety_triggers),
    tool_calls: () => createToolCallsJudge(config.tool_calls),
    latency: () => createLatencyJudge(config.latency),
    cost: () => createCostJudge(config.cost),
    token_budget: () => createTokenBudgetJudge(config.token_budget),
    errors: () => createErrorsJudge(config.errors),
    language: () => createLanguageJudge(config.language),
    groundedness: () => createGroundednessJudge(config.groundedness),
    completeness: () => createCompletenessJudge(config.completeness),
    contradiction: () => createContradictionJudge(config.contradiction),
    citations: () => createCitationsJudge(config.citations),
    broken_text: () => createBrokenTextJudge(config.broken_text),
    repetition: () => createRepetitionJudge(config.repetition),
    length: () => createLengthJudge(config.length),
    instruction_format: () => createInstructionFormatJudge(config.instruction_format),
    over_refusal: () => createOverRefusalJudge(config.over_refusal),
    system_prompt_leak: () => createSystemPromptLeakJudge(config.system_prompt_leak),
    spelling: () => createSpellingJudge(config.spelling),
    grammar: () => createGrammarJudge(config.grammar),
  }
  const names = Object.keys(create) as ShippedSpanJudge[]
  const shipped = names.filter((name) => config[name].enabled).map((name) => create[name]())
  const patterns = createCustomPatternsJudge(config.patterns)
  return [...shipped, ...(patterns === null ? [] : [patterns]), ...(custom?.spanJudges(config.custom) ?? [])]
}

/** The enabled judges of whole traces; without `custom`, the user's modules are left out. */
export function createRuleTraceJudges(config: JudgesConfig, custom?: CustomJudges): readonly TraceJudge[] {
  const create: Readonly<Record<ShippedTraceJudge, () => TraceJudge>> = {
    agent_loop: () => createAgentLoopJudge(config.agent_loop),
    retries: () => createRetriesJudge(config.retries),
    trace_operations: () => createTraceOperationsJudge(config.trace_operations),
  }
  const names = Object.keys(create) as ShippedTraceJudge[]
  const shipped = names.filter((name) => config[name].enabled).map((name) => create[name]())
  return [...shipped, ...(custom?.traceJudges(config.custom) ?? [])]
}
