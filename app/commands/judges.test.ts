import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { list, show, type TestFlags, test as tryText } from './judges.ts'

let directory: string
const context = () => ({ file: { path: join(directory, 'evalforge.yaml'), required: true }, overrides: {} })
const FLAGS = { project: '', json: false }
const TEST: TestFlags = { ...FLAGS, field: 'output', exitCode: false }

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evalforge-judges-command-'))
  writeFileSync(
    join(directory, 'evalforge.yaml'),
    `judges:
  refusal: { enabled: false }
  patterns: [{ name: ticket, label: internal_id, source: 'TCK-\\d+', explanation: Ours. }]
projects: { shop: { judges: { refusal: { enabled: true } } } }`,
  )
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(directory, { recursive: true })
})
const printed = () => vi.mocked(console.log).mock.calls.flatMap(([text]) => String(text).split('\n'))

describe('judges list', () => {
  it('says of every judge whether it is on, where it comes from, and its labels', async () => {
    await list(context(), FLAGS)
    expect(printed().find((line) => line.startsWith('refusal'))).toMatch(
      /^refusal +off +span +rule +shipped +\S+ +refusal /,
    )
    expect(printed().at(-1)).toMatch(/^custom_patterns +on +span +rule +patterns +\S+ +internal_id$/)
  })

  it('shows the judges of a project, and JSON', async () => {
    await list(context(), { project: 'shop', json: true })
    const refusal = printed()
      .map((line) => JSON.parse(line) as { name: string; enabled: boolean })
      .find(({ name }) => name === 'refusal')
    expect(refusal).toMatchObject({ enabled: true, source: 'shipped', labels: expect.arrayContaining(['refusal']) })
  })
})

describe('judges show', () => {
  it('tells what it finds, its settings, its cost and examples', async () => {
    await show(context(), { ...FLAGS, name: 'pii' })
    const text = printed().join('\n')
    for (const expected of [
      /^finds +e-mail/m,
      /^cost +[\d.]+ µs/m,
      /^ {2}min_confidence: 0\.5$/m,
      /^ {2}email: /m,
      /^ {2}passes: /m,
    ])
      expect(text).toMatch(expected)
  })

  it('names the judges there are where it knows none of this name', async () => {
    await expect(show(context(), { ...FLAGS, name: 'profanity' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringContaining('no judge profanity: output_format, '),
    })
  })
})

describe('judges test', () => {
  it('shows the verdict and the place in the text, marked', async () => {
    await tryText(context(), { ...TEST, name: 'custom_patterns', text: '😀 See TCK-77 for more.' })
    expect(printed()).toEqual([
      expect.stringMatching(/^custom_patterns {2}FAILED internal_id, medium, score 0\.5 {2}[\d.]+ µs$/),
      '  Ours.',
      '  output/0/0 6-12: 😀 See »TCK-77« for more.',
    ])
    expect(process.exitCode).toBeUndefined()
  })

  it('shows what a terminal would obey instead of letting it', async () => {
    await tryText(context(), { ...TEST, name: 'custom_patterns', text: '\u001b[2J TCK-77' })
    expect(printed().join('')).toContain('\\u001b[2J »TCK-77«')
  })

  it('tries all that are on, reads files, and tells by its exit code', async () => {
    writeFileSync(join(directory, 'answer.txt'), "I'm sorry, but I can't help with that. TCK-1")
    const file = join(directory, 'answer.txt')
    await tryText(context(), { ...TEST, name: '', file, exitCode: true })
    expect(printed().some((line) => line.startsWith('refusal'))).toBe(false)
    expect(process.exitCode).toBe(2)
    vi.mocked(console.log).mockClear()
    await tryText(context(), { ...TEST, name: 'refusal', file, json: true })
    expect(JSON.parse(printed()[0]!)).toMatchObject({
      judge: 'refusal',
      verdicts: [{ label: 'refusal', passed: false }],
    })
  })

  it('takes a span as JSON', async () => {
    await tryText(context(), {
      ...TEST,
      name: 'pii',
      span: '{"name": "x", "output": "ada.okafor@northwind-freight.com"}',
    })
    expect(printed()[0]).toMatch(/^pii {2}FAILED email/)
  })

  it.each([
    [{ text: 'a', file: 'b' }, /one of --text, --file and --span/],
    [{ file: '/no/such/file' }, /cannot be read \(ENOENT\)/],
    [{ span: '{"a":' }, /no JSON/],
  ])('refuses %j', async (flags, message) => {
    await expect(tryText(context(), { ...TEST, name: 'pii', ...flags })).rejects.toThrow(message)
  })
})
