import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createOtlpGrpc } from '../../collectors/otlp-grpc/otlp-grpc.ts'
import { createOtlpHttp } from '../../collectors/otlp-http/otlp-http.ts'
import { createRest } from '../../collectors/rest/rest.ts'
import { createAdmission } from '../../core/admission.ts'
import { systemClock } from '../../core/clock.ts'
import { createHttpDoor } from '../../core/http-door.ts'
import { createKeyring } from '../../core/keyring.ts'
import type { Listener } from '../../core/listen.ts'
import { boundedLabel } from '../../core/metrics.ts'
import type { IntakeRecord } from '../../core/otlp-append.ts'
import { createDigestLane } from '../../core/otlp-digest-lane.ts'
import type { CollectorDeps } from '../../core/otlp-intake.ts'
import { rateLimitSettings } from '../../core/rate-limit-settings.ts'
import { createRateLimiter } from '../../core/rate-limits.ts'
import { INGEST_TOPICS } from '../../schemas/topics.ts'
import type { Config } from '../config.ts'
import { followConfig } from '../config-follower.ts'
import { replayOperations } from '../operations/dead-letters.ts'
import { logDirectory, logSettings } from '../paths.ts'
import { watchAppends } from './append-health.ts'
import type { ProcessContext, RunningProcess } from './role.ts'

/** The collectors. This process alone writes otlp_spans and otlp_logs; a 2xx means the request is on that log. */
export async function startIngest({ config, log, metrics, fatal }: ProcessContext): Promise<RunningProcess> {
  const stopping = new AbortController()
  const broker = await createEmbeddedBroker({
    directory: logDirectory(config),
    writes: INGEST_TOPICS.map(({ name }) => name),
    clock: systemClock,
    ...logSettings(config, 'ingest'),
    on_fatal: (error) => fatal(error, 'the log failed'),
  })
  await broker.ensureTopics(INGEST_TOPICS)
  const live = await followConfig({ broker, config, clock: systemClock, signal: stopping.signal, log })
  const { otlp_http, otlp_grpc, limits } = config.ingest
  const large = createDigestLane({ entry: new URL('./digest-thread.ts', import.meta.url), clock: systemClock })
  const appends = watchAppends((topic: string, records: readonly IntakeRecord[]) => broker.produce(topic, records))
  const projectLabel = boundedLabel(200)
  const rates = createRateLimiter({
    clock: systemClock,
    settings: rateSettingsOf(live.config()),
    onRefused: ({ project, scope, limit }) => metrics.rateLimited.inc({ project: projectLabel(project), scope, limit }),
  })
  const keys = createKeyring(live.config().keys ?? null, systemClock)
  const deps: CollectorDeps = {
    large,
    append: appends.append,
    keys,
    admission: createAdmission(limits, systemClock),
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
  metrics.configSequence.set({ process: 'ingest' }, live.sequence())
  live.follow((next, sequence) => {
    rates.replace(rateSettingsOf(next))
    keys.replace(next.keys ?? null)
    metrics.configSequence.set({ process: 'ingest' }, sequence)
    log.info({ sequence }, 'a configuration is in force')
  })
  const [http, grpc] = await Promise.all(listeners.map((listener) => listener.listen()))
  return {
    info: { otlp_http: http, otlp_grpc: grpc },
    async health() {
      const log_health = await broker.health()
      const health = log_health.healthy ? appends.health() : log_health
      if (!health.healthy) return { ...health, config_sequence: live.sequence() }
      return {
        healthy: true,
        config_sequence: live.sequence(),
        reason: listeners
          .map((listener) => listener.problem() ?? '')
          .join(' ')
          .trim(),
      }
    },
    async drain(deadline_ms) {
      stopping.abort()
      await Promise.all(listeners.map((listener) => listener.drain(deadline_ms)))
      await large.close()
      await broker.close()
    },
    calls: replayOperations({ broker, config, clock: systemClock }),
  }
}

function rateSettingsOf({ ingest, projects, keys }: Config) {
  return rateLimitSettings({ common: ingest.rate_limits, projects, keys: keys ?? [] })
}
