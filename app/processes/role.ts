import type { Mux } from '../../core/channel.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { Config } from '../config.ts'
import type { ConfigOrigin } from '../config-control.ts'
import type { Logger } from '../logger.ts'

export const ROLES = ['store', 'process', 'ingest'] as const
export type Role = (typeof ROLES)[number]

export interface ProcessHealth {
  readonly healthy: boolean
  readonly reason: string
  /** The version of the configuration that it works by, where it follows one. */
  readonly config_sequence?: number
}

/** What a role does once started. */
export interface RunningProcess {
  /** What the supervisor tells people: addresses, counts. */
  readonly info: Readonly<Record<string, unknown>>
  health(): Promise<ProcessHealth>
  /** Finishes what was accepted, within the deadline. */
  drain(deadline_ms: number): Promise<void>
  /** Further calls the supervisor may make, by name. */
  readonly calls?: Readonly<Record<string, (body: never) => Promise<unknown>>>
}

/** What the supervisor starts a process with. */
export interface ProcessStart {
  /** As the instance was started; what is live of it may have changed since. */
  readonly config: Config
  readonly origin: ConfigOrigin
  /** It takes the place of one that died. */
  readonly restarted: boolean
}

export interface ProcessContext extends ProcessStart {
  readonly log: Logger
  readonly metrics: Metrics
  readonly mux: Mux
  /** Something broke that a fresh process may mend: log it, exit, let the supervisor start another. */
  readonly fatal: (error: unknown, message: string) => void
}

export type StartProcess = (context: ProcessContext) => Promise<RunningProcess>
