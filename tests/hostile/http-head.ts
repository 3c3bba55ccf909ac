/** Header lines: name and value. Repeated names are sent repeatedly. */
export type Headers = readonly (readonly [name: string, value: string])[]

export interface HttpParts {
  readonly method?: string
  readonly target: string
  readonly version?: string
  readonly headers: Headers
  readonly body: Buffer
  /** Leaves the length to the headers. */
  readonly without_length?: boolean
}

/** A request as it goes over the wire; nothing of it is checked. */
export function httpBytes({
  method = 'POST',
  target,
  version = '1.1',
  headers,
  body,
  without_length,
}: HttpParts): Buffer {
  const length = without_length ? '' : `content-length: ${body.length}\r\n`
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `${method} ${target} HTTP/${version}\r\nhost: 127.0.0.1\r\n${lines}${length}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}
