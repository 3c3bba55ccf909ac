import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import type { Field } from './field-table.ts'

/** What a name that no table knows seems to hold. */
export type Guess =
  /** One attribute; `accepts` looks at content before it is taken. */
  | { readonly field: Field; readonly rank: number; accepts(value: AttributeValue): boolean }
  /** One of a family of indexed attributes, `<prefix><path>`. */
  | { readonly field: Field; readonly rank: number; readonly prefix: string; readonly path: string }

type Words = readonly (readonly [Field, readonly string[]])[]

/** Last words of a name that say what it holds wherever they stand, best first. */
const STRONG: Words = [
  [
    'input',
    [
      'input_messages',
      'request_messages',
      'chat_messages',
      'prompt_messages',
      'messages',
      'chat_history',
      'user_message',
      'user_prompt',
      'user_input',
      'user_query',
      'prompt_text',
      'prompt_content',
      'prompt_value',
      'prompt',
      'prompts',
      'input_text',
      'input_content',
      'input_value',
      'input_messages_json',
      'llm_input',
      'model_input',
      'input',
      'inputs',
      'question',
    ],
  ],
  [
    'output',
    [
      'output_messages',
      'response_messages',
      'completion_text',
      'completion_content',
      'completion_value',
      'completion',
      'completions',
      'assistant_message',
      'assistant_response',
      'generated_text',
      'llm_output',
      'model_output',
      'model_response',
      'response_text',
      'response_content',
      'output_text',
      'output_content',
      'output_value',
      'output',
      'outputs',
      'final_answer',
      'answer',
    ],
  ],
  ['system_instructions', ['system_prompt', 'system_instruction', 'system_instructions', 'system_message']],
  ['request_model', ['request_model', 'model_name', 'model_id', 'llm_model', 'model']],
  ['response_model', ['response_model']],
  ['time_to_first_token_ms', ['time_to_first_token_ms', 'ttft_ms', 'first_token_ms']],
  [
    'input_tokens',
    ['input_tokens', 'prompt_tokens', 'tokens_input', 'tokens_prompt', 'input_token_count', 'prompt_token_count'],
  ],
  [
    'output_tokens',
    [
      'output_tokens',
      'completion_tokens',
      'tokens_output',
      'tokens_completion',
      'output_token_count',
      'completion_token_count',
      'candidates_token_count',
    ],
  ],
]

/** Words that mean content only beside a word of this field, such as `llm.request` and not `cart.request`. */
const WEAK: Words = [
  ['input', ['request', 'request_body', 'request_text', 'query', 'instruction', 'instructions', 'text_input']],
  ['output', ['response', 'response_body', 'result', 'reply', 'generation', 'text_output', 'text']],
]
const FIELD_WORDS =
  /(^|[._/:-])(llm|ai|gen_?ai|chat|chatbot|bot|model|agent|assistant|prompt|completion|conversation|rag|openai|azure_?openai|anthropic|claude|gemini|gpt|copilot|mistral|cohere|bedrock|ollama)([._/:-]|$)/i

/** First words of the conventions that are not about models, and of places where copies of content lie. */
const FOREIGN = new Set(
  (
    'http rpc db sql messaging net network server client url user_agent exception os host process container k8s cloud faas ' +
    'thread code telemetry service aws peer graphql browser session event log file feature_flag cicd vcs test jvm nodejs v8js ' +
    'go system hw tls dns error source destination device app android ios signalr aspnetcore kestrel kafka redis otel metadata ' +
    'tag tags baggage langfuse traceloop ai logfire code_'
  ).split(' '),
)

type Known = readonly [Field, number, boolean]

function byWord(): ReadonlyMap<string, Known> {
  const words = new Map<string, Known>()
  for (const [list, isWeak] of [
    [STRONG, false],
    [WEAK, true],
  ] as const) {
    for (const [field, names] of list) {
      for (const [rank, name] of names.entries()) words.set(name, [field, rank + (isWeak ? 64 : 0), isWeak])
    }
  }
  return words
}
const WORDS = byWord()

/** `acme.messages.0.role`: the path names a part of a message. */
const INDEXED = /^(.{1,200}?)\.(\d{1,9}\.(?:message\.)?(?:role|content|parts|tool_calls|text|name)(?:\..*)?)$/

/**
 * What an attribute of an unknown SDK seems to hold. On a span of a known dialect, whose own names say where content is,
 * only what looks like messages is taken.
 */
export function guessField(name: string, isUnknownDialect: boolean): Guess | undefined {
  if (name.length > 256) return undefined
  const first = name.split(/[._/:]/, 1)[0] as string
  if (FOREIGN.has(first.toLowerCase()) || name.includes('metadata')) return undefined
  const indexed = INDEXED.exec(name)
  if (indexed) return guessFamily(indexed[1] as string, indexed[2] as string)
  const known = knownWord(name)
  if (!known) return undefined
  const [field, rank, isWeak] = known
  const isContent = field === 'input' || field === 'output' || field === 'system_instructions'
  if (!isUnknownDialect) {
    return isContent && field !== 'system_instructions' ? { field, rank, accepts: looksLikeMessages } : undefined
  }
  if (!isContent) return { field, rank, accepts: () => true }
  if (isWeak && !FIELD_WORDS.test(name)) return { field, rank, accepts: looksLikeMessages }
  return { field, rank, accepts: isContentLike }
}

function guessFamily(prefix: string, path: string): Guess | undefined {
  const known = knownWord(prefix)
  if (known?.[0] !== 'input' && known?.[0] !== 'output') return undefined
  return { field: known[0], rank: known[1], prefix: `${prefix}.`, path }
}

/** The last two words of a dotted name, then the last: `acme.response.text` is more than a `text`. */
function knownWord(name: string): Known | undefined {
  const words = name.split(/[./:]/).slice(-2).map(toSnakeCase)
  return WORDS.get(words.join('_')) ?? WORDS.get(words.at(-1) as string)
}

function toSnakeCase(word: string): string {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
}

/** Numbers and flags under such a name are counts or switches. */
function isContentLike(value: AttributeValue): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

function looksLikeMessages(value: AttributeValue): boolean {
  if (typeof value === 'string') {
    const at = value.search(/\S/)
    const isJson = at >= 0 && at < 64 && (value[at] === '[' || value[at] === '{')
    return isJson && value.slice(0, 4_096).includes('"role"')
  }
  if (!Array.isArray(value)) return false
  const first: unknown = value[0]
  return first instanceof Map && first.has('role')
}
