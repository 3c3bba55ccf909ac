import { z } from 'zod'

/** `telemetry` of evalforge.yaml: traces of EvalForge itself. */
export const telemetryConfig = z.strictObject({
  otlp_endpoint: z
    .string()
    .refine((text) => text === '' || (/^https?:\/\//.test(text) && URL.canParse(text)), {
      message: 'must be an address such as http://127.0.0.1:4318, or empty.',
    })
    .default('')
    .describe('Where traces of EvalForge itself are sent, as OTLP/HTTP; empty: nowhere, and nothing is recorded.'),
  sampling_ratio: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe('Share of requests that are traced where their sender does not decide.'),
})
