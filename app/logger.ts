import { trace } from '@opentelemetry/api'
import pino, { type Logger } from 'pino'

export type { Logger }

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * JSON lines on stderr. Lines written while an OpenTelemetry span is active carry its ids. Customer text is never logged:
 * components log codes, counts and offsets.
 */
export function createLogger(process: string, level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { process },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin() {
        const context = trace.getActiveSpan()?.spanContext()
        return context ? { trace_id: context.traceId, span_id: context.spanId } : {}
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
