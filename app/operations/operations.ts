import { configOperations } from './config.ts'
import { deadLetterOperations, replayOperations } from './dead-letters.ts'
import { doctorOperations } from './doctor.ts'
import { groupOperations } from './groups.ts'
import { keyOperations } from './keys.ts'
import { ledgerOperations } from './ledger.ts'
import type { OperationDeps, Operations } from './operation.ts'
import { topicOperations } from './topics.ts'
import { traceOperations } from './trace.ts'

/** All operations of `process` by name, served while an instance runs. */
export function createOperations(deps: OperationDeps): Operations {
  return {
    ...configOperations(deps),
    ...ledgerOperations(deps),
    ...deadLetterOperations(deps),
    ...topicOperations(deps),
    ...groupOperations(deps),
    ...doctorOperations(deps),
    ...traceOperations(deps),
    ...keyOperations(deps),
  }
}

/** Every operation, for the command line where nothing runs. */
export function createAllOperations(deps: OperationDeps): Operations {
  return { ...createOperations(deps), ...replayOperations(deps) }
}
