import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { serialize } from 'node:v8'
import { MessageChannel } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Judge, Verdicts } from '../judge.ts'
import { createPatternSet } from '../pattern-set.ts'
import { spanInput } from '../span-texts.ts'
import { PASS } from '../verdicts.ts'
import { type CustomJudgeEntry, customJudgesConfig } from './custom-config.ts'
import { type CustomJudges, createCustomJudges, type DisabledJudge } from './custom-judges.ts'
import { createCustomJudgeLane, type LaneRequest, type ThreadAnswer } from './lane.ts'
import { serveCustomJudges } from './lane-thread.ts'
import { loadBundle } from './load-bundle.ts'

/** The entries that the product uses. */
const sandbox = new URL('../../app/processes/judge-sandbox.ts', import.meta.url)
const thread = new URL('../../app/processes/custom-judge-thread.ts', import.meta.url)
/** Far more than any answer takes here, so that only what never ends meets it. */
const PATIENT_MS = 10_000

let directory: string
let custom: CustomJudges | undefined
let failures: (DisabledJudge & { disabled: boolean })[]
const bundles = new Map<string, string>()

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-custom-judges-'))
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(async () => {
  await custom?.close()
  custom = undefined
})

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}

const entryOf = (fields: object): CustomJudgeEntry =>
  customJudgesConfig([]).parse([{ name: 'mine', time_limit_ms: PATIENT_MS, ...fields }])[0]!

const load = (fields: object) =>
  loadBundle(entryOf(fields), { sandbox, directory, resolvePath: resolve, clock: systemClock })

/** A judge that runs as in production, of a module with this text. */
async function running(fields: object): Promise<Judge> {
  const loaded = await load(fields)
  if (!loaded.ok) throw new Error(loaded.problem)
  bundles.set(loaded.sha256, loaded.text)
  failures = []
  custom = createCustomJudges({
    lane: createCustomJudgeLane({ thread, clock: systemClock }),
    bundleText: (sha256) => bundles.get(sha256) ?? null,
    onFailure: (failure, disabled) => void failures.push({ ...failure, disabled }),
  })
  const [judge] = custom.spanJudges([{ ...entryOf(fields), sha256: loaded.sha256 }])
  return judge!
}

async function runningText(text: string, fields: object = {}): Promise<Judge> {
  write({ 'mine.mjs': text })
  return running({ file: 'mine.mjs', ...fields })
}

function ask(judge: Judge, spans: readonly LlmSpan[]): readonly Verdicts[] {
  const patterns = createPatternSet([judge])
  const inputs = spans.map((span) => {
    const input = spanInput(span)
    const { hits, cut } = patterns.scan(input.texts, () => true)
    return { input, hits: hits[0]!, cut }
  })
  return judge.evaluate(inputs, new AbortController().signal) as readonly Verdicts[]
}

const says = (text: string) => aSpan({ output_messages: [aMessage('assistant', text)] })
const evaluating = (body: string, rest = '') =>
  `${rest}\nexport const judge = { version: '1', evaluate: (inputs) => inputs.map(({ input, hits }) => { ${body} }) }`
const errorsOf = (answers: readonly Verdicts[]) => answers.map((verdicts) => verdicts[0]!.error.split(':')[0])

