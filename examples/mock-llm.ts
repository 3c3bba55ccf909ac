/**
 * A stand-in for the OpenAI API, so that the examples run without a key and without the internet:
 *   node examples/mock-llm.ts [port]
 * Knows chat completions (streamed or not, with tools) and embeddings. It tells the same story to everyone, cuts it at
 * max_tokens as a model does, and calls the first tool that a request offers once.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

const STORY =
  'Once upon a time there was a small lighthouse that was afraid of the dark. Every evening it asked the moon to stay a little longer, and every evening the moon said yes.'
const CREATED = 1_790_000_000
const SCALAR_ARGUMENTS: Readonly<Record<string, unknown>> = { string: 'Paris', number: 1, integer: 1, boolean: true }

interface ChatRequest {
  readonly model?: string
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly messages?: readonly { readonly role: string; readonly content?: unknown }[]
  readonly tools?: readonly { readonly function?: { readonly name: string; readonly parameters?: JsonSchema } }[]
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>
}

type Answer = ReturnType<typeof answerTo>

export function createMockLlm() {
  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: String(error), type: 'invalid_request_error' } }))
    })
  })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as ChatRequest
  if (request.url?.endsWith('/embeddings')) return sendJson(response, embeddings(body.model ?? ''))
  if (!request.url?.endsWith('/chat/completions')) {
    response.writeHead(404).end()
    return
  }
  const said = answerTo(body)
  if (body.stream) return stream(response, said, body.stream_options?.include_usage === true)
  const { delta, ...rest } = said
  sendJson(response, {
    ...rest.envelope,
    object: 'chat.completion',
    choices: [{ index: 0, message: delta, logprobs: null, finish_reason: rest.finish_reason }],
    usage: rest.usage,
  })
}

function answerTo(body: ChatRequest) {
  const messages = body.messages ?? []
  const tool = messages.some(({ role }) => role === 'tool') ? undefined : body.tools?.[0]?.function
  const words = STORY.split(' ')
  const limit = body.max_completion_tokens ?? body.max_tokens ?? words.length
  const text = words.slice(0, limit).join(' ')
  const asked = JSON.stringify(messages).split(/\W+/).length
  const completion_tokens = tool ? 12 : Math.min(limit, words.length)
  return {
    envelope: { id: 'chatcmpl-mock', created: CREATED, model: dated(body.model ?? 'gpt-4o-mini') },
    delta: tool
      ? { role: 'assistant', content: null, tool_calls: [callOf(tool)] }
      : { role: 'assistant', content: text },
    finish_reason: tool ? 'tool_calls' : limit < words.length ? 'length' : 'stop',
    usage: { prompt_tokens: asked, completion_tokens, total_tokens: asked + completion_tokens },
  }
}

/** OpenAI answers with the dated name of what was asked for. */
function dated(model: string): string {
  return model === 'gpt-4o-mini' ? 'gpt-4o-mini-2024-07-18' : model
}

function callOf({ name, parameters }: { readonly name: string; readonly parameters?: JsonSchema }) {
  const members = Object.entries(parameters?.properties ?? {})
  const args = Object.fromEntries(members.map(([key, { type = 'string' }]) => [key, SCALAR_ARGUMENTS[type] ?? null]))
  return { index: 0, id: 'call_mock', type: 'function', function: { name, arguments: JSON.stringify(args) } }
}

function embeddings(model: string) {
  const data = [{ object: 'embedding', index: 0, embedding: Array.from({ length: 8 }, (_, index) => index / 8) }]
  return { object: 'list', model, data, usage: { prompt_tokens: 4, total_tokens: 4 } }
}

function stream(response: ServerResponse, { envelope, delta, finish_reason, usage }: Answer, withUsage: boolean): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (event: object) => response.write(`data: ${JSON.stringify(event)}\n\n`)
  const chunk = { ...envelope, object: 'chat.completion.chunk' }
  const pieces =
    typeof delta.content === 'string' ? delta.content.split(/(?= )/).map((content) => ({ content })) : [delta]
  for (const piece of pieces) send({ ...chunk, choices: [{ index: 0, delta: piece, finish_reason: null }] })
  send({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason }] })
  if (withUsage) send({ ...chunk, choices: [], usage })
  response.end('data: [DONE]\n\n')
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

if (import.meta.main) {
  const port = Number(process.argv[2] ?? 8080)
  createMockLlm().listen(port, '127.0.0.1', () =>
    process.stdout.write(`A stand-in for OpenAI: OPENAI_BASE_URL=http://127.0.0.1:${port}/v1 OPENAI_API_KEY=none\n`),
  )
}
