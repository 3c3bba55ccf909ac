import { ACCEPT_ENCODING } from './inflate.ts'
import { failureStatus } from './otlp-failures.ts'
import type { Failure } from './rpc-status.ts'

/**
 * Status and headers of a refused HTTP request, whatever form its body has. `allow`: the method that the address takes;
 * Retry-After is there exactly where sending again can help.
 */
export function httpFailure(failure: Failure, allow: string) {
  const { code } = failure
  const { http: status, retry_after_s: usual_s } = failureStatus(code)
  const retry_after_s = failure.retry_after_s ?? usual_s
  const headers: Record<string, string | number> = {}
  if (retry_after_s > 0) headers['retry-after'] = retry_after_s
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="evalforge"'
  if (code === 'UNSUPPORTED_ENCODING') headers['accept-encoding'] = ACCEPT_ENCODING
  if (code === 'METHOD_NOT_ALLOWED') headers.allow = allow
  if (code === 'REQUEST_TOO_SLOW') headers.connection = 'close'
  return { status, headers }
}
