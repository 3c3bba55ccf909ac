import { describe, expect, it } from 'vitest'
import { withoutInlinedMedia } from './media.ts'
import { lines, rowOf } from './testing/builders.ts'

describe('media', () => {
  const png = `data:image/png;base64,${Buffer.alloc(3_000, 7).toString('base64')}`

  it('never keeps inlined bytes, wherever they stand', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify([
        { role: 'user', content: [{ type: 'image_url', image_url: { url: png } }] },
        { role: 'user', parts: [{ type: 'blob', modality: 'image', mime_type: 'image/png', content: png.slice(22) }] },
        { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: png.slice(22) } }] },
        { role: 'user', content: [{ type: 'unheard_of', payload: png }] },
        { role: 'user', content: `look at ${png}` },
      ]),
      'custom.image': png,
    })
    const everything = JSON.stringify([row.input_messages, [...row.attributes]])
    expect(everything).not.toContain('BwcHBwcH')
    expect(everything.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(6)
    expect(row.input_messages.slice(0, 3).map(({ parts }) => parts[0]?.mime_type)).toEqual([
      'image/png',
      'image/png',
      'image/png',
    ])
  })

  it('keeps URLs, file ids and Langfuse references', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': JSON.stringify([
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'https://example.com/a.png' },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'uri', modality: 'audio', uri: 's3://bucket/a.wav' },
            { type: 'image_url', image_url: { url: '@@@langfuseMedia:type=image/png|id=x|source=y@@@' } },
          ],
        },
      ]),
    })
    expect(lines(row.input_messages)).toEqual([
      'user: media image https://example.com/a.png | media file file-1 | media audio s3://bucket/a.wav | media image/png @@@langfuseMedia:type=image/png|id=x|source=y@@@',
    ])
  })

  it.each([
    [
      'two in one text',
      'a data:image/png;base64,AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH b data:audio/wav;charset=x;base64,AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH.',
      /^a sha256:[0-9a-f]{64};image\/png b sha256:[0-9a-f]{64};audio\/wav\.$/,
    ],
    ['without a type', 'data:;base64,AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH', /^sha256:[0-9a-f]{64};$/],
    ['too short to matter', 'data:image/png;base64,AAAA', /^data:image\/png;base64,AAAA$/],
    ['no data URI', 'the word ;base64,AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH', /^the word ;base64,/],
  ])('replaces data URIs in texts: %s', (_, text, expected) => {
    expect(withoutInlinedMedia(text)).toMatch(expected)
  })
})
