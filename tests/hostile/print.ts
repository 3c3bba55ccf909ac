import type { Answer, HostileRequest } from './hostile-request.ts'
import type { HostileResult, Quantiles } from './hostile-result.ts'

const MIB = 2 ** 20
const MAX_SHOWN = 15
const MAX_BODY_SHOWN = 4_000

/** For people. */
export function formatResult(result: HostileResult): string {
  const { neighbour, memory, settlement } = result
  const ms = ({ p50, p99 }: Quantiles) => `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}`
  const lines = [
    `${result.sent} hostile requests of seed ${result.seed}, ${result.requests_per_second} a second`,
    ...Object.entries(result.doors).map(([door, { sent, answers, violations }]) => {
      const sorted = Object.entries(answers).sort(([, a], [, b]) => b - a)
      return `  ${door.padEnd(12)}${String(sent).padStart(8)}  violations ${violations}  ${sorted.map(([status, n]) => `${status} × ${n}`).join(', ')}`
    }),
    `Processes started again  ${result.restarts}`,
    `Errors in the log        ${result.log_errors.length}`,
    `Memory of ingest         ${mib(memory.base_bytes)} before, at most ${mib(memory.peak_bytes)} of ${mib(memory.allowed_bytes)}`,
    `Another project, ms      alone: ${ms(neighbour.calm_ms)}; beside this: ${ms(neighbour.hostile_ms)} (ratio of p99 ${neighbour.p99_ratio.toFixed(1)})`,
    `                         ${neighbour.acknowledged} requests acknowledged, ${neighbour.unanswered} not; ${neighbour.lost} spans lost`,
    ...(settlement === null ? ['Stopped before the end: go on with --resume.'] : settled(settlement)),
    ...result.violations
      .slice(0, MAX_SHOWN)
      .map(
        ({ index, door, what, answer, problem }) =>
          `  --seed ${result.seed} --replay ${index}  ${door}, ${what}: ${answer}, ${problem}`,
      ),
    ...result.log_errors.slice(0, MAX_SHOWN).map((line) => `  log: ${line.slice(0, 300)}`),
    result.failures.length === 0
      ? result.complete
        ? 'Passed.'
        : 'Nothing wrong so far.'
      : `FAILED: ${result.failures.join('; ')}.`,
  ]
  return lines.join('\n')
}

function settled({ log_records, ledger, ...spans }: NonNullable<HostileResult['settlement']>): string[] {
  return [
    `Spans acknowledged       ${spans.acknowledged_spans}: rows ${spans.rows}, dead letters ${spans.dead_letters}, lost ${spans.lost}, duplicated ${spans.duplicated}, from refused requests ${spans.phantoms}`,
    `Log records              ${log_records.acknowledged} acknowledged, ${log_records.found} on the log`,
    `Ledger                   lost ${ledger.lost}, duplicated ${ledger.duplicated}, checksum mismatches ${ledger.checksum_mismatches}`,
  ]
}

const mib = (bytes: number) => `${Math.round(bytes / MIB)} MiB`

/** One request as it goes over the wire; bytes that are no text as \xNN. */
export function formatRequest(request: HostileRequest): string {
  const { kind, what } = request
  const pieces =
    kind === 'http'
      ? [{ bytes: request.bytes }]
      : kind === 'raw'
        ? request.pieces
        : request.pieces.map((bytes) => ({ bytes }))
  const head = kind === 'grpc' ? [`${request.path} ${JSON.stringify(request.headers)}`] : []
  return [`${kind}, ${what}`, ...head, ...pieces.map(({ bytes }) => `${bytes.length} bytes: ${escaped(bytes)}`)].join(
    '\n',
  )
}

export function formatAnswer({ status, retryable, body }: Answer): string {
  return `${status}${retryable ? ', try again later' : ''}\n${escaped(body)}`
}

function escaped(bytes: Buffer): string {
  const shown = bytes.subarray(0, MAX_BODY_SHOWN).toString('latin1')
  const text = shown.replace(/[^\x20-\x7e\r\n]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return bytes.length > MAX_BODY_SHOWN ? `${text}…` : text
}
