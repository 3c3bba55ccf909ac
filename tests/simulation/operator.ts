import type { Fault } from './schedule.ts'
import type { Supervisor } from './supervisor.ts'
import type { World } from './world.ts'

/** Whoever does the faults of a schedule to the machine. */
export interface Operator {
  /** Faults that are not over. */
  open(): number
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>
type Strikes = { readonly [Kind in Fault['kind']]: (fault: FaultOf<Kind>) => void }

const POWER_OFF_MS = 1_500

export function startOperator(world: World, supervisor: Supervisor): Operator {
  const { scheduler, disk, store, schedule, truth, tell } = world
  const random = world.random('operator')
  let open = 0

  /** A state that lasts. */
  function last(for_ms: number, end: () => void): void {
    open += 1
    scheduler.after(for_ms, null, () => {
      open -= 1
      end()
    })
  }

  function attempt(what: string, work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => tell(`${what} failed: ${error}`))
  }

  function stopStore(state: 'refuses' | 'hangs', for_ms: number): void {
    store.setState(state)
    last(for_ms, () => store.setState('up'))
  }

  /** Damage on the platter, until someone restores the file. */
  function flipBit(for_ms: number): void {
    const files = disk.files().filter((path) => path.startsWith('/log/otlp_spans/') && path.endsWith('.log'))
    const path = files[random(Math.max(1, files.length))]
    const inode = path === undefined ? undefined : disk.file(path)
    if (inode === undefined || inode.size() === 0) return
    const bit = random(inode.size() * 8)
    tell(`flipping bit ${bit} of ${path}`)
    truth.expects_damage = true
    inode.flip(bit)
    last(for_ms, () => {
      inode.flip(bit)
      truth.expects_damage = false
      for (const role of ['process', 'ingest'] as const) supervisor.kill(role, 'restarted with the file restored')
    })
  }

  /** While the pipeline runs nothing counts as lost that is only on its way. */
  async function reconcile(): Promise<void> {
    const found = await supervisor.judging()?.reconcile()
    if (found !== undefined && found.lost + found.duplicated > 0)
      truth.breach(`while it runs the reconciler finds lost ${found.lost}, duplicated ${found.duplicated}`)
  }

  const strikes: Strikes = {
    kill: ({ role }) => supervisor.kill(role, 'kill -9'),
    kill_at: (fault) => supervisor.killAt(fault),
    restart: ({ role }) => void supervisor.restart(role),
    power_loss() {
      for (const role of ['process', 'ingest'] as const) supervisor.kill(role, 'the power is gone')
      disk.losePower()
      store.crash()
      last(POWER_OFF_MS, () => store.setState('up'))
    },
    halt({ role, for_ms }) {
      const process = supervisor.process(role)
      if (process === null || process.halted) return
      process.halted = true
      last(for_ms, () => scheduler.resume(process))
    },
    deploy({ version, config, drain }) {
      Object.assign(supervisor.release, { version, config })
      if (drain) void supervisor.restart('process')
      else supervisor.kill('process', 'replaced by another version')
    },
    configure({ config }) {
      supervisor.release.config = config
      attempt('configuring', supervisor.judging()?.configure(config))
    },
    clock_jump: ({ by_ms }) => world.setWall(by_ms),
    store_refuses: ({ for_ms }) => stopStore('refuses', for_ms),
    store_hangs: ({ for_ms }) => stopStore('hangs', for_ms),
    store_crash({ for_ms }) {
      store.crash()
      last(for_ms, () => store.setState('up'))
    },
    insert(fault) {
      store.schedule(fault)
      last(fault.delay_ms, () => {})
    },
    disk_full({ for_ms }) {
      disk.faults.full = true
      last(for_ms, () => {
        disk.faults.full = false
      })
    },
    fail_sync({ topic }) {
      disk.faults.fail_sync = `/${topic}/`
    },
    short_write({ topic }) {
      disk.faults.short_write = `/${topic}/`
    },
    slow({ path, factor, for_ms }) {
      disk.faults.slow.set(path, factor)
      last(for_ms, () => void disk.faults.slow.delete(path))
    },
    member({ joins }) {
      const judging = supervisor.judging()
      attempt('changing members', joins ? judging?.join() : judging?.leave())
    },
    flip_bit: ({ for_ms }) => flipBit(for_ms),
    reconcile: () => attempt('reconciling', reconcile()),
  }

  function strike<Kind extends Fault['kind']>(fault: FaultOf<Kind> & { kind: Kind }): void {
    tell(`fault: ${JSON.stringify(fault)}`)
    ;(strikes[fault.kind] as (fault: FaultOf<Kind>) => void)(fault)
  }

  for (const fault of schedule.faults) {
    open += 1
    scheduler.after(fault.at_ms, null, () => {
      open -= 1
      strike(fault)
    })
  }
  return { open: () => open }
}
