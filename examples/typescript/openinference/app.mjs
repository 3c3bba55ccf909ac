import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { NodeSDK } from '@opentelemetry/sdk-node'
import OpenAI from 'openai'

const sdk = new NodeSDK({ serviceName: 'openinference-quick-start' })
sdk.start()
new OpenAIInstrumentation().manuallyInstrument(OpenAI)

const openai = new OpenAI()
const answer = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  max_tokens: 12,
  messages: [{ role: 'user', content: 'Tell me a story.' }],
})
console.log(answer.choices[0].message.content)
await sdk.shutdown()
