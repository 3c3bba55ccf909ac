import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import { exposureWarnings } from './listeners.ts'

const keys = [{ project: 'shop', sha256: '0'.repeat(64) }]
const tls = { cert_file: 'cert.pem', key_file: 'key.pem' }
const warningsOf = (values: object) => exposureWarnings(parseConfig({ keys, ...values }))

describe('exposureWarnings', () => {
  it('has nothing to say of what only this machine reaches', () => {
    expect(exposureWarnings(parseConfig({}))).toEqual([])
    expect(warningsOf({ ingest: { otlp_http: { host: 'localhost' }, otlp_grpc: { host: '::1' } } })).toEqual([])
  })

  it('warns of keys that travel in clear text, until there is TLS', () => {
    const open = { otlp_http: { host: '0.0.0.0' }, otlp_grpc: { host: '::' } }
    expect(warningsOf({ ingest: open })).toEqual([
      expect.stringContaining('clear text to ingest.otlp_http (0.0.0.0): set ingest.otlp_http.tls'),
      expect.stringContaining('ingest.otlp_grpc.tls'),
    ])
    const secure = { otlp_http: { ...open.otlp_http, tls }, otlp_grpc: { ...open.otlp_grpc, tls } }
    expect(warningsOf({ ingest: secure })).toEqual([])
  })

  it('warns of the query port and the admin port on the network', () => {
    const http = { host: '10.0.0.1', reader_key_sha256: '0'.repeat(64) }
    expect(warningsOf({ store: { http }, admin: { host: '0.0.0.0' } })).toEqual([
      expect.stringContaining('store.http (10.0.0.1)'),
      expect.stringContaining('admin port'),
    ])
  })
})
