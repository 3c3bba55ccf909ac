import type { Delivery } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'

/** Counts tokens and cost of model calls once their range is delivered. Sums without double calls are the store's (view usage). */
export function observeUsage(metrics: Metrics, projectLabel: (project: string) => string): Delivery<JudgedSpan> {
  return {
    name: 'usage metrics',
    open() {
      const totals = new Map<string, { input: number; output: number; cost_usd: number }>()
      let counted = false
      return {
        add({ span }) {
          if (!span.is_call) return
          const project = projectLabel(span.project)
          const total = totals.get(project) ?? { input: 0, output: 0, cost_usd: 0 }
          total.input += span.input_tokens ?? 0
          total.output += span.output_tokens ?? 0
          total.cost_usd += span.cost_usd ?? 0
          totals.set(project, total)
        },
        async deliver() {
          if (counted) return
          counted = true
          for (const [project, { input, output, cost_usd }] of totals) {
            metrics.tokens.inc({ project, direction: 'input' }, input)
            metrics.tokens.inc({ project, direction: 'output' }, output)
            metrics.cost.inc({ project }, cost_usd)
          }
        },
      }
    },
  }
}
