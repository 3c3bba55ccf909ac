import { closeSync, openSync } from 'node:fs'

/**
 * Calls `reload` at every SIGHUP, as operators expect of `kill -HUP`. A terminal that is closed sends the same signal to all
 * that runs in it: that one ends the process, as it would without us.
 */
export function onHangUp(reload: () => void): void {
  const inTerminal = process.stdin.isTTY === true
  process.on('SIGHUP', () => {
    if (!inTerminal || hasTerminal()) return reload()
    // Nobody reads any more what is said on the way out.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
    process.kill(process.pid, 'SIGTERM')
  })
}

/** Whether the terminal that this process was started in is still there (tty(4): opening it fails once it hung up). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
