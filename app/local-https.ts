import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TlsConfig } from '../core/tls.ts'

export interface LocalRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What makes a TLS client trust the certificate of this configuration and no other. Reads it. */
export function trustOnly(tls: TlsConfig) {
  return { ca: readFileSync(tls.cert_file), allowPartialTrustChain: true, checkServerIdentity: () => undefined }
}

/**
 * Posts to a port of the instance whose configuration this is. Only the very certificate that the configuration names is
 * trusted, whoever signed it and whatever name it bears: on this machine it is reached by another name. Rejects with the
 * error of the connection.
 */
export function postOverTls(url: URL, tls: TlsConfig, { headers, body }: LocalRequest): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers,
        ...trustOnly(tls),
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const received = Object.entries(answer.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ])
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 500, headers: received }))
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
