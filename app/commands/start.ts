import type { CommandContext } from '../command-context.ts'
import { loadConfig } from '../config.ts'
import { startInstance, untilAskedToStop } from '../instance.ts'

export async function start(context: CommandContext): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const { addresses, stop } = await startInstance(config)
  const keyNote =
    config.keys === undefined
      ? '(no keys: loopback only, project default)'
      : `(${config.keys.length} API key${config.keys.length === 1 ? '' : 's'})`
  console.log(`EvalForge judges what arrives. Data: ${config.data_dir}

  OTLP/HTTP   ${addresses.otlp_http}  ${keyNote}
  OTLP/gRPC   ${addresses.otlp_grpc}
  ClickHouse  ${addresses.clickhouse}
  Admin       ${addresses.admin}  (/ready, /metrics)

Point an app at it:   OTEL_EXPORTER_OTLP_ENDPOINT=${addresses.otlp_http}
Look at the verdicts: ./evalforge query "SELECT name, model, passed, deciding_judges FROM spans ORDER BY start_time DESC LIMIT 20"
Stop with Ctrl-C; nothing that was acknowledged is lost.`)
  await untilAskedToStop()
  console.log('\nFinishing what was acknowledged …')
  await stop()
  console.log('Stopped.')
}
