import { z } from 'zod'
import { type DeadLetter, scanDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { type OperationDeps, type Operations, parseBody } from './operation.ts'

const MAX_LETTERS = 1000

const listBody = z.strictObject({
  limit: z.number().int().min(1).max(MAX_LETTERS).default(50),
  project: z.string().default(''),
})
const showBody = z.strictObject({ id: z.string() })

export interface ListedLetters {
  readonly total: number
  readonly letters: readonly DeadLetter[]
}

export type ShownLetter = DeadLetter & { readonly value_base64: string }

export function deadLetterOperations({ broker }: OperationDeps): Operations {
  return {
    /** The newest `limit` letters, oldest of them first, and how many there are. */
    async dead_letters(body): Promise<ListedLetters> {
      const { limit, project } = parseBody(listBody, body)
      const letters: DeadLetter[] = []
      for await (const { letter } of scanDeadLetters(broker))
        if (project === '' || letter.project === project) letters.push(letter)
      letters.sort((a, b) => a.timestamp_ms - b.timestamp_ms)
      return { total: letters.length, letters: letters.slice(-limit) }
    },
    /** One letter with its bytes; null where there is none with this id. */
    async dead_letter(body): Promise<ShownLetter | null> {
      const { id } = parseBody(showBody, body)
      for await (const { letter, value } of scanDeadLetters(broker))
        if (letter.dead_letter_id === id) return { ...letter, value_base64: value.toString('base64') }
      return null
    },
  }
}
