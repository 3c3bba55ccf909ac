import { z } from 'zod'
import type { Broker } from '../../adapters/broker/broker.ts'
import type { Store } from '../../adapters/store/store.ts'
import type { Clock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { Config } from '../config.ts'
import type { ConfigControl } from '../config-control.ts'
import type { Reconciler } from '../reconciler.ts'

/** One thing an operator can ask of an instance, running or not. Takes and gives JSON; says what is wrong with its body. */
export type Operation = (body: unknown) => Promise<unknown>
export type Operations = Readonly<Record<string, Operation>>

export interface OperationDeps {
  readonly broker: Broker
  /** Where nothing runs, the store is started when it is first asked for. */
  readonly store: () => Promise<Store>
  readonly reconciler: () => Promise<Reconciler>
  readonly config: Config
  readonly clock: Clock
  /** Where nothing runs, nobody may change what is in force. */
  readonly config_control?: ConfigControl
}

/** What operations of the process that writes otlp_spans are given. */
export type IngestOperationDeps = Pick<OperationDeps, 'broker' | 'config' | 'clock'>

/** An offset in JSON. */
export const offset = z.string().regex(/^\d{1,16}$/, 'A whole number as text.')

/** What an operation was asked for. Throws REQUEST_INVALID with all that is wrong with it. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(body)'}: ${message}`)
  throw new CodedError('REQUEST_INVALID', problems.join('; '))
}
