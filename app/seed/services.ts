import type { FaultName } from './faults.ts'
import type { Service } from './rhythm.ts'
import type { BuildTrace } from './services/build-trace.ts'
import { docsTrace } from './services/docs-assistant.ts'
import { faqTrace } from './services/faq-widget.ts'
import { reportTrace } from './services/report-writer.ts'
import { sqlTrace } from './services/sql-copilot.ts'
import { supportTrace } from './services/support-bot.ts'

export const BUILDERS: { readonly [Name in Service]: BuildTrace } = {
  'support-bot': supportTrace,
  'docs-assistant': docsTrace,
  'sql-copilot': sqlTrace,
  'report-writer': reportTrace,
  'faq-widget': faqTrace,
}

export const SCOPES: { readonly [Name in Service]: { readonly name: string; readonly version: string } } = {
  'support-bot': { name: '@traceloop/instrumentation-openai', version: '0.27.0' },
  'docs-assistant': { name: 'openinference.instrumentation.openai', version: '0.1.41' },
  'sql-copilot': { name: 'opentelemetry.instrumentation.openai_v2', version: '2.3b0' },
  'report-writer': { name: 'opentelemetry.instrumentation.anthropic', version: '0.52.1' },
  'faq-widget': { name: '@opentelemetry/instrumentation-openai', version: '0.22.0' },
}

/** Resource attributes of a service. */
export function resourceOf(service: Service, release: string): Readonly<Record<string, string>> {
  return {
    'service.name': service,
    'service.version': release,
    'deployment.environment.name': 'production',
    'telemetry.sdk.language': service === 'docs-assistant' ? 'python' : 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
  }
}

/** The release that runs at a time; a fault may come with one. */
export function releaseAt(service: Service, active: (fault: FaultName) => boolean): string {
  if (service === 'sql-copilot') return active('truncated_answers') ? '4.7.1' : '4.7.0'
  return { 'support-bot': '2.31.0', 'docs-assistant': '1.9.2', 'report-writer': '0.14.0', 'faq-widget': '3.2.0' }[
    service
  ]
}