describe('a custom judge', () => {
  it('judges a batch: passes, findings with their places, and what it does not apply to', async () => {
    const judge = await runningText(
      `
      export function createJudge({ word }) {
        return {
          name: 'calls itself something else',
          version: '2.1',
          labels: ['has_word'],
          patterns: [{ id: 'word', source: word, literals: [word], fields: ['output'] }],
          applies: ({ span }) => span.kind === 'llm',
          evaluate: (inputs) =>
            inputs.map(({ hits }) =>
              hits.map(({ path, start, end }) => ({ label: 'has_word', severity: 'high', evidence: [{ path, start, end }] }))),
        }
      }`,
      { config: { word: 'gratis' } },
    )
    const answers = ask(judge, [says('Nothing.'), says('😀 All gratis!'), aSpan({ kind: 'tool' })])
    expect(judge).toMatchObject({ name: 'mine', tier: 'rule', unit: 'span' })
    expect(judge.version).toMatch(/^2\.1\+[0-9a-f]{8}$/)
    expect(answers[0]).toBe(PASS)
    expect(answers[1]).toEqual([
      expect.objectContaining({
        label: 'has_word',
        severity: 'high',
        passed: false,
        score: 0.25,
        evidence: [{ path: 'output/0/0', start: 6, end: 12 }],
      }),
    ])
    expect(answers[2]).toEqual([])
  })

  it('loads TypeScript, CommonJS, JSON and packages, and promises are waited for', async () => {
    write({
      'all/judge.ts': `
        import { half } from './half.cjs'
        import limits from './limits.json' with { type: 'json' }
        import { word } from 'a-package/word'
        interface Found { readonly label: string; readonly explanation: string }
        export default {
          version: '1' as const,
          evaluate: async (inputs: readonly unknown[]): Promise<Found[][]> =>
            inputs.map(() => [{ label: 'found', explanation: \`\${word} \${half(limits.most)}\` }]),
        }`,
      'all/half.cjs': `const { other } = require('./other.cjs'); exports.half = (x) => x / other`,
      'all/other.cjs': 'exports.other = 2',
      'all/limits.json': '{"most": 84}',
      'node_modules/a-package/package.json': '{"name":"a-package","type":"module","exports":{"./word":"./word.js"}}',
      'node_modules/a-package/word.js': `export const word = 'half is'`,
    })
    const judge = await running({ file: 'all/judge.ts' })
    expect(ask(judge, [says('x')])[0]).toMatchObject([
      { label: 'found', explanation: 'half is 42', severity: 'medium' },
    ])
  })

  it('loads a package by its name, also one that is linked from elsewhere', async () => {
    write({
      'elsewhere/linked/package.json': '{"name":"linked","exports":{"import":"./index.mjs"}}',
      'elsewhere/linked/index.mjs': evaluating(`return [{ label: 'linked' }]`),
    })
    mkdirSync(join(directory, 'node_modules'), { recursive: true })
    symlinkSync(join(directory, 'elsewhere/linked'), join(directory, 'node_modules/linked'))
    expect(ask(await running({ package: 'linked' }), [says('x')])[0]).toMatchObject([{ label: 'linked' }])
  })

  it('has another hash when a file that it imports changes, and the same wherever it lies', async () => {
    const files = (prefix: string, word: string) => ({
      [`${prefix}/judge.mjs`]: evaluating('return [{ label: word }]', `import { word } from './word.mjs'`),
      [`${prefix}/word.mjs`]: `export const word = '${word}'`,
    })
    const hash = async (prefix: string) => {
      const loaded = await load({ file: `${prefix}/judge.mjs` })
      return loaded.ok ? loaded.sha256 : loaded.problem
    }
    write({ ...files('one', 'a'), ...files('deep/er/two', 'a'), ...files('three', 'b') })
    const first = await hash('one')
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await hash('deep/er/two')).toBe(first)
    expect(await hash('three')).not.toBe(first)
  })

  it('goes on with the code it was loaded from when its file is changed or gone', async () => {
    const judge = await runningText(evaluating(`return [{ label: 'before' }]`))
    write({ 'mine.mjs': evaluating(`return [{ label: 'after' }]`) })
    expect(ask(judge, [says('x')])[0]).toMatchObject([{ label: 'before' }])
  })

  it('keeps the trouble of one span to that span', async () => {
    const judge = await runningText(
      evaluating(`if (input.texts[0].text === 'poison') throw new RangeError('quotes it'); return [{ label: 'fine' }]`),
    )
    const answers = ask(judge, [says('a'), says('poison'), says('b')])
    expect(answers.map(([verdict]) => verdict!.label)).toEqual(['fine', '', 'fine'])
    expect(answers[1]![0]).toMatchObject({
      passed: null,
      error: 'CUSTOM_JUDGE_FAILED: the judge mine failed with RangeError.',
    })
    expect(failures).toEqual([])
  })
})

