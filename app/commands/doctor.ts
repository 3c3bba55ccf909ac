import { systemClock } from '../../core/clock.ts'
import type { CommandContext } from '../command-context.ts'
import { type Check, exitCodeOf, type Finding, finding, runCheck, type Status } from '../doctor/check.ts'
import { configurationChecks, readConfiguration } from '../doctor/configuration.ts'
import { findInstance, type Instance, judgeInstance, portsOf } from '../doctor/instance.ts'
import { checkLog } from '../doctor/log-checks.ts'
import { machineChecks } from '../doctor/machine.ts'
import { portChecks } from '../doctor/ports.ts'
import { storeChecks } from '../doctor/store-checks.ts'
import { PRODUCT_VERSION } from '../pipeline-version.ts'
import { createProgress } from './progress.ts'

const MARK: Readonly<Record<Status, string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skipped: '-   ' }
const LOG_MS = 30_000

/** Exit code 0: all is well; 1: something should be looked at; 2: something does not work. Changes nothing. */
export async function doctor(context: CommandContext, { json }: { json: boolean }): Promise<void> {
  const findings = await examine(context, json)
  if (json) console.log(JSON.stringify({ version: PRODUCT_VERSION, findings }))
  else print(findings)
  const code = exitCodeOf(findings)
  // What hangs must not keep this command: nothing is left to be done here.
  process.stdout.write('', () => process.exit(code))
}

async function examine(context: CommandContext, json: boolean): Promise<readonly Finding[]> {
  const { config, findings: read } = readConfiguration(context)
  const findings: Finding[] = [...read]
  const progress = createProgress(!json)
  /** Together, so that several that hang take no longer than one. */
  const run = async (checks: readonly Check[]) => {
    progress.show(checks.map(({ name }) => name).join(', '))
    const found = await Promise.all(checks.map((check) => runCheck(check, systemClock)))
    findings.push(...found.flat())
  }
  await run(machineChecks(config, systemClock))
  await run(configurationChecks(config, systemClock.now()))
  const found = await findInstance(config)
  findings.push(...judgeInstance(config, found))
  const instance: Instance = found.state === 'foreign' ? { state: 'absent' } : found
  await run(portChecks(config, { ours: portsOf(config, instance), hangs: instance.state === 'hangs' }))
  await run(dataChecks(findings, { context, config, instance }))
  progress.clear()
  return findings
}

/** Nothing in this process touches a directory that hung in the probe. */
function dataChecks(
  findings: Finding[],
  {
    context,
    config,
    instance,
  }: { context: CommandContext; config: Parameters<typeof checkLog>[0]; instance: Instance },
): readonly Check[] {
  const unusable = findings.some(({ name, status }) => name === 'data directory' && status === 'fail')
  if (unusable && instance.state !== 'running') {
    findings.push(finding('skipped', 'log', 'the data directory cannot be used'))
    return []
  }
  const isRunning = instance.state !== 'absent'
  const log: Check = { name: 'log', limit_ms: LOG_MS, run: () => checkLog(config, systemClock, isRunning) }
  return [...(unusable ? [] : [log]), ...storeChecks(context, config, instance)]
}

function print(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ name }) => name.length))
  for (const { name, status, found, advice } of findings) {
    console.log(`${MARK[status]}  ${name.padEnd(width)}  ${found}`)
    if (advice !== '') console.log(`${' '.repeat(width + 8)}→ ${advice}`)
  }
  const count = (status: Status) => findings.filter((one) => one.status === status).length
  console.log(`\n${count('ok')} well, ${count('warn')} to look at, ${count('fail')} not working`)
}
