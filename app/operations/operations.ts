import { deadLetterOperations } from './dead-letters.ts'
import { ledgerOperations } from './ledger.ts'
import type { OperationDeps, Operations } from './operation.ts'

/** All operations by name. `process` serves them while an instance runs; else the command line runs them itself. */
export function createOperations(deps: OperationDeps): Operations {
  return { ...ledgerOperations(deps), ...deadLetterOperations(deps) }
}
