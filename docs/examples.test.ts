import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read as readTraces } from '../collectors/rest/rest.samples.ts'
import { createMockLlm } from '../examples/mock-llm.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const folders = ['typescript', 'python'].flatMap((language) =>
  readdirSync(join(ROOT, 'examples', language)).map((name) => `${language}/${name}`),
)
const blocksOf = (page: string, language: string) =>
  [...read(page).matchAll(new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(([, text]) => text!)

/** `name version` of everything a folder installs. */
function pinned(folder: string): readonly (readonly [name: string, version: string])[] {
  const [manifest, list] = ['package.json', 'requirements.txt'].map((name) => `examples/${folder}/${name}`)
  if (existsSync(join(ROOT, manifest!))) return Object.entries<string>(JSON.parse(read(manifest!)).dependencies)
  if (!existsSync(join(ROOT, list!))) return []
  const lines = read(list!).split('\n')
  return lines.filter((line) => /^\w/.test(line)).map((line) => line.split('==') as [string, string])
}

describe('examples', () => {
  it.each(folders)('%s pins what it installs, and the page names it as it is pinned', (folder) => {
    const page = read('examples/README.md')
    const row = page.split('\n').find((line) => line.includes(`](${folder}/app.`))
    expect(row).toBeDefined()
    for (const [, version] of pinned(folder)) expect(version).toMatch(/^\d+(\.\w+)+$/)
    const versions = new Set(pinned(folder).map(([name, version]) => `${name.replace(/\[.*/, '')} ${version}`))
    const named = row!.match(/[@\w/-]+ \d+(\.\w+)+/g) ?? []
    // pydantic-ai brings its openai itself.
    expect(named.filter((one) => !versions.has(one) && one !== 'openai 3.52.0')).toEqual([])
  })

  it('the program of the README is the one that was run', () => {
    const [program] = blocksOf('README.md', 'js').filter((text) => text.includes('openinference'))
    expect(program!.replace(/^\/\/ .*\n/, '').trim()).toBe(read('examples/typescript/openinference/app.mjs').trim())
  })
})

describe('rest.md', () => {
  it('shows a trace that is taken', () => {
    const [trace] = blocksOf('docs/rest.md', 'json')
    const { report, spans } = readTraces('trace', JSON.parse(trace!))
    expect(report.rejected).toEqual([])
    expect(spans).toHaveLength(3)
  })

  it('shows the answer that such problems get', () => {
    const shown = JSON.parse(blocksOf('docs/rest.md', 'json')[1]!)
    const trace = { spans: [{ usage: { input_tokens: -1 } }], sessionId: 'a' }
    const { report, refused } = readTraces('trace', trace)
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
    expect(shown.errors.toSorted(byPath)).toEqual(report.rejected[0]!.errors.toSorted(byPath))
    expect(shown.detail).toContain(refused)
  })
})

describe('the stand-in for OpenAI', () => {
  async function ask(body: object, path = 'chat/completions'): Promise<Response> {
    const server = createMockLlm().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/${path}`, { method: 'POST', body: JSON.stringify(body) })
      return new Response(await answer.text(), { status: answer.status })
    } finally {
      server.close()
    }
  }

  const askJson = async (body: object, path?: string) => JSON.parse(await (await ask(body, path)).text())

  it('cuts its story where it is told to', async () => {
    const answer = await askJson({ model: 'gpt-4o-mini', max_tokens: 3, messages: [] })
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Once upon a' }, finish_reason: 'length' })
    expect(answer.usage.completion_tokens).toBe(3)
  })

  it('streams the same', async () => {
    const text = await (
      await ask({ stream: true, max_tokens: 2, messages: [], stream_options: { include_usage: true } })
    ).text()
    const events = text
      .split('\n\n')
      .filter(Boolean)
      .map((line) => line.replace('data: ', ''))
    expect(events.at(-1)).toBe('[DONE]')
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
    expect(
      chunks
        .flatMap(({ choices }) => choices.map((choice: { delta: { content?: string } }) => choice.delta.content ?? ''))
        .join(''),
    ).toBe('Once upon')
    expect(chunks.at(-1).usage.completion_tokens).toBe(2)
  })

  it('calls a tool once, with arguments that fit', async () => {
    const tools = [
      {
        function: {
          name: 'weather',
          parameters: { properties: { city: { type: 'string' }, days: { type: 'integer' } } },
        },
      },
    ]
    const first = await askJson({ tools, messages: [{ role: 'user', content: 'hi' }] })
    const [call] = first.choices[0].message.tool_calls
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Paris', days: 1 })
    const second = await askJson({ tools, messages: [{ role: 'tool', content: 'rain' }] })
    expect(second.choices[0].finish_reason).toBe('stop')
  })

  it('knows embeddings, and no more', async () => {
    expect((await askJson({ model: 'e' }, 'embeddings')).data).toHaveLength(1)
    expect((await ask({}, 'images')).status).toBe(404)
  })
})
