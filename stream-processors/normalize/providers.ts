/** Spellings of a provider, by lower-case word, to the value of gen_ai.provider.name (semantic conventions 1.41). */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'aws.bedrock': 'aws.bedrock',
    aws_bedrock: 'aws.bedrock',
    'amazon-bedrock': 'aws.bedrock',
    aws: 'aws.bedrock',
    bedrock: 'aws.bedrock',
    'az.ai.openai': 'azure.ai.openai',
    azure: 'azure.ai.openai',
    azure_openai: 'azure.ai.openai',
    'az.ai.inference': 'azure.ai.inference',
    'az.ai.agents': 'azure.ai.agents',
    gemini: 'gcp.gemini',
    google: 'gcp.gemini',
    'google.generative-ai': 'gcp.gemini',
    google_genai: 'gcp.gemini',
    vertex_ai: 'gcp.vertex_ai',
    vertexai: 'gcp.vertex_ai',
    google_vertexai: 'gcp.vertex_ai',
    'google.vertex': 'gcp.vertex_ai',
    xai: 'x_ai',
    mistralai: 'mistral_ai',
    mistral: 'mistral_ai',
    watsonx: 'ibm.watsonx.ai',
    togetherai: 'together_ai',
    together: 'together_ai',
    huggingface: 'hugging_face',
    moonshot: 'moonshot_ai',
  }),
)

/** What frameworks put in the provider's place; they are no providers. */
const NOT_A_PROVIDER = new Set([
  'langchain',
  'langgraph',
  'langsmith',
  'crewai',
  'strands-agents',
  'spring_ai',
  'litellm',
  'gcp.vertex.agent',
  'llamaindex',
  'llama_index',
  'haystack',
  'autogen',
  'ag2',
  'agno',
  'beeai',
  'dspy',
  'smolagents',
  'semantic_kernel',
  'pydantic-ai',
  'openai_agents',
  'unknown',
  '_other',
])

/** Model families that one vendor makes. Only asked where the sender names no provider. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^(openai\/)?(gpt-|chatgpt-|o[134](-|$)|text-embedding-(3|ada)|dall-e|whisper-|davinci|babbage)/, 'openai'],
  [/^(anthropic\/)?claude-/, 'anthropic'],
  [/^(us\.|eu\.|apac\.|global\.)?(anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\./, 'aws.bedrock'],
  [/^(google\/|models\/)?(gemini-|text-embedding-00|gemini-embedding)/, 'gcp.gemini'],
  [/^(mistralai\/|mistral\/)?(mistral-|ministral-|magistral-|codestral-|pixtral-|open-mi[sx]tral)/, 'mistral_ai'],
  [/^(cohere\/)?(command-|embed-(english|multilingual|v4)|rerank-)/, 'cohere'],
  [/^(deepseek\/)?deepseek-(chat|reasoner)/, 'deepseek'],
  [/^(xai\/|x-ai\/)?grok-/, 'x_ai'],
]

const MAX_LENGTH = 128

/** The provider in the conventions' spelling; for none, or a framework's name, the maker of the model; '' if unknown. */
export function providerOf(said: string, model: string): string {
  const lower = said.toLowerCase()
  if (said && !NOT_A_PROVIDER.has(lower)) return ALIASES.get(lower) ?? lower.slice(0, MAX_LENGTH)
  return FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? ''
}