describe('a custom judge that misbehaves', () => {
  it('is ended at its time limit, started again, and disabled after three times in a row', async () => {
    const judge = await runningText(evaluating(`while (input.texts[0].text === 'loop'); return []`), {
      time_limit_ms: 300,
    })
    const asked = (text: string) => errorsOf(ask(judge, [says(text), says('fine')]))
    expect(asked('loop')).toEqual(['CUSTOM_JUDGE_TIMEOUT', 'CUSTOM_JUDGE_TIMEOUT'])
    expect(asked('loop')).toEqual(['CUSTOM_JUDGE_TIMEOUT', 'CUSTOM_JUDGE_TIMEOUT'])
    expect(judge.applies(spanInput(says('x')))).toBe(true)
    asked('loop')
    expect(judge.applies(spanInput(says('x')))).toBe(false)
    expect(failures.map(({ disabled }) => disabled)).toEqual([false, false, true])
    expect(custom!.disabled()).toMatchObject([{ name: 'mine', code: 'CUSTOM_JUDGE_TIMEOUT' }])
    custom!.renew([])
    expect(judge.applies(spanInput(says('x')))).toBe(true)
    expect(custom!.disabled()).toEqual([])
  })

  it('counts failures in a row only', async () => {
    const judge = await runningText(
      evaluating(`if (input.texts[0].text === 'grow') { const all = []; for (;;) all.push({ all }) } return []`),
      {
        memory_limit_mb: 16,
      },
    )
    for (let i = 0; i < 3; i++) {
      expect(errorsOf(ask(judge, [says('grow')]))).toEqual(['CUSTOM_JUDGE_FAILED'])
      expect(ask(judge, [says('fine')])[0]).toBe(PASS)
    }
    expect(failures).toHaveLength(3)
    expect(custom!.disabled()).toEqual([])
  })

  it.each([
    ['promises for ever', 'return new Promise(() => {})'],
    ['loops behind a promise', 'return Promise.resolve().then(() => { for (;;); })'],
    ['answers without end', `return [[{ label: 'x', explanation: 'x'.repeat(40 << 20) }]]`],
    ['ends its own process', 'return [].at.constructor.prototype.constructor("return this")().process.exit(0)'],
  ])('costs its batch an error and nothing else where it %s', async (_what, body) => {
    const judge = await runningText(`export const judge = { version: '1', evaluate: () => { ${body} } }`, {
      time_limit_ms: 1_000,
      memory_limit_mb: 256,
    })
    expect(errorsOf(ask(judge, [says('x')]))[0]).toMatch(/^CUSTOM_JUDGE_(?:TIMEOUT|FAILED)$/)
  })

  it('ends with whoever asked it, also in the middle of a loop', async () => {
    const judge = await runningText(evaluating('for (;;); return []'), { time_limit_ms: 300 })
    ask(judge, [says('x')])
    await custom!.close()
    custom = undefined
    const children = async () => {
      const { stdout } = await promisify(execFile)('ps', ['-eo', 'ppid,args'])
      return stdout
        .split('\n')
        .filter((line) => line.trim().startsWith(`${process.pid} `) && line.includes('evalforge-judge'))
    }
    // The system takes its time to end a process, on a busy machine.
    await vi.waitFor(async () => expect(await children()).toEqual([]), { timeout: 15_000, interval: 100 })
  })

  it('reaches nothing outside of itself', async () => {
    const wanted = [
      'node:fs',
      'fs/promises',
      'node:child_process',
      'node:net',
      'https',
      'dns',
      'node:worker_threads',
      'node:module',
      'node:process',
      'node:vm',
      'node:sqlite',
      './x.node',
      'https://example.com/x.js',
      'data:text/javascript,export default 1',
    ]
    write({
      'x.node': 'no library',
      'mine.mjs': `
        const tried = await Promise.allSettled(${JSON.stringify(wanted)}.map((name) => import(name)))
        const reached = tried.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
        const found = [Object.keys(process.env).length, typeof process.kill, typeof process.getBuiltinModule, typeof fetch, typeof WebSocket]
        export const judge = { version: '1', description: JSON.stringify({ reached, found }), evaluate: () => [] }`,
    })
    const loaded = await load({ file: 'mine.mjs' })
    const nothing = { reached: [], found: [0, 'undefined', 'undefined', 'undefined', 'undefined'] }
    expect(loaded.ok ? JSON.parse(loaded.bundle.manifest.description) : loaded.problem).toEqual(nothing)
  })

  it('says which import it may not have', async () => {
    write({ 'mine.mjs': evaluating('return []', `import { readFileSync } from 'node:fs'`) })
    expect(await load({ file: 'mine.mjs' })).toEqual({
      ok: false,
      problem: 'mine.mjs: node:fs: this module of Node is not available to a judge.',
    })
  })

  it('cannot import anything later that it did not import when it was loaded', async () => {
    const judge = await runningText(
      `export const judge = { version: '1', evaluate: (inputs) => Promise.all(inputs.map(async () => {
         const tried = await Promise.allSettled([import('node:fs'), import('./later.mjs'), import('/etc/hostname')])
         return [{ label: 'tried', explanation: tried.map(({ status }) => status).join(' ') }]
       })) }`,
    )
    write({ 'later.mjs': 'export default 1' })
    expect(ask(judge, [says('x')])[0]![0]!.explanation).toBe('rejected rejected rejected')
  })

  it('cannot reach Node through the loader of CommonJS', async () => {
    write({
      'reach.cjs': `
        const Module = module.constructor
        const tries = {
          load: () => Module._load('node:child_process'),
          require: () => require('fs'),
          hooks: () => Module.registerHooks({ resolve: () => ({ url: 'node:net', shortCircuit: true }) }),
          create: () => Module.createRequire('/x.js')('net'),
        }
        const outcome = (run) => { try { run(); return 'in' } catch { return 'out' } }
        exports.judge = { version: '1', evaluate: (inputs) => inputs.map(() =>
          [{ label: 'tried', explanation: Object.values(tries).map(outcome).join(' ') }]) }`,
    })
    const judge = await running({ file: 'reach.cjs' })
    expect(ask(judge, [says('x')])[0]![0]!.explanation).toBe('out out out out')
  })
})

