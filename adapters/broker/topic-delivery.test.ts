import { expect, it } from 'vitest'
import type { Range, SourceRecord } from '../../core/component.ts'
import { CodedError } from '../../core/errors.ts'
import { LLM_SPANS } from '../../schemas/topics.ts'
import type { OutgoingRecord } from './broker.ts'
import { createTopicDelivery } from './topic-delivery.ts'

function setUp(failures: number) {
  const produced: string[][] = []
  let left = failures
  const delivery = createTopicDelivery<string>({
    topic: LLM_SPANS,
    encode: (item) => (item === '' ? [] : [{ key: Buffer.from('k'), value: Buffer.from(item), headers: {} }]),
    counter: { inc() {} },
    broker: {
      async produce(_topic: string, records: readonly OutgoingRecord[]) {
        if (left-- > 0) throw new CodedError('LOG_FULL')
        produced.push(records.map(({ value }) => String(value)))
        return []
      },
    },
  })
  return { open: delivery.open({ pipeline_version: 'v', config_offset: 0n }), produced }
}

const record = {} as SourceRecord
const range = {} as Range

it('sends at micro-batch borders and is delivered when all is durable', async () => {
  const { open, produced } = setUp(0)
  for (const item of ['a', '', 'b']) open.add(item, record)
  open.advance?.()
  open.add('c', record)
  expect(produced).toEqual([['a', 'b']])
  await open.deliver(range)
  expect(produced).toEqual([['a', 'b'], ['c']])
})

it('sends again only what failed, when it is asked again', async () => {
  const { open, produced } = setUp(3)
  open.add('a', record)
  open.advance?.()
  open.add('b', record)
  await expect(open.deliver(range)).rejects.toMatchObject({ code: 'LOG_FULL' })
  await open.deliver(range)
  await open.deliver(range)
  expect(produced.flat().toSorted()).toEqual(['a', 'b'])
})
