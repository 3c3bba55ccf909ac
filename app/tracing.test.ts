import { describe, expect, it } from 'vitest'
import { telemetryConfig } from './telemetry-config.ts'
import { telemetryEnvironment } from './tracing.ts'

const on = { telemetry: telemetryConfig.parse({ otlp_endpoint: 'http://127.0.0.1:4318' }) }

describe('the variables of the SDK', () => {
  it('are none while telemetry is off, also in a shell that points programs at EvalForge', () => {
    const off = { telemetry: telemetryConfig.parse({}) }
    expect(telemetryEnvironment(off, 'ingest', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' })).toEqual({})
  })

  it('trace one request in a hundred, send traces only, and mark what they send', () => {
    const variables = telemetryEnvironment(on, 'ingest', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://elsewhere:4318' })
    expect(variables).toMatchObject({
      OTEL_SERVICE_NAME: 'evalforge',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.01',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-evalforge-telemetry=1',
    })
    expect(variables.OTEL_RESOURCE_ATTRIBUTES).toMatch(/evalforge\.process=ingest,evalforge\.self_telemetry=true$/)
  })

  it('honour the standard ones, and nothing that would turn more on', () => {
    const given = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer abc',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://elsewhere:4318/v1/traces',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,evalforge.process=supervisor',
      OTEL_SERVICE_NAME: 'judge',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'console',
      HOME: '/root',
    }
    const variables = telemetryEnvironment(on, 'store', given)
    expect(variables).toMatchObject({
      OTEL_SERVICE_NAME: 'judge',
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer abc,x-evalforge-telemetry=1',
    })
    expect(variables).not.toHaveProperty('HOME')
    expect(variables).not.toHaveProperty('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
    expect(variables.OTEL_RESOURCE_ATTRIBUTES).toContain('deployment.environment.name=test,')
    expect(variables.OTEL_RESOURCE_ATTRIBUTES).toContain('evalforge.process=store')
    expect(variables.OTEL_RESOURCE_ATTRIBUTES).not.toContain('supervisor')
    // A process of ours hands on what it was given.
    expect(telemetryEnvironment(on, 'store', variables)).toEqual(variables)
  })
})