describe('a custom judge without work', () => {
  it('is ended and forgotten, and comes back when it is asked again', async () => {
    write({ 'mine.mjs': evaluating('return []') })
    const loaded = await load({ file: 'mine.mjs' })
    if (!loaded.ok) throw new Error(loaded.problem)
    const { port1, port2 } = new MessageChannel()
    serveCustomJudges({ port: port2, answered: new SharedArrayBuffer(4), sandbox, clock: systemClock, idle_ms: 50 })
    const judge = { id: 'a', bundle: loaded.text, config: {}, time_limit_ms: PATIENT_MS, memory_limit_mb: 64 }
    const body = serialize({ spans: [{ span: says('x'), hits: [], cut: false }] })
    const ask = async (seq: number) => {
      port1.postMessage({ kind: 'ask', id: 'a', seq, body } satisfies LaneRequest)
      const [{ answer }] = (await once(port1, 'message')) as [{ answer: ThreadAnswer }]
      return answer
    }
    port1.postMessage({ kind: 'open', judge } satisfies LaneRequest)
    let seq = 0
    await vi.waitFor(async () => expect(await ask(seq++)).toEqual({ ok: false, kind: 'unknown' }), {
      timeout: 15_000,
      interval: 200,
    })
    port1.postMessage({ kind: 'open', judge } satisfies LaneRequest)
    expect(await ask(seq)).toMatchObject({ ok: true })
    port1.postMessage({ kind: 'close' } satisfies LaneRequest)
  })
})

describe('a custom judge of whole traces', () => {
  it('sees all spans of a trace', async () => {
    await runningText(`export const judge = { version: '1', unit: 'trace', evaluate: (inputs) =>
      inputs.map(({ input }) => input.spans.length > 1 ? [{ label: 'long', explanation: String(input.spans.length) }] : []) }`)
    const [sha256] = [...bundles.keys()].slice(-1)
    const entries = [{ ...entryOf({ file: 'mine.mjs' }), sha256: sha256! }]
    const [judge] = custom!.traceJudges(entries)
    expect(custom!.spanJudges(entries)).toEqual([])
    const trace = (count: number) => ({
      input: { project: 'a', trace_id: 'b', spans: Array(count).fill(says('x')), span_count: count, cut: false },
      hits: [],
      cut: false,
    })
    const answers = judge!.evaluate([trace(1), trace(3)], new AbortController().signal)
    expect(answers).toMatchObject([[{ passed: true }], [{ label: 'long', explanation: '3' }]])
    expect(judge).toMatchObject({ unit: 'trace', wants: { traces: 'all' } })
  })
})

describe('loading a custom judge', () => {
  it('says what is wrong with it', async () => {
    const wrong: readonly (readonly [fields: object, text: string, problem: RegExp])[] = [
      [{ file: 'missing.mjs' }, '', /Cannot find module|cannot find/i],
      [{ package: 'no-such-package' }, '', /Cannot find package/i],
      [{}, 'export const = 1', /SyntaxError/],
      [{}, 'export const x = 1', /exports no judge/],
      [{}, 'export const judge = { evaluate() {} }', /no `version`/],
      [{}, `export const judge = { version: '1' }`, /no function `evaluate`/],
      [{}, `export const judge = { version: '1', tier: 'llm', evaluate() {} }`, /tier `rule`/],
      [{ config: { a: 1 } }, `export const judge = { version: '1', evaluate() {} }`, /takes no `config`/],
      [
        {},
        `export const judge = { version: '1', patterns: [{ id: 'p', source: '(?=x)', fields: ['output'] }], evaluate() {} }`,
        /patterns\.0\.source: is not an RE2/,
      ],
      [{}, `throw new Error('not today')`, /not today/],
    ]
    const problems = await Promise.all(
      wrong.map(async ([fields, text], index) => {
        if (text === '') return load(fields)
        write({ [`wrong-${index}.mjs`]: text })
        return load({ file: `wrong-${index}.mjs`, ...fields })
      }),
    )
    for (const [index, loaded] of problems.entries()) expect(loaded.ok ? '' : loaded.problem).toMatch(wrong[index]![2])
  })
})
