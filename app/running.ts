import type { Config } from './config.ts'

/** Asks the admin port of a running instance; undefined where nothing listens there. */
export async function askRunning<Answer>(config: Config, path: string): Promise<Answer | undefined> {
  const { host, port } = config.admin
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(120_000) })
  } catch (error) {
    if ((error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED') return undefined
    throw error
  }
  if (response.status === 404) return undefined
  const body = (await response.json()) as Answer & { title?: string }
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body.title ?? ''}`)
  return body
}
