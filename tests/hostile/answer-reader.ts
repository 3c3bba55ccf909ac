/** One answer of HTTP/1.1; those of status 1xx are passed over. */
export interface HttpAnswer {
  readonly status: number
  /** Status line and headers as sent. */
  readonly head: string
  readonly body: Buffer
  /** The other side takes nothing more on this connection. */
  readonly last: boolean
}

export interface AnswerReader {
  /** Takes what arrived and hands over each answer as soon as it is complete. Throws where it is no HTTP. */
  push(chunk: Buffer, take: (answer: HttpAnswer) => void): void
  /** The connection is closed: an answer that ends with it. */
  end(): HttpAnswer | null
}

const HEAD_END = Buffer.from('\r\n\r\n')
const MAX_HELD = 64 << 20

interface Head {
  readonly status: number
  readonly text: string
  readonly from: number
}

/** `nextMethod`: of the request that the next answer belongs to; an answer to HEAD has no body. */
export function createAnswerReader(nextMethod: () => string | undefined): AnswerReader {
  let held: Buffer = Buffer.alloc(0)

  function readHead(): Head | null {
    const end = held.indexOf(HEAD_END)
    if (end < 0) return null
    const text = held.toString('latin1', 0, end)
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? Number.NaN)
    if (Number.isNaN(status)) throw new Error('this is no answer of HTTP/1.1')
    return { status, text, from: end + HEAD_END.length }
  }

  function readOne(): HttpAnswer | null {
    const head = readHead()
    if (head === null) return null
    if (head.status < 200) {
      held = held.subarray(head.from)
      return readOne()
    }
    const body = bodyOf(head)
    if (body === null) return null
    held = held.subarray(body.end)
    return answerOf(head, body.bytes)
  }

  function bodyOf({ status, text, from }: Head): { bytes: Buffer; end: number } | null {
    if (nextMethod() === 'HEAD' || status === 204 || status === 304) return { bytes: Buffer.alloc(0), end: from }
    if (/\r\ntransfer-encoding: *chunked/i.test(text)) return readChunks(held, from)
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
    if (length === undefined) return null
    const end = from + Number(length)
    return held.length < end ? null : { bytes: held.subarray(from, end), end }
  }

  return {
    push(chunk, take) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      if (held.length > MAX_HELD) throw new Error('the answer is larger than any answer should be')
      // The next method is asked for only when the answer before it was taken.
      for (let answer = readOne(); answer !== null; answer = readOne()) take(answer)
    },
    end() {
      const head = isHttp(held) ? readHead() : null
      return head === null || /\r\ncontent-length:/i.test(head.text) ? null : answerOf(head, held.subarray(head.from))
    },
  }
}

function answerOf({ status, text }: Head, body: Buffer): HttpAnswer {
  return { status, head: text, body, last: /\r\nconnection: *close/i.test(text) }
}

function readChunks(held: Buffer, from: number): { bytes: Buffer; end: number } | null {
  const parts: Buffer[] = []
  for (let at = from; ; ) {
    const line = held.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(held.toString('latin1', at, line), 16)
    if (!(size >= 0)) throw new Error('a chunk of the answer has no size')
    const end = line + 2 + size + 2
    if (held.length < end) return null
    if (size === 0) return { bytes: Buffer.concat(parts), end }
    parts.push(held.subarray(line + 2, line + 2 + size))
    at = end
  }
}

const isHttp = (held: Buffer) => held.subarray(0, 5).toString('latin1') === 'HTTP/'

/** Why an answer may be tried again later. */
export const saysRetryAfter = (head: string) => /\r\nretry-after: *\d+/i.test(head)
