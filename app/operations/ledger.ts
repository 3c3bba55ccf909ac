import { z } from 'zod'
import { type OperationDeps, type Operations, parseBody } from './operation.ts'

const ledgerBody = z.strictObject({ full: z.boolean().default(false) })

export function ledgerOperations({ reconciler }: OperationDeps): Operations {
  return {
    /** `full` re-reads every range instead of the configured share. Answers a Reconciliation. */
    async ledger(body) {
      return (await reconciler()).run(parseBody(ledgerBody, body))
    },
  }
}
