import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { TraceInput, TraceJudge, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { identify, longestCycle, mostRepeated } from './call-sequence.ts'
import { createRuleTraceJudge } from './rule-judge.ts'
import { isSameInput, modelCalls, spanIds, type TraceCall, titles, toolCalls } from './trace-calls.ts'

export const AGENT_LOOP_LABELS = ['repeated_tool_call', 'repeated_model_call', 'cycle'] as const

const many = (fallback: number, description: string) =>
  z.number().int().min(1).max(1000).default(fallback).describe(description)

export const agentLoopConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig([]).prefault({}),
  severity: z.enum(SEVERITIES).default('high'),
  max_identical_calls: many(4, 'So often may a trace hold the same call one after the other, with the same result.'),
  max_rounds: many(3, 'So often may a sequence of calls (A-B-A-B) come round, with the same results.'),
})

export type AgentLoopConfig = z.infer<typeof agentLoopConfig>

/**
 * An agent that turns in circles: the same call of a tool or a model again and again across the spans of a trace, or
 * rounds A-B-A-B, always with the same results. Calls at the same time are one attempt; calls without captured
 * arguments say nothing. Where results are unknown (tool calls seen in answers only), twice as many are allowed.
 */
export function createAgentLoopJudge(config: AgentLoopConfig): TraceJudge {
  const { severity, max_identical_calls, max_rounds } = config

  function loopIn(all: readonly TraceCall[], label: 'repeated_tool_call' | 'repeated_model_call'): Verdict | null {
    if (all.length <= Math.min(max_identical_calls, 2 * max_rounds)) return null
    const { calls, ids } = oneAfterTheOther(all, identify(all))
    const factor = calls.some(({ result }) => result !== '') ? 1 : 2
    const cycle = longestCycle(ids, factor * max_rounds + 1)
    if (cycle !== null) {
      const round = calls.slice(cycle.first, cycle.first + cycle.period)
      const explanation = `A round of ${cycle.period} calls (${titles(round)}) came ${cycle.rounds} times with the same results; ${spanIds(spansOf(calls.slice(cycle.first, cycle.last + 1)))}.`
      return found('cycle', explanation, cycle.rounds / (factor * max_rounds))
    }
    const most = mostRepeated(ids)
    if (most === null || most.count <= factor * max_identical_calls) return null
    const same = calls.filter((call, c) => ids[c] === ids[most.first] && isSameInput(call, calls[most.first]!))
    if (same.length <= factor * max_identical_calls) return null
    const what = label === 'repeated_tool_call' ? 'call' : 'model call'
    const explanation = `The same ${what} (${titles(same.slice(0, 1))}) came ${same.length} times with the same result; ${spanIds(spansOf(same))}.`
    return found(label, explanation, same.length / (factor * max_identical_calls))
  }

  function found(label: (typeof AGENT_LOOP_LABELS)[number], explanation: string, times: number): Verdict {
    const confidence = Math.min(0.99, 1 - 0.3 / times)
    return verdictOf({ label, severity, confidence, explanation, evidence: [] })
  }

  function judge({ spans }: TraceInput, isSelected: (span: LlmSpan) => boolean): Verdicts {
    const selected = spans.filter(isSelected)
    const verdicts = [
      loopIn(toolCalls(selected), 'repeated_tool_call'),
      loopIn(modelCalls(selected), 'repeated_model_call'),
    ].filter((verdict) => verdict !== null)
    return verdicts.length === 0 ? PASS : verdicts
  }

  // Fewer calls make no loop.
  const enough = Math.min(max_identical_calls + 1, 2 * max_rounds)
  const wants = { traces: 'agents', from: { tool_calls: enough, model_calls: enough } } as const
  return createRuleTraceJudge({ name: 'agent_loop', code_version: '1.0.0', config, wants, judge })
}

const spansOf = (calls: readonly TraceCall[]) => calls.map(({ span }) => span)

/** Without calls that began before the same one had ended: the same thing, asked several times at once. */
function oneAfterTheOther(all: readonly TraceCall[], allIds: readonly number[]) {
  const calls: TraceCall[] = []
  const ids: number[] = []
  const latest = new Map<number, LlmSpan>()
  for (let c = 0; c < all.length; c++) {
    const { span } = all[c]!
    const id = allIds[c]!
    const before = latest.get(id)
    if (before !== undefined && before !== span && span.start_time < before.end_time) continue
    latest.set(id, span)
    calls.push(all[c]!)
    ids.push(id)
  }
  return { calls, ids }
}
