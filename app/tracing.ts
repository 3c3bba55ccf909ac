import { SELF_TELEMETRY_HEADER } from '../core/correlation.ts'
import { SELF_TELEMETRY_MARK } from '../core/tracing.ts'
import type { Config } from './config.ts'
import { PRODUCT_VERSION } from './pipeline-version.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Telemetry {
  /** Sends what is left, within a second. */
  stop(): Promise<void>
}

const STOP_MS = 1_000
/** Standard variables that hold for us as for any program; which of them turn something on is decided here. */
const HONOURED =
  /^OTEL_(EXPORTER_OTLP_|BSP_|SPAN_|ATTRIBUTE_|SERVICE_NAME$|RESOURCE_ATTRIBUTES$|TRACES_SAMPLER|LOG_LEVEL$|SDK_DISABLED$)/

export const isTelemetryOn = ({ telemetry }: Pick<Config, 'telemetry'>) => telemetry.otlp_endpoint !== ''

/**
 * The variables of the OpenTelemetry SDK for one of our processes; none where telemetry is off. OTEL_EXPORTER_OTLP_ENDPOINT
 * alone turns nothing on: it is set to point programs at EvalForge, and would point EvalForge at itself.
 */
export function telemetryEnvironment(
  config: Pick<Config, 'telemetry'>,
  role: string,
  environment: Environment,
): Readonly<Record<string, string>> {
  if (!isTelemetryOn(config)) return {}
  const { otlp_endpoint, sampling_ratio } = config.telemetry
  const kept = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => HONOURED.test(entry[0]) && !!entry[1]),
  )
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: _, ...rest } = kept
  return {
    OTEL_SERVICE_NAME: 'evalforge',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(sampling_ratio),
    ...rest,
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp_endpoint,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairsOf(
      kept.OTEL_EXPORTER_OTLP_HEADERS,
      kept.OTEL_EXPORTER_OTLP_TRACES_HEADERS,
      `${SELF_TELEMETRY_HEADER}=1`,
    ),
    OTEL_RESOURCE_ATTRIBUTES: pairsOf(
      kept.OTEL_RESOURCE_ATTRIBUTES,
      `service.version=${PRODUCT_VERSION},evalforge.process=${role},${SELF_TELEMETRY_MARK}=true`,
    ),
    // Not the process: its command line names folders.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,host,serviceinstance',
  }
}

/**
 * Starts the OpenTelemetry SDK in this process, by its standard variables. Loads it only where telemetry is on: off, it costs
 * neither time nor memory.
 */
export async function startTelemetry(config: Pick<Config, 'telemetry'>, role: string): Promise<Telemetry> {
  if (!isTelemetryOn(config)) return { stop: async () => {} }
  Object.assign(process.env, telemetryEnvironment(config, role, process.env))
  const { NodeSDK } = await import('@opentelemetry/sdk-node')
  const sdk = new NodeSDK({ instrumentations: [] })
  sdk.start()
  return {
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref())
      // Whoever takes our spans may be gone already.
      await Promise.race([sdk.shutdown().catch(() => {}), late])
    },
  }
}

/** Lists of `name=value`, laid over one another. */
function pairsOf(...lists: readonly (string | undefined)[]): string {
  const pairs = new Map<string, string>()
  for (const pair of lists.flatMap((list) => (list ? list.split(',') : [])))
    pairs.set(pair.split('=', 1)[0]!.trim(), pair)
  return [...pairs.values()].join(',')
}
