import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createOtlpGrpc } from '../../collectors/otlp-grpc/otlp-grpc.ts'
import { createOtlpHttp } from '../../collectors/otlp-http/otlp-http.ts'
import { createRest } from '../../collectors/rest/rest.ts'
import { createAdmission } from '../../core/admission.ts'
import { createKeyring } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { createHttpDoor } from '../../core/http-door.ts'
import type { Listener } from '../../core/listen.ts'
import { boundedLabel } from '../../core/metrics.ts'
import { createDigestLane } from '../../core/otlp-digest-lane.ts'
import type { CollectorDeps, IntakeRecord } from '../../core/otlp-intake.ts'
import { rateLimitSettings } from '../../core/rate-limit-settings.ts'
import { createRateLimiter } from '../../core/rate-limits.ts'
import { OTLP_LOGS, OTLP_SPANS } from '../../schemas/topics.ts'
import { logDirectory, logSettings } from '../paths.ts'
import { watchAppends } from './append-health.ts'
import type { ProcessContext, RunningProcess } from './role.ts'

/** The collectors. This process alone writes otlp_spans and otlp_logs; a 2xx means the request is on that log. */
export async function startIngest({ config, log, metrics, fatal }: ProcessContext): Promise<RunningProcess> {
  const broker = await createEmbeddedBroker({
    directory: logDirectory(config),
    writes: [OTLP_SPANS.name, OTLP_LOGS.name],
    clock: systemClock,
    ...logSettings(config, 'ingest'),
    on_fatal: (error) => fatal(error, 'the log failed'),
  })
  await broker.ensureTopics([OTLP_SPANS, OTLP_LOGS])
  const { otlp_http, otlp_grpc, limits } = config.ingest
  const large = createDigestLane({ entry: new URL('./digest-thread.ts', import.meta.url), clock: systemClock })
  const appends = watchAppends((topic: string, records: readonly IntakeRecord[]) => broker.produce(topic, records))
  const projectLabel = boundedLabel(200)
  const rates = createRateLimiter({
    clock: systemClock,
    settings: rateLimitSettings({ common: config.ingest.rate_limits, keys: config.keys }),
    onRefused: ({ project, scope, limit }) => metrics.rateLimited.inc({ project: projectLabel(project), scope, limit }),
  })
  const deps: CollectorDeps = {
    large,
    append: appends.append,
    keys: createKeyring(config.keys),
    admission: createAdmission(limits),
    rates,
    limits,
    metrics,
    log,
    clock: systemClock,
  }
  const listeners: readonly Listener[] = [
    createHttpDoor({ config: otlp_http, deps, collectors: [createRest(deps), createOtlpHttp(deps)] }),
    createOtlpGrpc({ config: otlp_grpc, deps }),
  ]
  const [http, grpc] = await Promise.all(listeners.map((listener) => listener.listen()))
  return {
    info: { otlp_http: http, otlp_grpc: grpc },
    async health() {
      const log_health = await broker.health()
      return log_health.healthy ? appends.health() : log_health
    },
    async drain(deadline_ms) {
      await Promise.all(listeners.map((listener) => listener.drain(deadline_ms)))
      await large.close()
      await broker.close()
    },
  }
}
