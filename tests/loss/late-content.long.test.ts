import { expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { createRandom } from '../../core/random.ts'
import { aChat, aPipeline, aRequest, ask, postTraces, temporaryDirectory, until } from '../e2e/a-pipeline.ts'
import { aLog, postLogs } from '../e2e/log-records.ts'
import { pidOf } from './load.ts'

const SEED = Number(process.env.EVALFORGE_TEST_SEED ?? 20_261_120)
const TRACES = 600
const KILLS = 8
const ROLES = ['process', 'store', 'ingest', 'process'] as const

it(`content from log records, through ${KILLS} kill -9: every span has all of it, once (seed ${SEED})`, async () => {
  using directory = temporaryDirectory()
  const config = { pipeline: { content_wait_ms: 500, trace_idle_ms: 3_000 } }
  await using pipeline = await aPipeline(directory, { config })
  const random = createRandom(SEED)
  const began = systemClock.now()

  /** As an exporter does it: again until it is acknowledged. */
  async function sent(post: () => Promise<number>): Promise<void> {
    while ((await post().catch(() => 503)) !== 200) await systemClock.sleep(200)
  }

  async function sendTrace(trace: number): Promise<void> {
    const at_ms = began + trace
    const asked = aLog({ trace, span: 1, name: 'gen_ai.user.message', content: `question ${trace}`, at_ms })
    const answered = aLog({ trace, span: 1, name: 'gen_ai.choice', content: `answer ${trace}`, at_ms: at_ms + 1 })
    const parts = [
      () => postLogs(pipeline, [asked]),
      () => postLogs(pipeline, [answered]),
      () => postTraces(pipeline, aRequest([aChat({ trace, span: 1, start_ms: at_ms })])),
    ]
    for (let left = parts.length; left > 0; left--) {
      await sent(parts.splice(random(left), 1)[0]!)
      await systemClock.sleep(random(400))
    }
  }

  const sending = Promise.all(
    Array.from({ length: TRACES }, async (_, trace) => {
      await systemClock.sleep((trace / TRACES) * 30_000)
      await sendTrace(trace + 1)
    }),
  )
  for (let kill = 0; kill < KILLS; kill++) {
    await systemClock.sleep(1_500 + random(2_500))
    process.kill(await pidOf(pipeline, ROLES[kill % ROLES.length]!), 'SIGKILL')
  }
  await sending
  const complete = async () => {
    const [row] = await ask<{ spans: string; whole: string }>(
      pipeline,
      `SELECT toString(count()) AS spans, toString(countIf(bitShiftRight(span.version, 48) = 3
         AND position(text.input_messages, concat('question ', toString(number), '"')) > 0
         AND position(text.output_messages, concat('answer ', toString(number), '"')) > 0)) AS whole
       FROM (SELECT *, reinterpretAsUInt64(reverse(unhex(trace_id))) AS number FROM spans) AS span
       INNER JOIN span_texts AS text ON span.trace_id = text.trace_id AND span.span_id = text.span_id`,
    )
    return row
  }
  await until('all content is joined', async () => Number((await complete())?.whole) === TRACES, 120_000)
  expect(await complete()).toEqual({ spans: String(TRACES), whole: String(TRACES) })
})
