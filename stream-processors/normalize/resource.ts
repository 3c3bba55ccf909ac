import type { Attributes } from '../../schemas/otlp/otlp.ts'
import { cut, MAX_INHERITED } from './cut.ts'
import { text } from './readers.ts'

/** What a span inherits from its resource. */
export interface ResourceValues {
  readonly service_name: string
  readonly environment: string
  readonly release: string
  readonly sdk_language: string
}

export function readResource(attributes: Attributes): ResourceValues {
  const first = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = text(attributes.get(name) ?? '')
      if (value) return cut(value, MAX_INHERITED)
    }
    return ''
  }
  return {
    service_name: first('service.name'),
    environment: first('langfuse.environment', 'deployment.environment.name', 'deployment.environment'),
    release: first('langfuse.release', 'service.version'),
    sdk_language: first('telemetry.sdk.language'),
  }
}
