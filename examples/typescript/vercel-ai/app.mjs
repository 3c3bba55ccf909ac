import { openai } from '@ai-sdk/openai'
import { OpenTelemetry } from '@ai-sdk/otel'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { generateText, registerTelemetry } from 'ai'

const sdk = new NodeSDK({ serviceName: 'vercel-ai-quick-start' })
sdk.start()
registerTelemetry(new OpenTelemetry())

const { text } = await generateText({
  model: openai.chat('gpt-4o-mini'),
  maxOutputTokens: 12,
  prompt: 'Tell me a story.',
  telemetry: { functionId: 'storyteller' },
})
console.log(text)
await sdk.shutdown()
