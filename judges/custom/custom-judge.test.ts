import { deserialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import type { Judge, Verdicts } from '../judge.ts'
import { spanInput } from '../span-texts.ts'
import { PASS } from '../verdicts.ts'
import { type Bundle, bundleSha256, bundleText } from './bundle.ts'
import { customJudgesConfig } from './custom-config.ts'
import { MAX_BATCH_SPANS } from './custom-judge.ts'
import { createCustomJudges, type DisabledJudge, MAX_STRIKES } from './custom-judges.ts'
import type { CustomJudgeLane, LaneAnswer } from './lane.ts'
import type { SandboxBatch } from './sandbox-messages.ts'

const manifest = { version: '3', unit: 'span', description: '', labels: null, patterns: [] } as const
const bundle = {
  entry: 'file:///judge/x.mjs',
  modules: [],
  imports: [],
  manifest: { ...manifest, patterns: [] },
} as Bundle
const text = bundleText(bundle)
const sha256 = bundleSha256(text)

const answerOf = (answers: unknown): LaneAnswer => ({ ok: true, body: Buffer.from(JSON.stringify(answers)) })
const tooSlow: LaneAnswer = { ok: false, kind: 'timeout', problem: 'no answer within 250 ms' }

/** A judge whose process answers as told; `batches` are the numbers of spans it was asked about. */
function judging(answer: (spans: number) => LaneAnswer, fields: object = {}) {
  const batches: number[] = []
  const failures: (DisabledJudge & { disabled: boolean })[] = []
  const lane: CustomJudgeLane = {
    open() {},
    ask(_judge, body) {
      const { spans } = deserialize(body) as SandboxBatch
      batches.push(spans!.length)
      return answer(spans!.length)
    },
    close: async () => {},
  }
  const custom = createCustomJudges({
    lane,
    bundleText: (asked) => (asked === sha256 ? text : null),
    onFailure: (failure, disabled) => void failures.push({ ...failure, disabled }),
  })
  const entries = customJudgesConfig([]).parse([{ name: 'mine', file: 'x.mjs', sha256, ...fields }])
  return { custom, entries, batches, failures, judge: custom.spanJudges(entries)[0] as Judge }
}

const inputs = (count: number, length = 5) =>
  Array.from({ length: count }, () => ({
    input: spanInput(aSpan({ output_messages: [aMessage('assistant', 'x'.repeat(length))] })),
    hits: [],
    cut: false,
  }))
const signal = new AbortController().signal

describe('createCustomJudge', () => {
  it('asks about few spans and few characters at a time, and keeps the order', () => {
    const { judge, batches } = judging((spans) =>
      answerOf(Array.from({ length: spans }, (_, i) => [{ label: `n${i}` }])),
    )
    const answers = judge.evaluate(inputs(MAX_BATCH_SPANS + 3), signal)
    expect(batches).toEqual([MAX_BATCH_SPANS, 3])
    expect(answers).toMatchObject([...Array(MAX_BATCH_SPANS).keys(), 0, 1, 2].map((i) => [{ label: `n${i}` }]))
    judge.evaluate(inputs(3, 3 << 20), signal)
    expect(batches.slice(2)).toEqual([1, 1, 1])
  })

  it.each([
    ['too slow', tooSlow, /^CUSTOM_JUDGE_TIMEOUT: the judge mine: no answer within 250 ms\.$/],
    ['gone', { ok: false, kind: 'ended', problem: 'its process ended (SIGABRT)' }, /^CUSTOM_JUDGE_FAILED: .*SIGABRT/],
    ['short of an answer', answerOf([0]), /^CUSTOM_JUDGE_FAILED: .*one answer per input/],
    ['no list', answerOf({ length: 2 }), /^CUSTOM_JUDGE_FAILED/],
    ['no JSON', { ok: true, body: Buffer.from('{') }, /^CUSTOM_JUDGE_FAILED/],
  ] satisfies [string, LaneAnswer, RegExp][])(
    'gives every span an error verdict where its process is %s',
    (_what, answer, error) => {
      const { judge, failures } = judging(() => answer)
      const answers = judge.evaluate(inputs(2), signal)
      expect(answers).toMatchObject(Array(2).fill([{ passed: null, score: null, error: expect.stringMatching(error) }]))
      expect(failures).toMatchObject([{ name: 'mine', disabled: false }])
    },
  )

  it('is disabled after failures in a row, all that share its code with it, until the configuration changes', () => {
    const answers: LaneAnswer[] = [tooSlow, tooSlow, answerOf([0]), tooSlow, tooSlow, tooSlow]
    const { judge, custom, entries, failures } = judging(() => answers.shift() ?? answerOf([0]))
    const [twin] = custom.spanJudges(entries)
    for (let i = 0; i < 5; i++) judge.evaluate(inputs(1), signal)
    expect(judge.applies(inputs(1)[0]!.input)).toBe(true)
    twin!.evaluate(inputs(1), signal)
    expect([judge, twin!].map((one) => one.applies(inputs(1)[0]!.input))).toEqual([false, false])
    expect(failures.filter(({ disabled }) => disabled)).toHaveLength(1)
    expect(custom.disabled()).toMatchObject([{ name: 'mine', code: 'CUSTOM_JUDGE_TIMEOUT' }])
    custom.renew(entries)
    expect(judge.evaluate(inputs(1), signal)).toEqual([PASS])
    expect(custom.disabled()).toEqual([])
  })

  it('asks no more about a batch once it is disabled in the middle of it', () => {
    const { judge, batches } = judging(() => tooSlow)
    const answers = judge.evaluate(inputs(MAX_BATCH_SPANS * 6), signal)
    expect(batches).toHaveLength(MAX_STRIKES)
    expect(answers).toHaveLength(MAX_BATCH_SPANS * 6)
    expect((answers as readonly Verdicts[]).every(([verdict]) => verdict!.error !== '')).toBe(true)
  })

  it('changes its version with its code, its configuration and where it looks', () => {
    const version = (fields: object) => judging(() => tooSlow, fields).judge.version
    expect(version({})).toMatch(/^3\+/)
    expect(version({ time_limit_ms: 99 })).toBe(version({}))
    expect(new Set([version({}), version({ config: { a: 1 } }), version({ where: { kinds: ['llm'] } })]).size).toBe(3)
  })

  it('is told and left out where its code is gone', () => {
    const { judge, custom, entries, failures } = judging(() => tooSlow, { sha256: 'f'.repeat(64) })
    expect(judge).toBeUndefined()
    custom.renew(entries)
    expect(custom.disabled()).toMatchObject([{ name: 'mine', code: 'CUSTOM_JUDGE_UNAVAILABLE' }])
    expect(failures).toMatchObject([{ disabled: true }])
  })
})

describe('customJudgesConfig', () => {
  it.each([
    [[{ name: 'pii', file: 'x' }], /name of a judge that is shipped/],
    [
      [
        { name: 'a', file: 'x' },
        { name: 'a', file: 'y' },
      ],
      /stands twice/,
    ],
    [[{ name: 'a' }], /either `file` or `package`/],
    [[{ name: 'a', file: 'x', package: 'y' }], /either `file` or `package`/],
    [[{ name: 'A b', file: 'x' }], /small letters/],
    [[{ name: 'a', package: '../x' }], /name of a package/],
    [[{ name: 'a', file: 'x', config: { x: 'y'.repeat(70_000) } }], /64 KiB/],
  ])('refuses %j', (entries, message) => {
    const { error } = customJudgesConfig(['pii']).safeParse(entries)
    expect(error?.issues.map((issue) => issue.message).join()).toMatch(message)
  })
})
