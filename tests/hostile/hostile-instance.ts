import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type StartedPipeline, type StartOptions, startPipeline } from '../../app/bench/started-pipeline.ts'
import { createApiKey } from '../../core/api-keys.ts'
import { type IngestLimits, ingestLimits } from '../../core/ingest-limits.ts'
import { createRandom } from '../../core/random.ts'

export const HOSTILE = 'hostile'
export const QUIET = 'quiet'

const MIB = 1 << 20
/** Tight, so that what is over a limit is cheap to send; everything else as users have it. */
const LIMITS = {
  max_request_bytes: 8 * MIB,
  max_inflated_bytes: 16 * MIB,
  max_bytes_in_flight: 64 * MIB,
  max_json_values: 200_000,
  max_spans: 500,
}
/** Twice the defaults: on a machine that this keeps busy, a valid request may be slow as well. */
const PACE = { body_grace_ms: 10_000 }

export interface HostileInstance {
  readonly pipeline: StartedPipeline
  readonly keys: { readonly hostile: string; readonly quiet: string }
  readonly limits: IngestLimits
  readonly data_dir: string
  readonly secret_file: string
  readonly secret: string
}

export interface InstanceOptions {
  /** Everything of the run lies here. */
  readonly directory: string
  readonly seed: number
  /** Folder of the program to run, if not this checkout. */
  readonly root?: string | undefined
}

/** An instance as a user starts it, with two projects: one that is hostile, and its neighbour. */
export async function startHostileInstance({ directory, seed, root }: InstanceOptions): Promise<HostileInstance> {
  mkdirSync(directory, { recursive: true })
  const hostile = keyOf(seed)
  const quiet = keyOf(seed + 1)
  const secret = `file-secret-${keyOf(seed + 2).key}`
  const secret_file = join(directory, 'secret.txt')
  writeFileSync(secret_file, `${secret}\n`)
  const config = {
    keys: [
      { project: HOSTILE, sha256: hostile.sha256 },
      { project: QUIET, sha256: quiet.sha256 },
    ],
    ingest: { limits: LIMITS, otlp_http: PACE, otlp_grpc: PACE },
    log: { retention_bytes: 100 * 2 ** 30 },
  }
  const pipeline = await startOnFreePorts({ data_dir: directory, config, ...(root !== undefined && { root }) })
  // Whatever ends this process ends the instance.
  const end = () => void signal(pipeline.pid)
  process.once('exit', end)
  void pipeline.exited.then(() => process.off('exit', end))
  return {
    pipeline,
    keys: { hostile: hostile.key, quiet: quiet.key },
    limits: ingestLimits.parse(LIMITS),
    data_dir: join(directory, 'data'),
    secret_file,
    secret,
  }
}

/** Ports that were free a moment ago may be taken a moment later. */
async function startOnFreePorts(options: StartOptions, tries = 5): Promise<StartedPipeline> {
  try {
    return await startPipeline(options)
  } catch (error) {
    if (tries === 1 || !String(error).includes('(PORT_BUSY)')) throw error
    return startOnFreePorts(options, tries - 1)
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {}
}

/** The same seed gives the same key, so that a run that goes on needs no memory of it. */
function keyOf(seed: number) {
  const random = createRandom(seed)
  return createApiKey((bytes) => Buffer.from(Array.from({ length: bytes }, () => random(256))))
}

/** Resident memory of a process now and at its highest, in bytes (proc_pid_status(5)); NaN where it is gone. */
export function residentBytes(pid: number): { readonly now: number; readonly peak: number } {
  let status = ''
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {}
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN)
  return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 }
}
