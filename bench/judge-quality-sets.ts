import { PII_LABELS, type PiiLabel } from '../judges/rules/pii-detectors.ts'
import { aMessage, aSpan } from '../schemas/a-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import type { QualitySet, Row } from './judge-quality-rows.ts'

/**
 * Which labelled sets measure which judge: `npm run bench:judges`. A new one is an entry here; rows are read from the
 * folder of the sets and never copied.
 */

const userSays = (text: string) => aSpan({ input_messages: [aMessage('user', text)], output_captured: false })
const assistantSays = (text: string, fields: Partial<LlmSpan> = {}) =>
  aSpan({ output_messages: [aMessage('assistant', text)], finish_reasons: ['stop'], ...fields })

const retrieves = (content: string) => aSpan({ kind: 'retrieval', documents: [aDocument(content)] })
const aDocument = (content: string) => ({ id: '', content, score: null })

/** What the judge calls the kinds of personal data that have a form; names, places and dates are left to model judges. */
const FORMED: Readonly<Record<string, PiiLabel>> = {
  EMAIL: 'email',
  EMAIL_ADDRESS: 'email',
  PHONE: 'phone',
  PHONE_NUMBER: 'phone',
  CREDIT_CARD: 'credit_card',
  IBAN_CODE: 'iban',
  IP_ADDRESS: 'ip_address',
  MAC_ADDRESS: 'mac_address',
  US_SSN: 'us_ssn',
  SSN: 'us_ssn',
  US_DRIVER_LICENSE: 'driving_licence',
  CRYPTO: 'crypto_address',
  STREET_ADDRESS: 'postal_address',
  ZIP_CODE: 'postal_address',
  NPI: 'health_id',
  MRN: 'health_id',
}

const TOLD_APART = new Set(['EMAIL_ADDRESS', 'CREDIT_CARD', 'IP_ADDRESS', 'MAC_ADDRESS', 'CRYPTO', 'IBAN_CODE'])
const NUMBERS_OF_PERSONS = PII_LABELS.filter((label) => ![...TOLD_APART].some((entity) => FORMED[entity] === label))

/** Web addresses and dates are no personal data to this judge. */
const NOT_ASKED = new Set(['URL', 'DATE_TIME', 'DOMAIN_NAME'])

/** Presidio names the kind it tests; whether the text holds another is not said, so only that label counts. */
const recognizerCases = (rows: readonly Row[]) =>
  rows
    .filter(({ entity = '' }) => !NOT_ASKED.has(entity))
    .map(({ id, entity = '', text = '', label }) => ({
      id,
      span: userSays(text),
      positive: label === 1,
      labels: TOLD_APART.has(entity) ? [FORMED[entity]!] : NUMBERS_OF_PERSONS,
    }))

const piiCases = (rows: readonly Row[]) =>
  rows.map(({ id, text = '', spans = [] }) => ({
    id,
    span: userSays(text),
    positive: spans.some(({ type = '' }) => type in FORMED),
  }))

