import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { DIALECTS } from './dialects/dialects.ts'
import { FRAMEWORK_FIELDS } from './dialects/generic.ts'
import { anEvent, aRequest, aSpan, normalized, type Plain, rowOf, START } from './testing/builders.ts'

const json = JSON.stringify
/** Some 100 ms each on a quiet machine; anything that looks at every place from every other takes minutes. */
const LONG_MS = 10_000

function timed<T>(work: () => T): T {
  const begun = performance.now()
  const result = work()
  expect(performance.now() - begun).toBeLessThan(LONG_MS)
  return result
}

const tables = [...DIALECTS.map(({ fields }) => fields), FRAMEWORK_FIELDS]
const KNOWN = [
  ...new Set(
    tables
      .flatMap((table) => Object.values(table).flat())
      .map((entry) => (typeof entry === 'string' ? entry : entry[1])),
  ),
].map((name) => name.replace('<i>', '0.message.content'))

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      '{}',
      '[]',
      'null',
      '"',
      '{"a":',
      "{'a': (1,)}",
      '[{"role":"user","content":[{"type":"image"}]}]',
      '\ud800',
      '"\\ud800"',
      'NaN',
      '-1',
      '9'.repeat(40),
    ),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('role', 'type', 'usage', 'value', 'content', '__proto__', 'input_tokens'),
          tie('value'),
        ),
        { maxLength: 4 },
      )
      .map((pairs) => new Map(pairs as [string, AttributeValue][])),
  ),
})) as { value: fc.Arbitrary<AttributeValue> }

