import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import type { Clock } from '../../core/clock.ts'
import type { Config } from '../config.ts'
import { spoolDirectory } from '../paths.ts'
import { type Check, type Finding, finding } from './check.ts'
import type { DirectoryProbe, PackagesProbe } from './probe.ts'
import { probe } from './probing.ts'

const GIB = 2 ** 30
const gib = (bytes: number) =>
  bytes < GIB / 2 ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`
const QUICK_MS = 2_000

const NODE_WANTED = 24
const NODE_LEAST = 20

export function machineChecks(config: Config, clock: Clock): readonly Check[] {
  return [
    { name: 'node', limit_ms: QUICK_MS, run: async () => checkNode(process.versions.node) },
    { name: 'packages', limit_ms: 25_000, run: checkPackages },
    { name: 'data directory', limit_ms: 12_000, run: () => checkDirectory(config) },
    { name: 'memory', limit_ms: QUICK_MS, run: async () => checkMemory() },
    { name: 'row files', limit_ms: QUICK_MS, run: async () => checkSpool(config) },
    { name: 'open files', limit_ms: QUICK_MS, run: async () => checkOpenFiles() },
    { name: 'clock', limit_ms: QUICK_MS, run: () => checkClock(clock) },
  ]
}

export function checkNode(version: string): Finding {
  const major = Number.parseInt(version, 10)
  if (major < NODE_LEAST)
    return finding('fail', 'node', version, `Node ${NODE_LEAST} is the oldest that works; \`npm ci\` brings its own.`)
  if (major < NODE_WANTED)
    return finding(
      'warn',
      'node',
      version,
      `Tested with Node ${NODE_WANTED}; start with ./evalforge, which runs on it.`,
    )
  return finding('ok', 'node', version)
}

async function checkPackages(): Promise<Finding> {
  const advice = 'Install again with `npm ci`, on the kind of machine it is to run on.'
  try {
    const { chdb, crc32c } = await probe<PackagesProbe>(['packages'], 20_000)
    if (!crc32c) return finding('fail', 'packages', '@node-rs/crc32 computes wrong checksums', advice)
    return finding('ok', 'packages', `ClickHouse ${chdb} loads and answers`)
  } catch (error) {
    return finding('fail', 'packages', (error as Error).message, advice)
  }
}

const LEAST_FREE_BYTES = GIB
const LEAST_FREE_INODES = 10_000
const SLOW_FLUSH_MS = 100

/** By the number that statfs gives (Linux, include/uapi/linux/magic.h). */
const UNFIT: Readonly<Record<number, string>> = {
  16914836: 'a file system in memory: everything is gone when the machine stops',
  2035054128: "a container's own layer: everything is gone with the container",
  26985: 'NFS: locks and flushes do not hold there',
  1702057286: 'a FUSE file system, which may not keep what it says it flushed',
  16914839: 'a folder shared with a host (9p), which may not keep what it says it flushed',
}

async function checkDirectory(config: Config): Promise<readonly Finding[]> {
  const name = 'data directory'
  let found: DirectoryProbe
  try {
    found = await probe<DirectoryProbe>(['directory', config.data_dir], 10_000)
  } catch (error) {
    return [
      finding(
        'fail',
        name,
        `${config.data_dir}: ${(error as Error).message}`,
        'The disk or mount behind it hangs; mend it, or choose another with --data-dir.',
      ),
    ]
  }
  return judgeDirectory(found, config, process.getuid?.() ?? found.owner)
}

export function judgeDirectory(
  found: DirectoryProbe,
  { data_dir, log }: Pick<Config, 'data_dir' | 'log'>,
  uid: number,
): readonly Finding[] {
  const name = 'data directory'
  const where = found.exists ? data_dir : `${data_dir} (not there yet; ${found.looked_at} is)`
  if (/\bE(NOSPC|DQUOT)\b/.test(found.problem))
    return [
      finding(
        'fail',
        name,
        `${where} is full: ${found.problem}`,
        'Make room on this disk; EvalForge goes on by itself.',
      ),
      judgeSpace(found, log.retention_bytes),
    ]
  if (!found.is_writable || found.problem !== '')
    return [
      finding(
        'fail',
        name,
        `${where} cannot be written${found.problem && `: ${found.problem}`}`,
        found.problem.startsWith('EIO')
          ? 'The disk fails: look at the log of the kernel (`dmesg`), or choose another with --data-dir.'
          : `Check owner (${found.owner}, you are ${uid}) and permissions, or choose another with --data-dir.`,
      ),
    ]
  const findings: Finding[] = []
  if (found.exists && found.owner !== uid)
    findings.push(
      finding(
        'warn',
        name,
        `${where} belongs to user ${found.owner}, you are ${uid}`,
        'Run EvalForge always as the same user.',
      ),
    )
  if (found.exists && (found.mode & 0o077) !== 0)
    findings.push(
      finding(
        'warn',
        name,
        `${where} can be read by other users (mode ${found.mode.toString(8)})`,
        `Prompts lie there as sent: chmod 700 ${data_dir}`,
      ),
    )
  const unfit = UNFIT[found.file_system]
  if (unfit) findings.push(finding('warn', name, `it lies on ${unfit}`, 'Use a local disk for what must not be lost.'))
  if (found.flush_ms !== null && found.flush_ms > SLOW_FLUSH_MS)
    findings.push(
      finding(
        'warn',
        name,
        `a flush takes ${found.flush_ms.toFixed(0)} ms`,
        'Every acknowledgement waits for one: use a faster disk.',
      ),
    )
  if (findings.length === 0)
    findings.push(
      finding(
        'ok',
        name,
        `${where}${found.flush_ms === null ? '' : `, a flush takes ${found.flush_ms.toFixed(1)} ms`}`,
      ),
    )
  return [...findings, judgeSpace(found, log.retention_bytes)]
}

