import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

export interface Pair {
  readonly key: string
  readonly cert: string
}

const named = (name: string) => [{ name: 'commonName', value: name }]
const elliptic = { keyType: 'ec', algorithm: 'sha256' } as const

/** Who signs certificates. */
export async function anAuthority(name = 'a test authority'): Promise<Pair> {
  const made = await generate(named(name), {
    ...elliptic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  })
  return { key: made.private, cert: made.cert }
}

/** A certificate of this machine, or of whoever has this name, signed by `authority`. */
export async function aCertificate(authority: Pair, name = 'localhost'): Promise<Pair> {
  const made = await generate(named(name), {
    ...elliptic,
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      {
        name: 'subjectAltName',
        altNames:
          name === 'localhost'
            ? [
                { type: 2, value: name },
                { type: 7, ip: '127.0.0.1' },
              ]
            : [{ type: 2, value: name }],
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}

export interface TlsDirectory extends Disposable {
  readonly files: { readonly cert_file: string; readonly key_file: string }
  path(name: string): string
  write(name: string, text: string): string
  /** Puts another pair in the place of the files. */
  replace(pair: Pair): void
}

/** A directory with cert.pem and key.pem in it. */
export function aTlsDirectory(pair: Pair): TlsDirectory {
  const directory = mkdtempSync(join(tmpdir(), 'evalforge-tls-'))
  const path = (name: string) => join(directory, name)
  function write(name: string, text: string) {
    writeFileSync(path(name), text)
    return path(name)
  }
  function replace({ cert, key }: Pair) {
    write('cert.pem', cert)
    write('key.pem', key)
  }
  replace(pair)
  return {
    files: { cert_file: path('cert.pem'), key_file: path('key.pem') },
    path,
    write,
    replace,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}
