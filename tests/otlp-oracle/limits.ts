import type { ScanLimits } from '../../schemas/otlp/scan.ts'

/** Limits that no ordinary request reaches. */
export const WIDE_LIMITS: ScanLimits = {
  max_spans: 1_000_000,
  max_attributes: 100_000,
  max_events: 100_000,
  max_depth: 32,
  max_string_bytes: 64 << 20,
  max_record_bytes: 64 << 20,
}
