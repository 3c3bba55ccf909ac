import type { TlsConfig } from '../../core/tls.ts'
import { postOverTls } from '../local-https.ts'

/**
 * Asks the ClickHouse HTTP port one question, as a user's curl would. Rows as objects, 64-bit integers as strings.
 * `password` is the reader key, `tls` that of the store's port, where they are configured.
 */
export async function askClickhouse<Row>(
  base: string,
  sql: string,
  { password = '', tls }: { readonly password?: string; readonly tls?: TlsConfig | undefined } = {},
): Promise<readonly Row[]> {
  const url = `${base}/?default_format=JSONEachRow&output_format_json_quote_64bit_integers=1`
  const headers = password === '' ? {} : { 'x-clickhouse-key': password }
  const response = tls
    ? await postOverTls(new URL(url), tls, { headers, body: sql })
    : await fetch(url, { method: 'POST', body: sql, headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`asking ClickHouse: HTTP ${response.status} ${text.slice(0, 500)}`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
