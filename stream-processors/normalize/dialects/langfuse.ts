import type { Dialect } from '../field-table.ts'

/** Langfuse SDKs 3 and later on OpenTelemetry. Its usage_details are exclusive: parts are taken out of input and output. */
export const LANGFUSE: Dialect = {
  name: 'langfuse',
  summary: 'Langfuse SDKs on OpenTelemetry',
  matches: ({ attributes }, { scope_name }) =>
    scope_name === 'langfuse-sdk' ||
    attributes.has('langfuse.observation.type') ||
    attributes.has('langfuse.observation.input') ||
    attributes.has('langfuse.observation.model.name'),
  fields: {
    langfuse_type: ['langfuse.observation.type'],
    request_model: ['langfuse.observation.model.name'],
    input: ['langfuse.observation.input', 'langfuse.trace.input'],
    output: ['langfuse.observation.output', 'langfuse.trace.output'],
    usage_details: ['langfuse.observation.usage_details'],
    reported_cost_usd: [['total_cost', 'langfuse.observation.cost_details']],
    parameters: ['langfuse.observation.model.parameters', 'langfuse.observation.model_parameters'],
    first_token_at: ['langfuse.observation.completion_start_time'],
    level: ['langfuse.observation.level'],
    error_message: ['langfuse.observation.status_message'],
    session_id: [
      'langfuse.session.id',
      'session.id',
      'langfuse.trace.metadata.langfuse_session_id',
      'langfuse.observation.metadata.langfuse_session_id',
    ],
    user_id: [
      'langfuse.user.id',
      'user.id',
      'langfuse.trace.metadata.langfuse_user_id',
      'langfuse.observation.metadata.langfuse_user_id',
    ],
    workflow_name: ['langfuse.trace.name'],
    prompt_name: ['langfuse.observation.prompt.name', 'langfuse.prompt.name'],
    prompt_version: ['langfuse.observation.prompt.version', 'langfuse.prompt.version'],
    tags: [
      'langfuse.trace.tags',
      'langfuse.tags',
      'langfuse.trace.metadata.langfuse_tags',
      'langfuse.observation.metadata.langfuse_tags',
    ],
    environment: ['langfuse.environment'],
    release: ['langfuse.release', 'langfuse.version'],
  },
}