function judgeSpace({ free_bytes, free_inodes, inodes }: DirectoryProbe, retention_bytes: number): Finding {
  const name = 'disk space'
  const free = `${gib(free_bytes)} free`
  const advice = 'Make room, or lower log.retention_bytes and store.retention_days.'
  if (free_bytes < LEAST_FREE_BYTES) return finding('fail', name, free, advice)
  if (inodes > 0 && free_inodes < LEAST_FREE_INODES)
    return finding('fail', name, `${free_inodes} inodes free`, 'Delete small files on this disk.')
  if (free_bytes < retention_bytes)
    return finding('warn', name, `${free}, and the log may take up to ${gib(retention_bytes)}`, advice)
  return finding('ok', name, free)
}

function readNumber(path: string, pattern: RegExp): number | null {
  try {
    const [, text] = pattern.exec(readFileSync(path, 'utf8')) ?? []
    return text === undefined ? null : Number(text)
  } catch {
    return null
  }
}

function checkMemory(): Finding {
  const available = (readNumber('/proc/meminfo', /MemAvailable:\s+(\d+) kB/) ?? freemem() / 1024) * 1024
  const limit = readNumber('/sys/fs/cgroup/memory.max', /^(\d+)$/m)
  const total = Math.min(totalmem(), limit ?? Number.POSITIVE_INFINITY)
  const found = `${gib(total)}, ${gib(Math.min(available, total))} available; ${availableParallelism()} processors`
  if (total < 1.5 * GIB)
    return finding('fail', 'memory', found, 'EvalForge takes about 1.2 GiB under load: give it 2 GiB.')
  if (total < 3 * GIB)
    return finding(
      'warn',
      'memory',
      found,
      'EvalForge takes about 1.2 GiB under load, and ClickHouse more for large queries.',
    )
  return finding('ok', 'memory', found)
}

function checkSpool(config: Config): Finding {
  const directory = spoolDirectory(config)
  if (directory.startsWith('/dev/shm/')) {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return finding('ok', 'row files', `in memory, ${gib(bavail * bsize)} free`)
  }
  if (config.store.spool_dir !== '') return finding('ok', 'row files', `in ${directory}, as configured`)
  return finding(
    'warn',
    'row files',
    `on disk, in ${directory}: /dev/shm has less than 1 GiB free`,
    'Inserts cost more; give the container a larger /dev/shm (docker: --shm-size 2g).',
  )
}

const LEAST_OPEN_FILES = 4096

function checkOpenFiles(): Finding {
  const limit = readNumber('/proc/self/limits', /Max open files\s+(\d+)/)
  if (limit === null) return finding('ok', 'open files', 'no limit is known')
  if (limit >= LEAST_OPEN_FILES) return finding('ok', 'open files', `${limit} allowed`)
  return finding(
    'warn',
    'open files',
    `${limit} allowed`,
    `Connections and ClickHouse need more: ulimit -n ${LEAST_OPEN_FILES}, or LimitNOFILE= of the service.`,
  )
}

const CLOCK_LOOK_MS = 300
const CLOCK_JUMP_MS = 100

async function checkClock(clock: Clock): Promise<Finding> {
  const before = clock.now() - clock.monotonic()
  await clock.sleep(CLOCK_LOOK_MS)
  const jump = Math.round(clock.now() - clock.monotonic() - before)
  if (Math.abs(jump) > CLOCK_JUMP_MS)
    return finding(
      'warn',
      'clock',
      `it jumped by ${jump} ms within ${CLOCK_LOOK_MS} ms`,
      'Let NTP slew it; times of receipt follow it.',
    )
  return finding('ok', 'clock', `steady, ${new Date(clock.now()).toISOString()}`)
}
