import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Judge, Scanned, SpanInput, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { createRuleJudge } from './rule-judge.ts'

export const ERRORS_LABELS = [
  'timeout',
  'rate_limited',
  'overloaded',
  'context_exceeded',
  'unauthorized',
  'content_blocked',
  'invalid_request',
  'cancelled',
  'error',
] as const
export type ErrorLabel = (typeof ERRORS_LABELS)[number]

export const errorsConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig([]).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Of all labels but `cancelled`, which is `low`.'),
  ignore: z
    .array(z.string().min(1).max(200))
    .max(200)
    // Frameworks end a step with these to wait for a person or to hand over; nothing went wrong.
    .default([
      'GraphInterrupt',
      'NodeInterrupt',
      'GraphBubbleUp',
      'ParentCommand',
      'StopIteration',
      'StopAsyncIteration',
    ])
    .describe(
      'Error types that are none: compared with the last word of the type (`langgraph.errors.GraphInterrupt`).',
    ),
})

export type ErrorsConfig = z.infer<typeof errorsConfig>

/**
 * Signs of each kind in error types (HTTP and gRPC codes, class names of the SDKs) and messages, lower case, letters and
 * digits. The first that fits counts.
 */
const SIGNS: readonly (readonly [ErrorLabel, readonly string[]])[] = [
  [
    'context_exceeded',
    [
      'contextlengthexceeded',
      'contextwindowexceeded',
      'maximumcontextlength',
      'promptistoolong',
      'contextoverflow',
      'inputistoolong',
      'toomanytokens',
    ],
  ],
  ['content_blocked', ['contentfilter', 'contentpolicy', 'responsibleai', 'guardrailintervened', 'safetysettings']],
  [
    'rate_limited',
    ['429', 'ratelimit', 'toomanyrequests', 'resourceexhausted', 'insufficientquota', 'quotaexceeded', 'throttl'],
  ],
  [
    'overloaded',
    [
      '529',
      '503',
      '502',
      '500',
      'overloaded',
      'serviceunavailable',
      'internalserver',
      'badgateway',
      'unavailable',
      'modelnotready',
    ],
  ],
  ['timeout', ['408', '504', 'timeout', 'timedout', 'deadlineexceeded']],
  [
    'unauthorized',
    [
      '401',
      '403',
      'authentication',
      'unauthorized',
      'unauthenticated',
      'permissiondenied',
      'forbidden',
      'accessdenied',
      'invalidapikey',
      'expiredtoken',
    ],
  ],
  ['cancelled', ['499', 'cancel', 'aborterror', 'aborted', 'generatorexit', 'clientdisconnect', 'keyboardinterrupt']],
  [
    'invalid_request',
    [
      '400',
      '404',
      '413',
      '422',
      'badrequest',
      'invalidrequest',
      'unprocessable',
      'notfound',
      'validation',
      'invalidargument',
    ],
  ],
]
const MAX_MESSAGE = 400
/** A number in a message is a code only where it is called one. */
const CODE = /(?:^|code|status|http\S{0,4}|error)\W{0,3}([45]\d\d)\b/g

/** Whether the operation failed, and how. A span without an error passes; messages are read for the kind and never repeated. */
export function createErrorsJudge(config: ErrorsConfig): Judge {
  const ignored = new Set(config.ignore.map((type) => type.toLowerCase()))

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    if (!hasFailed(span) || ignored.has(lastWord(span.error_type))) return PASS
    const label = errorLabel(span)
    const severity = label === 'cancelled' && config.severity !== 'none' ? 'low' : config.severity
    const type = /^[\w.:/-]{1,100}$/.test(span.error_type) ? ` (${span.error_type})` : ''
    const explanation = `${TITLES[label]}${type}.`
    return [verdictOf({ label, severity, confidence: label === 'error' ? 0.9 : 1, explanation, evidence: [] })]
  }

  return createRuleJudge({ name: 'errors', code_version: '1.0.0', config, judge })
}

export const hasFailed = ({ status, error_type }: LlmSpan) =>
  status === 'error' || (error_type !== '' && status !== 'ok')

const lastWord = (type: string) => (type.split(/[.:/]/).at(-1) ?? '').toLowerCase()

/** By the type where it says something particular, else by the beginning of the message. */
export function errorLabel({ error_type, error_message }: LlmSpan): ErrorLabel {
  const byType = labelIn(error_type)
  if (byType !== undefined && byType !== 'invalid_request') return byType
  return labelIn(error_message.slice(0, MAX_MESSAGE)) ?? byType ?? 'error'
}

function labelIn(text: string): ErrorLabel | undefined {
  const lower = text.toLowerCase()
  const words = lower.replace(/[^a-z0-9]/g, '')
  const codes = new Set(Array.from(lower.matchAll(CODE), ([, code]) => code))
  const fits = (sign: string) => (sign >= '4' && sign <= '6' ? codes.has(sign) : words.includes(sign))
  return SIGNS.find(([, signs]) => signs.some(fits))?.[0]
}

const TITLES: Readonly<Record<ErrorLabel, string>> = {
  timeout: 'The operation took too long and was given up',
  rate_limited: 'The provider refused because of too many requests or a used-up quota',
  overloaded: 'The provider could not answer',
  context_exceeded: 'The input is longer than the model takes',
  unauthorized: 'The provider did not accept the credentials',
  content_blocked: 'The provider blocked what was asked or answered',
  invalid_request: 'The request was not valid',
  cancelled: 'The operation was cancelled',
  error: 'The operation failed',
}
