import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../core/metrics.ts'
import { aMessage, aSpan } from '../schemas/a-span.ts'
import { ConfigError, parseConfig } from './config.ts'
import { createJudgeSets } from './judge-sets.ts'

const clock = { now: () => 0, monotonic: () => 0, sleep: async () => undefined }
const refuses = (project: string) =>
  aSpan({
    project,
    output_messages: [aMessage('assistant', "I'm sorry, but I can't help with that.")],
    finish_reasons: ['stop'],
  })

describe('sets of judges', () => {
  it('judge each project by its own configuration, and share a set where that is the same', async () => {
    const sets = createJudgeSets({ metrics: createMetrics(new Registry()), clock })
    const config = parseConfig({
      projects: {
        mild: { judges: { refusal: { severity: 'low' } } },
        also: { judges: { refusal: { severity: 'low' } } },
        off: { judges: { refusal: { enabled: false } } },
        same: { rate_limits: { requests_per_second: 1 } },
      },
    })
    const judging = await sets.prepare(config)
    const severities = ['mild', 'also', 'off', 'same', 'unheard_of', '__proto__', ''].map(
      (project) => judging(project)([refuses(project)])[0]!.outcome.severity,
    )
    expect(severities).toEqual(['low', 'low', 'none', 'medium', 'medium', 'medium', 'medium'])
    expect(judging('also')).toBe(judging('mild'))
    expect(judging('same')).toBe(judging('unheard_of'))
    expect((await sets.prepare(config))('mild')).toBe(judging('mild'))
    expect(sets.compile(config)('off')).toBe(judging('off'))
  })

  it('are refused where their different patterns would not fit into memory; differences in anything else are free', () => {
    const projectsThat = (judges: (n: number) => object) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`p${n}`, { judges: judges(n) }]))
    const allowing = projectsThat((n) => ({
      pii: { allow: [`value ${n}`] },
      refusal: { severity: n % 2 ? 'low' : 'high' },
    }))
    expect(Object.keys(parseConfig({ projects: allowing }).projects)).toHaveLength(40)
    const searching = projectsThat((n) => ({ pii: { patterns: [{ id: 'own', source: `own-${n}` }] } }))
    const refuse = () => parseConfig({ projects: searching })
    expect(refuse).toThrow(ConfigError)
    expect(refuse).toThrow(/projects: make 41 different sets of patterns, and at most 32/)
  })
})
