import { observeOpenAI } from '@langfuse/openai'
import { LangfuseSpanProcessor } from '@langfuse/otel'
import { NodeSDK } from '@opentelemetry/sdk-node'
import OpenAI from 'openai'

const sdk = new NodeSDK({ serviceName: 'langfuse-quick-start', spanProcessors: [new LangfuseSpanProcessor()] })
sdk.start()

const openai = observeOpenAI(new OpenAI(), { sessionId: 'chat-17', userId: 'user-4' })
const answer = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  max_tokens: 12,
  messages: [{ role: 'user', content: 'Tell me a story.' }],
})
console.log(answer.choices[0].message.content)
await sdk.shutdown()
