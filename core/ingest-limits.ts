import { z } from 'zod'

const MIB = 1024 * 1024
const count = (standard: number) => z.number().int().positive().default(standard)

/** What a sender may cost us. Shared by all collectors of a process; `ingest.limits` in evalforge.yaml. */
export const ingestLimits = z.strictObject({
  max_request_bytes: count(64 * MIB).describe('Bytes of one request as sent (OTLP 1.11 recommends 64 MiB).'),
  max_inflated_bytes: count(64 * MIB).describe('Bytes of one request after decompression, all layers together.'),
  max_json_values: count(2_000_000).describe(
    'Objects, lists and members of one JSON request: parsed, each costs memory.',
  ),
  max_spans: count(50_000).describe('Spans or log records of one request.'),
  max_attributes: count(1024).describe('Attributes of one span, event, link, scope, resource or log record.'),
  max_events: count(1024).describe('Events of one span.'),
  max_depth: count(32).describe('How deep the value of an attribute may nest.'),
  max_string_bytes: count(900_000).describe('Bytes of one text or bytes value of an attribute.'),
  max_record_bytes: count(900_000).describe('Bytes of one record on the log; a larger span is refused.'),
  max_requests_in_flight: count(1024).describe('Requests between their first byte and their answer.'),
  max_bytes_in_flight: count(256 * MIB).describe('Memory held by requests in flight, as sent and as inflated.'),
  max_project_share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.75)
    .describe('How much of what may be in flight one project may take, so that a noisy one leaves room for others.'),
  max_project_time_share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("While others send too: how much of the collector's time one project may take. Its requests wait."),
})

export type IngestLimits = z.infer<typeof ingestLimits>