describe('hostile spans', () => {
  it('makes a row of any value of any type under any name that the tables know', () => {
    const known = fc.array(fc.tuple(fc.constantFrom(...KNOWN), value), { maxLength: 12 })
    const scopes = fc.constantFrom(
      '',
      'ai',
      'langfuse-sdk',
      'livekit-agents',
      'logfire.openai',
      'codex_cli_rs',
      'genkit-tracer',
    )
    const names = fc.constantFrom('span', 'claude_code.tool', 'invoke_agent ', 'tools/call x', '')
    fc.assert(
      fc.property(known, scopes, names, (pairs, scope, name) => {
        const { spans, failures } = normalized(aRequest([aSpan({}, { name, attributes: new Map(pairs) })], scope))
        expect(failures.map(({ cause }) => cause)).toEqual([])
        for (const { reported_evaluations } of spans)
          for (const { verdicts } of reported_evaluations)
            for (const { score } of verdicts) expect(score === null || (score >= 0 && score <= 1)).toBe(true)
      }),
      { numRuns: 600 },
    )
  })

  it('reads 3,000 calls of tools in every form', () => {
    const calls = Array.from({ length: 3_000 }, (_, i) => ({
      id: `c${i}`,
      type: 'function',
      function: { name: 'f', arguments: `{"i":${i}}` },
    }))
    const flat: Record<string, Plain> = {
      'openinference.span.kind': 'LLM',
      'llm.output_messages.0.message.role': 'assistant',
    }
    for (const [i, call] of calls.entries()) {
      const prefix = `llm.output_messages.0.message.tool_calls.${i}.tool_call`
      flat[`${prefix}.id`] = call.id
      flat[`${prefix}.function.name`] = 'f'
    }
    const forms = [
      rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.completion': json([{ role: 'assistant', tool_calls: calls }]) }),
      rowOf(
        { 'gen_ai.operation.name': 'chat' },
        { events: [anEvent('gen_ai.choice', { message: json({ role: 'assistant', tool_calls: calls }) })] },
      ),
      rowOf({
        'gen_ai.operation.name': 'chat',
        'gen_ai.output.messages': json([
          { role: 'assistant', parts: calls.map(({ id }) => ({ type: 'tool_call', id, name: 'f' })) },
        ]),
      }),
      rowOf(flat),
    ]
    for (const { output_messages } of forms) {
      const parts = output_messages.flatMap((message) => message.parts)
      expect(parts.filter(({ type, name }) => type === 'tool_call' && name === 'f')).toHaveLength(3_000)
      expect(parts.at(-1)?.id).toBe('c2999')
    }
  })

  it('reads attributes of 10 MB, whatever they hold, in time that grows with their length', () => {
    const size = 10_000_000
    const text = 'word '.repeat(size / 5)
    const attributes: readonly (readonly [string, Plain])[] = [
      ['gen_ai.input.messages', text],
      ['gen_ai.input.messages', json([{ role: 'user', parts: [{ type: 'text', content: text }] }])],
      ['gen_ai.input.messages', `[${'{"role":"user","content":"x"},'.repeat(size / 30)}1]`],
      ['gen_ai.prompt', `{'${'\\'.repeat(size)}`],
      ['gen_ai.prompt', `["${'\n'.repeat(size)}`],
      ['input.value', Buffer.alloc(size, 0xff)],
      ['acme.prompt', text],
      [`acme.${'a'.repeat(1_000_000)}.prompt`, 'x'],
      ['custom', `data:image/png;base64,${'A'.repeat(size)}`],
    ]
    for (const [name, held] of attributes) {
      const row = timed(() => rowOf({ 'gen_ai.operation.name': 'chat', [name]: held }))
      expect(row.kind, name.slice(0, 30)).toBe('llm')
    }
  })

  it('reads 30,000 attributes of one family, and 30,000 of names it never saw', () => {
    const flood = (nameOf: (i: number) => string) => {
      const pairs = Array.from({ length: 30_000 }, (_, i) => [nameOf(i), 'x'] as const)
      return timed(() => rowOf(Object.fromEntries(pairs)))
    }
    expect(flood((i) => `llm.input_messages.${i}.message.content`).input_messages.length).toBeGreaterThan(1_000)
    expect(flood((i) => `acme${i}.prompt`).input_messages).toHaveLength(1)
    expect(flood((i) => `gen_ai.prompt.${i * 10_000}.${'a.'.repeat(20)}content`).kind).toBe('other')
  })

  it('writes halves of characters as every encoder would', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","content":"a\\ud800b\\uDC00"}]',
    })
    expect(row.input_messages[0]?.parts[0]?.content).toBe('a\ufffdb\ufffd')
    const whole = rowOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","content":"\\ud83d\\udc4b"}]',
    })
    expect(whole.input_messages[0]?.parts[0]?.content).toBe('👋')
  })

  it('gives every span its row: its own parent, the id of another, a clock of 1970 or 2100', () => {
    const year2100 = 4_102_444_800_000_000_000n
    const spans = [
      aSpan({}, { span_id: 'a'.repeat(16), parent_span_id: 'a'.repeat(16) }),
      aSpan({}, { span_id: 'b'.repeat(16), parent_span_id: 'c'.repeat(16) }),
      aSpan({}, { span_id: 'c'.repeat(16), parent_span_id: 'b'.repeat(16) }),
      aSpan({ 'gen_ai.prompt': 'other content' }, { span_id: 'b'.repeat(16) }),
      aSpan({}, { start_time_unix_nano: 1n, end_time_unix_nano: 2n }),
      aSpan({}, { start_time_unix_nano: year2100, end_time_unix_nano: year2100 + 1n }),
      aSpan({}, { start_time_unix_nano: (1n << 64n) - 1n, end_time_unix_nano: 1n }),
      aSpan(
        { 'langfuse.observation.completion_start_time': '1970-01-01T00:00:00Z' },
        {
          start_time_unix_nano: START,
          events: [{ name: 'gen_ai.content.completion.chunk', time_unix_nano: 5n, attributes: new Map() }],
        },
      ),
    ]
    const read = normalized(aRequest(spans))
    expect(read.failures).toEqual([])
    expect(read.spans).toHaveLength(spans.length)
    for (const { start_time, end_time, time_to_first_token_ms } of read.spans) {
      expect(end_time >= start_time).toBe(true)
      expect(time_to_first_token_ms).toBeNull()
    }
  })
})
