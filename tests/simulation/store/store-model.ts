import type { InsertBatch, Store } from '../../../adapters/store/store.ts'
import { CodedError, type ErrorCode } from '../../../core/errors.ts'
import type { Random } from '../../../core/random.ts'
import { never, type Process } from '../machine.ts'
import type { Scheduler } from '../scheduler.ts'
import { answerQuery, executeStatement } from './statements.ts'
import { createTables, type Tables, type TablesOptions } from './tables.ts'

/** What befalls single inserts: the answer is lost, only some partitions are written, or it is done long after it was given up. */
export type InsertFate = 'lose_answer' | 'partial' | 'late' | 'refuse'

export interface StoreModel {
  readonly tables: Tables
  connect(process: Process): Store
  /** refuses: answers with an error; hangs: takes everything and answers when it is up again. */
  setState(state: 'up' | 'refuses' | 'hangs'): void
  /** The next insert into a table whose name contains `table` meets this. */
  schedule(fate: { table: string; fate: InsertFate; delay_ms: number }): void
  /** The process of the store dies: what it was doing is done, half done or not done. It refuses until `setState('up')`. */
  crash(): void
  /** Calls that are not answered. */
  waiting(): number
}

export interface StoreModelOptions extends TablesOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly wall: () => number
}

interface Call {
  readonly process: Process
  readonly step: string
  /** `most`: of the partitions of an insert only the first few. */
  readonly work: (most?: number) => unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  readonly table: string
  answered: boolean
  /** Ends the wait for an answer. */
  forget: () => void
}

const NETWORK_MS = 0.5
const WORK_MS = 8
/** A client gives a call up after this. */
const TIMEOUT_MS = 20_000

export function createStoreModel({ scheduler, random, wall, ...options }: StoreModelOptions): StoreModel {
  const tables = createTables(options)
  const open = new Set<Call>()
  let hanging: Call[] = []
  let state: 'up' | 'refuses' | 'hangs' = 'up'
  let fates: { table: string; fate: InsertFate; delay_ms: number }[] = []
  /** Work of a store that crashed is done by nobody. */
  let generation = 0

  const jitter = (ms: number) => ms * (0.5 + random(1500) / 1000)

  function answer(call: Call, settle: () => void): void {
    if (call.answered) return
    call.answered = true
    call.forget()
    open.delete(call)
    scheduler.after(jitter(NETWORK_MS), call.process, () => {
      if (call.process.step(call.step, 'after')) settle()
    })
  }

  function fail(call: Call, code: ErrorCode): void {
    answer(call, () => call.reject(new CodedError(code)))
  }

  function fateOf({ table }: Call): { fate: InsertFate; delay_ms: number } | undefined {
    const found = table === '' ? undefined : fates.find((fate) => table.includes(fate.table))
    fates = fates.filter((fate) => fate !== found)
    return found
  }

  function begin(call: Call): void {
    const born = generation
    scheduler.after(jitter(WORK_MS), null, () => {
      if (born === generation) finish(call)
    })
  }

  function finish(call: Call): void {
    const met = fateOf(call)
    if (met?.fate === 'partial') call.work(1)
    if (met?.fate === 'late') scheduler.after(met.delay_ms, null, () => call.work())
    if (met === undefined || met.fate === 'lose_answer') work(call, met !== undefined)
    else fail(call, met.fate === 'late' ? 'STORE_UNAVAILABLE' : 'STORE_FAILED')
  }

  function work(call: Call, is_answer_lost: boolean): void {
    try {
      const result = call.work()
      if (is_answer_lost) fail(call, 'STORE_UNAVAILABLE')
      else answer(call, () => call.resolve(result))
    } catch (error) {
      tables.problems.push(error instanceof Error ? error.message : String(error))
      fail(call, 'STORE_FAILED')
    }
  }

  function arrive(call: Call): void {
    if (state === 'hangs') hanging.push(call)
    else if (state === 'up') begin(call)
    else fail(call, call.table === '' || random(2) === 0 ? 'STORE_UNAVAILABLE' : 'STORE_FAILED')
  }

  function call<Result>(
    process: Process,
    step: string,
    table: string,
    work: (most?: number) => unknown,
  ): Promise<Result> {
    if (!process.alive || !process.step(step, 'before')) return never()
    return new Promise((resolve, reject) => {
      const forget = scheduler.after(TIMEOUT_MS, process, () => fail(made, 'STORE_UNAVAILABLE'))
      const give = (result: unknown) => resolve(result as Result)
      const made: Call = { process, step, work, table, reject, answered: false, resolve: give, forget }
      open.add(made)
      scheduler.after(jitter(NETWORK_MS), null, () => arrive(made))
    })
  }

  return {
    tables,
    connect(process) {
      return {
        insert(batch) {
          // The sender's memory may be used again as soon as it is told.
          const rows = [Buffer.concat(batch.rows.map((chunk) => Buffer.from(chunk)))]
          const sent: InsertBatch = { ...batch, rows }
          return call(process, `insert ${batch.table}`, batch.table, (most) =>
            tables.insert(sent, { now: wall(), ...(most !== undefined && { most }) }),
          )
        },
        query: (sql, { params = {} } = {}) =>
          call(process, 'query', '', () => answerQuery(tables, sql, { params, now: wall() })),
        execute: (sql) => call(process, 'roll up', '', () => executeStatement(tables, sql, wall())),
        health: async () => ({ healthy: state === 'up', reason: state, engine_version: 'model' }),
        close: async () => {},
      }
    },
    setState(next) {
      state = next
      if (next === 'hangs') return
      const calls = hanging
      hanging = []
      for (const held of calls) arrive(held)
    },
    schedule(fate) {
      fates.push(fate)
    },
    crash() {
      generation += 1
      state = 'refuses'
      hanging = []
      for (const lost of [...open]) {
        const done = lost.table === '' ? 0 : random(3)
        if (done === 1) lost.work(1)
        if (done === 2) lost.work()
        fail(lost, 'STORE_UNAVAILABLE')
      }
    },
    waiting: () => open.size,
  }
}
