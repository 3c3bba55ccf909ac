/** For messages and the OpenAPI document. */
export const TIME_FORMS = 'ISO 8601 with Z or an offset, or a number since 1970 in s, ms, µs or ns'

const ISO = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,12}))?\s?([Zz]|[+-]\d\d(?::?\d\d)?)$/
const DIGITS = /^\d{8,20}$/
/** Year 2262, where int64 nanoseconds end. */
const MAX_NS = 9_223_372_036_854_775_807n
/** Below these a number counts seconds, milliseconds, microseconds; each covers 1973 to 5138, so no two units meet. */
const UNITS: readonly (readonly [below: number, ns: bigint])[] = [
  [1e11, 1_000_000_000n],
  [1e14, 1_000_000n],
  [1e17, 1_000n],
  [Number.POSITIVE_INFINITY, 1n],
]
const MIN_SECONDS = 1e8

/**
 * Nanoseconds since 1970; undefined where `value` is no time, or is before 1973 as a number. ISO 8601 must say Z or an
 * offset, because a local time means another moment on every machine. ns beyond 2^53 are exact as a text of digits only.
 */
export function parseTime(value: string | number): bigint | undefined {
  const ns = typeof value === 'number' ? fromNumber(value) : DIGITS.test(value) ? fromDigits(value) : fromIso(value)
  return ns !== undefined && ns > 0n && ns <= MAX_NS ? ns : undefined
}

/** Nanoseconds of a checked time; 0n where there is none. */
export function timeOf(value: string | number | null | undefined): bigint {
  return value === null || value === undefined ? 0n : (parseTime(value) ?? 0n)
}

function fromNumber(value: number): bigint | undefined {
  if (!Number.isFinite(value) || value < MIN_SECONDS) return undefined
  const ns = unitOf(value)
  const whole = Math.trunc(value)
  // The fraction of a number counted in seconds is good for microseconds.
  return BigInt(whole) * ns + (BigInt(Math.round((value - whole) * 1e6)) * ns) / 1_000_000n
}

function fromDigits(value: string): bigint | undefined {
  const number = Number(value)
  return number < MIN_SECONDS ? undefined : BigInt(value) * unitOf(number)
}

function unitOf(value: number): bigint {
  return UNITS.find(([below]) => value < below)![1]
}

function fromIso(value: string): bigint | undefined {
  const [, date, clock, fraction = '', zone = ''] = ISO.exec(value) ?? []
  if (date === undefined || clock === undefined) return undefined
  const seconds = clock.length === 5 ? `${clock}:00` : clock
  const ms = Date.parse(`${date}T${seconds}${offset(zone)}`)
  if (Number.isNaN(ms)) return undefined
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

/** `+02` and `+0200` as `+02:00`, which Date.parse knows. */
function offset(zone: string): string {
  if (zone === 'Z' || zone === 'z') return 'Z'
  const minutes = zone.slice(3).replace(':', '')
  return `${zone.slice(0, 3)}:${minutes || '00'}`
}
