import type { ReadLimits } from '../readers.ts'
import { httpError } from './http-error.ts'

/** Parameters of the protocol itself; they are no settings. */
const PROTOCOL = new Set([
  'query',
  'database',
  'user',
  'password',
  'default_format',
  'query_id',
  'enable_http_compression',
  'http_zlib_compression_level',
])

/** They concern a server's sessions, progress headers or logs; the answer is the same without them. */
const WITHOUT_EFFECT = new Set([
  'wait_end_of_query',
  'buffer_size',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'http_write_exception_in_output_format',
  'add_http_cors_header',
  'log_queries',
  'quota_key',
])

/** Settings that only shape the answer. None names a file, a host or a limit. */
const SHAPE = new Set([
  'date_time_output_format',
  'session_timezone',
  'bool_true_representation',
  'bool_false_representation',
  'extremes',
  'join_use_nulls',
  'group_by_use_nulls',
  'aggregate_functions_null_for_empty',
  'format_csv_delimiter',
  'format_csv_null_representation',
  'format_tsv_null_representation',
  'output_format_decimal_trailing_zeros',
  'output_format_write_statistics',
  'output_format_parquet_compression_method',
  'output_format_arrow_compression_method',
  'output_format_arrow_string_as_string',
  'output_format_parquet_string_as_string',
  // The others of Pretty bound its rows and padding, which the engine writes outside its memory limit.
  'output_format_pretty_color',
  'output_format_pretty_display_footer_column_names',
  'output_format_pretty_fallback_to_vertical',
  'output_format_pretty_grid_charset',
  'output_format_pretty_highlight_digit_groups',
  'output_format_pretty_multiline_fields',
  'output_format_pretty_row_numbers',
])
const SHAPE_PREFIXES = ['output_format_json_', 'output_format_csv_', 'output_format_tsv_']

const VALUE = /^[\w.,;:+\-/ \\|]{0,64}$/

export interface UrlSettings {
  readonly settings: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
  readonly max_execution_ms: number
}

/** Sorts the URL's parameters; throws an HttpError for one that is not allowed. */
export function readUrlSettings(url: URLSearchParams, limits: ReadLimits): UrlSettings {
  const settings: Record<string, string> = {}
  const params: Record<string, string> = {}
  let max_execution_ms = limits.max_execution_ms
  for (const [name, value] of url) {
    if (PROTOCOL.has(name) || WITHOUT_EFFECT.has(name)) continue
    if (name.startsWith('param_')) params[parameterName(name)] = value
    else if (name === 'readonly') checkReadonly(value)
    else if (name === 'max_execution_time') max_execution_ms = Math.min(max_execution_ms, seconds(value) * 1000)
    else settings[shapeName(name)] = shapeValue(name, value)
  }
  return { settings, params, max_execution_ms }
}

function parameterName(name: string): string {
  const parameter = name.slice('param_'.length)
  if (!/^[A-Za-z_]\w{0,63}$/.test(parameter)) throw httpError('BAD_PARAMETER', 'A parameter name must be a plain word.')
  return parameter
}

/** Every connection is read-only; asking for it changes nothing, asking for less is refused. */
function checkReadonly(value: string): void {
  if (value !== '1' && value !== '2') throw httpError('UNKNOWN_SETTING', 'readonly is always 1 here.')
}

function seconds(value: string): number {
  const parsed = Number(value)
  if (!Number.isFinite(parsed) || parsed < 0 || value === '')
    throw httpError('BAD_PARAMETER', 'max_execution_time must be a number of seconds.')
  // ClickHouse reads 0 as "no limit"; here it means "not lower than the limit".
  return parsed === 0 ? Number.POSITIVE_INFINITY : parsed
}

function shapeName(name: string): string {
  const known = SHAPE.has(name) || SHAPE_PREFIXES.some((prefix) => name.startsWith(prefix) && /^\w+$/.test(name))
  if (known) return name
  const shown = /^\w{1,64}$/.test(name) ? name : 'with this name'
  const allowed = [...SHAPE, ...SHAPE_PREFIXES.map((prefix) => `${prefix}*`), 'max_execution_time'].join(', ')
  throw httpError('UNKNOWN_SETTING', `Setting ${shown} is not allowed here. Allowed are: ${allowed}.`)
}

function shapeValue(name: string, value: string): string {
  if (!VALUE.test(value)) throw httpError('BAD_PARAMETER', `The value of ${name} is not allowed here.`)
  return value
}
