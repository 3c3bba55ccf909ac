import { existsSync, readFileSync } from 'node:fs'

/** USER_HZ: what /proc counts CPU time in, 100 a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

export function requireProc(): void {
  if (!existsSync('/proc/self/stat'))
    throw new Error(
      'This benchmark reads CPU and memory of processes from /proc, which this system does not have. Run it on Linux.',
    )
}

/** User and system CPU of a process and of the children it has waited for, in microseconds; null where it is gone. */
export function cpuMicroseconds(pid: number): number | null {
  const stat = readProc(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The name in parentheses may hold anything; fields are counted behind it (proc_pid_stat(5), utime is the 14th).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (ticks * 1e6) / TICKS_PER_SECOND
}

/** Proportional set size: shared pages are divided among those who share them, so that sums make sense. */
export function pssBytes(pid: number): number | null {
  const rollup = readProc(`/proc/${pid}/smaps_rollup`)
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(rollup ?? '')?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
