import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { parseConfig, readConfigValues } from '../config.ts'
import { confirmationOf } from '../config-confirmation.ts'
import type { ConfigOutcome } from '../config-control.ts'
import { changeLines } from '../config-text.ts'
import { onHangUp } from '../hang-up.ts'
import { startInstance, untilAskedToStop } from '../instance.ts'
import { createLogger, type Logger } from '../logger.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'

const DEFAULT_CLICKHOUSE_PORT = 8123

export async function start(context: CommandContext): Promise<void> {
  const { file, overrides } = context
  const values = readConfigValues(file)
  const config = parseConfig(values, overrides, file.path)
  const { addresses, supervisor, stop } = await startInstance(config, { values, overrides })
  const keyNote =
    config.keys === undefined
      ? '(no keys: loopback only, project default)'
      : `(${config.keys.length} API key${config.keys.length === 1 ? '' : 's'})`
  const { port } = new URL(addresses.clickhouse)
  const portFlag = Number(port) === DEFAULT_CLICKHOUSE_PORT ? '' : ` --clickhouse-port ${port}`
  console.log(`EvalForge judges what arrives. Data: ${config.data_dir}

  OTLP/HTTP   ${addresses.otlp_http}  ${keyNote}
  OTLP/gRPC   ${addresses.otlp_grpc}
  ClickHouse  ${addresses.clickhouse}
  Admin       ${addresses.admin}  (/ready, /metrics)

Point an app at it:   OTEL_EXPORTER_OTLP_ENDPOINT=${addresses.otlp_http}
Look at the verdicts: ./evalforge query${portFlag} "SELECT name, model, passed, deciding_judges FROM spans ORDER BY start_time DESC LIMIT 20"
Stop with Ctrl-C; nothing that was acknowledged is lost.`)
  const log = createLogger('supervisor', config.log_level)
  onHangUp(() => void applyAgain(context, { supervisor, log }))
  await untilAskedToStop()
  console.log('\nFinishing what was acknowledged …')
  await stop()
  console.log('Stopped.')
}

/** `kill -HUP`: as `evalforge config apply`. What is wrong leaves everything as it is. */
async function applyAgain(
  { file, overrides }: CommandContext,
  { supervisor, log }: { supervisor: Supervisor; log: Logger },
): Promise<void> {
  try {
    const values = readConfigValues(file)
    parseConfig(values, overrides, file.path)
    const body = { values, note: 'SIGHUP' }
    const { sequence, changed, changes } = (await supervisor.call('process', 'config_apply', body)) as ConfigOutcome
    const ask = async () => (await supervisor.health()).processes
    const waiting = await confirmationOf(sequence, { ask, clock: systemClock })
    console.log(
      `${file.path}: version ${sequence} ${changed ? 'is' : 'was already'} in force${waiting.map((role) => `, not confirmed by ${role}`).join('')}.`,
    )
    for (const line of changeLines(changes)) console.log(line)
  } catch (error) {
    const why = error instanceof CodedError ? { code: error.code, reason: error.message } : { err: error }
    log.error(why, 'the file was not applied; what was in force stays in force')
  }
}
