import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Hit, TraceInput } from '../judge.ts'

/** The first message to a sandbox, as JSON. */
export type SandboxTask =
  | {
      readonly task: 'collect'
      /** Path of a module, or name of a package as seen from `directory`. */
      readonly target: { readonly file: string } | { readonly package: string; readonly directory: string }
      readonly config: unknown
    }
  | {
      readonly task: 'judge'
      /** A Bundle. */
      readonly bundle: unknown
      readonly config: unknown
      /** Work that goes on for longer ends the process, also where nobody is left to end it. */
      readonly time_limit_ms: number
    }

/** Its answer, as JSON. `bundle` is what `collect` asked for. */
export type SandboxReady =
  | { readonly ok: true; readonly bundle?: unknown }
  | { readonly ok: false; readonly problem: string }

/** Each message after that, in V8's own form. */
export interface SandboxBatch {
  readonly spans?: readonly { readonly span: LlmSpan; readonly hits: readonly Hit[]; readonly cut: boolean }[]
  readonly traces?: readonly TraceInput[]
}

/** Answers to a batch, in order, as JSON: 0 a plain pass, null where the judge does not apply, else verdicts or an error. */
export type SandboxAnswer = 0 | null | readonly unknown[] | { readonly error: string }