export const QUALITY_SETS: readonly QualitySet[] = [
  {
    judge: 'secrets',
    set: 'creddata_lines',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'refusal',
    set: 'xstest_refusals',
    config: {},
    cases: (rows) =>
      rows.map(({ id, output = '', label }) => ({ id, span: assistantSays(output), positive: label !== 'compliance' })),
  },
  {
    judge: 'refusal',
    set: 'gptfuzz_responses',
    config: {},
    // A refusal in one voice and help in another is a jailbroken answer there.
    labels: ['refusal'],
    cases: (rows) =>
      rows.map(({ id, output = '', label }) => ({ id, span: assistantSays(output), positive: label === 0 })),
  },
  {
    judge: 'refusal',
    set: 'ifeval_responses',
    config: {},
    cases: (rows) => rows.map(({ id, output = '' }) => ({ id, span: assistantSays(output), positive: false })),
  },
  {
    judge: 'instruction_format',
    set: 'ifeval_responses',
    config: {},
    // Label 1: the official checker found all instructions kept.
    cases: (rows) =>
      rows.map(({ id, input = '', output = '', label }) => ({
        id,
        span: assistantSays(output, { input_messages: [aMessage('user', input)] }),
        positive: label === 0,
      })),
  },
  {
    judge: 'prompt_injection',
    set: 'deepset_injection',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'prompt_injection',
    set: 'jailbreak_mix',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'prompt_injection',
    set: 'notinject',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: false })),
  },
  {
    judge: 'prompt_injection',
    set: 'cyberseceval_injection',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: true })),
  },
  {
    judge: 'prompt_injection',
    set: 'bipia_indirect',
    config: {},
    cases: (rows) =>
      rows.map(({ id, context = '', label }) => ({ id, span: retrieves(context), positive: label === 1 })),
  },
  {
    judge: 'safety_triggers',
    set: 'harmful_prompts',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'output_format',
    set: 'json_parsing',
    config: { fenced_severity: 'none', expect_json: [{}] },
    cases: (rows) =>
      rows
        .filter(
          ({ label, bytes_base64, text }) =>
            label !== 'either' && bytes_base64 === undefined && text !== undefined && text.trim() !== '',
        )
        .map(({ id, text = '', label }) => ({ id, span: assistantSays(text), positive: label === 'invalid' })),
  },
  {
    judge: 'output_format',
    set: 'json_schema',
    config: {},
    cases: (rows) =>
      rows.map(({ id, schema, output = '', label }) => ({
        id,
        span: assistantSays(output),
        positive: label === 0,
        config: { expect_json: [{ json_schema: schema }] },
      })),
  },
  {
    judge: 'pii',
    set: 'presidio_synth',
    config: { report_test_values: true },
    labels: Object.values(FORMED),
    cases: piiCases,
  },
  {
    judge: 'pii',
    set: 'ambient_pii',
    config: { report_test_values: true },
    labels: Object.values(FORMED),
    cases: piiCases,
  },
  {
    judge: 'pii',
    set: 'wnut17_ner',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: false })),
  },
  { judge: 'pii', set: 'presidio_recognizer_cases', config: { report_test_values: true }, cases: recognizerCases },
  {
    judge: 'pii',
    set: 'presidio_recognizer_cases',
    variant: 'min_confidence 0.3',
    config: { report_test_values: true, min_confidence: 0.3 },
    cases: recognizerCases,
  },
  // Positive: people found that the source does not support the answer.
  ...(['ragtruth_qa', 'summedits', 'qags', 'begin_dialog'] as const).map((set) => ({
    judge: 'groundedness',
    set,
    config: {},
    cases: (rows: readonly Row[]) =>
      rows.map((row) => ({
        id: row.id,
        span: answered(row),
        positive: row.label !== 0 && row.label !== 'attributable',
      })),
  })),
  {
    judge: 'contradiction',
    set: 'roscoe_reasoning',
    config: {},
    cases: (rows) =>
      rows.map((row) => ({
        id: row.id,
        span: assistantSays(row.output ?? ''),
        positive: (row.label as { contradiction?: string }).contradiction === 'yes',
      })),
  },
]

/**
 * Ordinary traffic: questions, sources, and answers that people or checkers found good. Every judge reads it, and what it
 * fails here is a false alarm, or at best a rare true one.
 */
export const BENIGN_SETS: readonly {
  readonly set: string
  readonly spans: (rows: readonly Row[]) => readonly LlmSpan[]
}[] = [
  { set: 'ifeval_responses', spans: (rows) => rows.filter(({ label }) => label === 1).map(answered) },
  { set: 'ragtruth_qa', spans: (rows) => rows.filter(({ label }) => label === 0).map(answered) },
  { set: 'pandalm_pairs', spans: (rows) => rows.filter(({ label }) => label !== 'tie').map(preferred) },
  { set: 'human_pref_pairs', spans: (rows) => rows.map(preferred) },
  { set: 'llmbar', spans: (rows) => rows.map(preferred) },
  { set: 'gsm8k_solutions', spans: (rows) => rows.filter(({ label }) => label === 1).map(answered) },
  { set: 'truthfulqa_truth', spans: (rows) => rows.filter(({ label }) => label === 1).map(answered) },
  { set: 'notinject', spans: (rows) => rows.map(({ text = '' }) => userSays(text)) },
  {
    set: 'jailbreak_mix',
    spans: (rows) => rows.filter(({ label }) => label === 0).map(({ text = '' }) => userSays(text)),
  },
  {
    set: 'harmful_prompts',
    spans: (rows) => rows.filter(({ label }) => label === 0).map(({ text = '' }) => userSays(text)),
  },
]

const answered = ({ input = '', output = '', context = '' }: Row): LlmSpan =>
  assistantSays(output, {
    input_messages: [aMessage('user', input)],
    documents: context === '' ? [] : [aDocument(context)],
  })

const preferred = (row: Row): LlmSpan =>
  answered({ ...row, output: (row.label === 'B' ? row.output_b : row.output_a) ?? '' })
