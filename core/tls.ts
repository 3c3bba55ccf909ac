import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'

/** More than any chain of certificates; what is larger is another file. */
const MAX_FILE_BYTES = 1 << 20

/** TLS of one listener, in evalforge.yaml. TLS 1.2 is the least that is spoken. */
export const tlsConfig = z.strictObject({
  cert_file: z.string().min(1).describe('PEM file of the certificate, followed by those that signed it.'),
  key_file: z.string().min(1).describe('PEM file of its private key, without a passphrase.'),
  client_ca_file: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of who signs the certificates of senders; then nobody connects without one (mutual TLS).'),
})

export type TlsConfig = z.infer<typeof tlsConfig>

/** PEM, as it was read. */
export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly client_ca: Buffer | null
  /** Milliseconds since 1970. */
  readonly expires_at: number
}

/** `path` is that of the setting in evalforge.yaml. */
export interface TlsProblem {
  readonly path: string
  readonly message: string
}

export type LoadedTls =
  | { readonly ok: true; readonly material: TlsMaterial }
  | { readonly ok: false; readonly problems: readonly TlsProblem[] }

const MIN_TLS = 'TLSv1.2'

/** For `https` and `http2` servers, at their start and for `setSecureContext`. */
export function secureOptions({ cert, key, client_ca }: TlsMaterial) {
  return {
    cert,
    key,
    minVersion: MIN_TLS,
    ...(client_ca !== null && { ca: client_ca, requestCert: true, rejectUnauthorized: true }),
  } as const
}

/**
 * Reads the files and tries them together: each is there and is what it should be, the key fits the certificate, and
 * OpenSSL takes them. All problems at once, by `path` of the section; nothing of a file is quoted. A certificate that is
 * out of date is no problem here: who connects decides about that.
 */
export function loadTls(config: TlsConfig, path: string): LoadedTls {
  const problems: TlsProblem[] = []
  function attempt<Result>(setting: keyof TlsConfig, what: string, work: () => Result): Result | null {
    try {
      return work()
    } catch (error) {
      problems.push({ path: `${path}.${setting}`, message: `${config[setting]} ${what} (${reasonOf(error)}).` })
      return null
    }
  }

  const cert = attempt('cert_file', 'cannot be read', () => readBounded(config.cert_file))
  const key = attempt('key_file', 'cannot be read', () => readBounded(config.key_file))
  const ca_file = config.client_ca_file
  const ca = ca_file === undefined ? null : attempt('client_ca_file', 'cannot be read', () => readBounded(ca_file))
  const leaf = cert && attempt('cert_file', 'is not a certificate in PEM', () => certificatesOf(cert)[0]!)
  const secret = key && attempt('key_file', 'is not a private key in PEM without a passphrase', () => privateKey(key))
  if (ca) attempt('client_ca_file', 'is not a list of certificates in PEM', () => certificatesOf(ca))
  if (leaf && secret && !leaf.checkPrivateKey(secret))
    problems.push({ path: `${path}.key_file`, message: `${config.key_file} is not the key of ${config.cert_file}.` })
  if (!cert || !key || !leaf || problems.length > 0) return { ok: false, problems }
  const material = { cert, key, client_ca: ca, expires_at: Date.parse(leaf.validTo) }
  attempt('cert_file', 'is refused by OpenSSL', () => createSecureContext(secureOptions(material)))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, material }
}

function readBounded(file: string): Buffer {
  const bytes = readFileSync(file)
  if (bytes.length > MAX_FILE_BYTES) throw new Error('larger than 1 MiB')
  return bytes
}

/** At least one. */
function certificatesOf(pem: Buffer): X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error('there is none in it')
  return blocks.map((block) => new X509Certificate(block))
}

function privateKey(pem: Buffer): KeyObject {
  return createPrivateKey(pem)
}

/** Codes and sentences of Node and OpenSSL, which name files and forms, never their content. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}
