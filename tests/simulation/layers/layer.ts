/** One way to break a pipeline on purpose and to see that it keeps its promises. `npm run chaos -- --layer <name>`. */
export interface Layer {
  readonly name: string
  readonly summary: string
  /** Runs until the time or the schedules are used up. */
  run(options: LayerOptions): Promise<LayerReport>
  /** Runs the schedule of one seed again and tells everything that happens in it. */
  replay(seed: number, onEvent: (event: string) => void): Promise<LayerReport>
}

export interface LayerOptions {
  /** Of the first schedule; each one after it has the next. */
  readonly seed: number
  readonly minutes: number
  /** 0: as many as the minutes hold. */
  readonly schedules: number
  readonly onProgress: (line: string) => void
}

/** Spans, unless it says otherwise. `lost` and `duplicated` must be 0, `failures` empty. */
export interface LayerReport {
  readonly schedules: number
  readonly schedules_per_minute: number
  /** How often each kind of fault struck. */
  readonly faults: Readonly<Record<string, number>>
  readonly sent: number
  readonly acknowledged: number
  readonly stored: number
  readonly dead_lettered: number
  readonly lost: number
  readonly duplicated: number
  /** Repeats that were recognised as such. */
  readonly collapsed: number
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly seed: number
  /** What the schedule was made around. */
  readonly name: string
  readonly breaches: readonly string[]
  /** The least that still breaks a promise, as text. */
  readonly schedule: string
}
