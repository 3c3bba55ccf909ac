/**
 * The process that `crash.integration.test.ts` kills: writes numbered records without end and prints each one's place
 * once it is acknowledged. Arguments: directory, first number.
 */
import { systemClock } from '../../../core/clock.ts'
import { createEmbeddedBroker } from './embedded-broker.ts'

const IN_FLIGHT = 16

/** Content that follows from the number alone; every tenth is large enough to be written from its own memory. */
export function contentOf(number: number): Buffer {
  return Buffer.alloc(number % 10 === 0 ? 40_000 : 200, `${number}.`)
}

async function writeForever(directory: string, first: number): Promise<void> {
  const broker = await createEmbeddedBroker({
    directory,
    writes: ['crash'],
    clock: systemClock,
    segment_bytes: 1 << 20,
    on_fatal(error) {
      throw error
    },
  })
  await broker.ensureTopics([{ name: 'crash', partitions: 2, cleanup: 'delete', summary: 'A test.' }])
  let next = first
  async function write(): Promise<void> {
    for (;;) {
      const number = next++
      const key = Buffer.from(String(number))
      const [place] = await broker.produce('crash', [{ key, headers: { n: String(number) }, value: contentOf(number) }])
      process.stdout.write(`${number} ${place!.partition} ${place!.offset}\n`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, write))
}

if (import.meta.main) await writeForever(process.argv[2]!, Number(process.argv[3]))
