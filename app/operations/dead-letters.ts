import { z } from 'zod'
import { type DeadLetter, letterPlaces, scanDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { findReplays } from '../../adapters/broker/replays.ts'
import { isSelected, type ReplayPage, replayLetters } from '../letter-replay.ts'
import { type IngestOperationDeps, type OperationDeps, type Operations, offset, parseBody } from './operation.ts'

const MAX_LETTERS = 1000
const DAY_MS = 86_400_000

const selection = {
  code: z.string().default(''),
  project: z.string().default(''),
  since_ms: z.number().min(0).default(0),
}
const listBody = z.strictObject({
  ...selection,
  limit: z.number().int().min(0).max(MAX_LETTERS).default(50),
  /** Only letters of what was replayed and failed again. */
  replays: z.boolean().default(false),
  /** Only letters that were not replayed since. */
  waiting: z.boolean().default(false),
})
const showBody = z.strictObject({ id: z.string() })
const replayBody = z.strictObject({
  ...selection,
  ids: z.array(z.string()).max(MAX_LETTERS).default([]),
  shift: z.boolean().default(false),
  again: z.boolean().default(false),
  dry_run: z.boolean().default(false),
  /** Where the last answer said to go on; null: from the start, up to the letters that are there now. */
  cursor: z
    .array(z.strictObject({ partition: z.number().int().min(0), next: offset, end: offset }))
    .nullable()
    .default(null),
})

/** `replayed`: it was put back on otlp_spans since. */
export type ListedLetter = DeadLetter & { readonly replayed: boolean }

export interface ListedLetters {
  /** Letters that fit the question, and how many of each code. */
  readonly total: number
  readonly codes: Readonly<Record<string, number>>
  readonly letters: readonly ListedLetter[]
}

export type ShownLetter = ListedLetter & { readonly value_base64: string }

export interface ReplayAnswer extends ReplayPage {
  readonly cursor: z.infer<typeof replayBody>['cursor']
  /** Letters still to be read. */
  readonly left: number
}

export function deadLetterOperations({ broker }: Pick<OperationDeps, 'broker'>): Operations {
  async function withReplays(letters: readonly DeadLetter[]): Promise<readonly ListedLetter[]> {
    const replays = await findReplays(broker, new Set(letters.map(({ dead_letter_id }) => dead_letter_id)))
    return letters.map((letter) => ({ ...letter, replayed: replays.has(letter.dead_letter_id) }))
  }

  return {
    /** The newest `limit` letters, oldest of them first, and how many there are. */
    async dead_letters(body): Promise<ListedLetters> {
      const { limit, replays, waiting, ...wanted } = parseBody(listBody, body)
      const newest: DeadLetter[] = []
      const codes: Record<string, number> = {}
      let total = 0
      for await (const found of chosen()) {
        for (const letter of found) {
          total++
          codes[letter.code] = (codes[letter.code] ?? 0) + 1
          newest.push(letter)
        }
        keepNewest(newest, limit)
      }
      return { total, codes, letters: await withReplays(newest) }

      async function* chosen() {
        for await (const letters of letterPages(broker)) {
          const fit = letters.filter(
            (letter) => isSelected(letter, { ids: [], ...wanted }) && (!replays || letter.replay_of !== ''),
          )
          yield waiting ? (await withReplays(fit)).filter(({ replayed }) => !replayed) : fit
        }
      }
    },
    /** One letter with its bytes; null where there is none with this id. */
    async dead_letter(body): Promise<ShownLetter | null> {
      const { id } = parseBody(showBody, body)
      for await (const { letter, record } of scanDeadLetters(broker)) {
        if (letter.dead_letter_id !== id) continue
        const [listed] = await withReplays([letter])
        return { ...listed!, value_base64: record.value?.toString('base64') ?? '' }
      }
      return null
    },
  }
}

/** All letters, `MAX_LETTERS` at a time. */
async function* letterPages(broker: OperationDeps['broker']): AsyncGenerator<readonly DeadLetter[]> {
  let page: DeadLetter[] = []
  for await (const { letter } of scanDeadLetters(broker)) {
    page.push(letter)
    if (page.length < MAX_LETTERS) continue
    yield page
    page = []
  }
  yield page
}

function keepNewest(letters: DeadLetter[], limit: number): void {
  letters.sort((a, b) => a.timestamp_ms - b.timestamp_ms)
  letters.splice(0, Math.max(0, letters.length - limit))
}

/** Asked again with the cursor it answers until that is null, so that each answer is soon there. */
export function replayOperations({ broker, config, clock }: IngestOperationDeps): Operations {
  return {
    async dead_letters_replay(body): Promise<ReplayAnswer> {
      const { cursor, ids, code, project, since_ms, ...how } = parseBody(replayBody, body)
      const places = cursor?.map(({ partition, next, end }) => ({ partition, next: BigInt(next), end: BigInt(end) }))
      const { page, next } = await replayLetters(places ?? (await letterPlaces(broker)), {
        broker,
        selection: { ids, code, project, since_ms },
        ...how,
        retention_ms: config.store.retention_days * DAY_MS,
        clock,
      })
      return {
        ...page,
        left: (next ?? []).reduce((sum, place) => sum + Number(place.end - place.next), 0),
        cursor:
          next?.map((place) => ({ partition: place.partition, next: String(place.next), end: String(place.end) })) ??
          null,
      }
    },
  }
}
