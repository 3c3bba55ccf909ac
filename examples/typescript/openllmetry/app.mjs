import * as traceloop from '@traceloop/node-server-sdk'
import OpenAI from 'openai'

traceloop.initialize({
  appName: 'openllmetry-quick-start',
  baseUrl: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:4318',
  instrumentModules: { openAI: OpenAI },
})

const openai = new OpenAI()
const tellStory = () =>
  openai.chat.completions.create({
    model: 'gpt-4o-mini',
    max_tokens: 12,
    messages: [{ role: 'user', content: 'Tell me a story.' }],
  })
const answer = await traceloop.withWorkflow({ name: 'storyteller' }, tellStory)
console.log(answer.choices[0].message.content)
await traceloop.forceFlush()
