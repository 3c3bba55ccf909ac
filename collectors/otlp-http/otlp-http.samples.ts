import { startHttpDoor } from '../../core/http-door.samples.ts'
import type { HttpDoorConfig } from '../../core/http-door.ts'
import type { CollectorDeps } from '../../core/otlp-intake.ts'
import { createOtlpHttp } from './otlp-http.ts'

export function startOtlpHttp(deps: CollectorDeps, config: Partial<HttpDoorConfig> = {}) {
  return startHttpDoor([createOtlpHttp(deps)], deps, config)
}
