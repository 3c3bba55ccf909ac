import { createJudgeRequestCodec } from '../core/avro.ts'
import type { Chain, SourceRecord } from '../core/component.ts'
import { CodedError } from '../core/errors.ts'
import type { JudgeRequest } from '../schemas/judge-request.ts'
import type { JudgedUnit, UnitEvaluation } from '../schemas/judged-unit.ts'
import { enclosingCalls } from '../stream-processors/assemble/trace-tree.ts'
import type { Judging } from './judge-sets.ts'
import type { TraceJudging } from './trace-judging.ts'

const REVISION_SHIFT = 48n

export interface RequestChainOptions {
  readonly judging: Judging
  readonly traces: TraceJudging
}

/** judge_requests: units that are judged once more, or as a whole. Pure in the record and the configuration. */
export function createRequestChain({ judging, traces }: RequestChainOptions): Chain<JudgedUnit> {
  const codec = createJudgeRequestCodec()

  function judge(request: JudgeRequest): readonly JudgedUnit[] {
    const { project, unit, spans } = request
    if (unit === 'span') return judging(project)(spans).map((judged) => ({ unit: 'span', judged }))
    const record = evaluationOf(request, traces)
    const enclosing_calls = enclosingCalls(spans)
    if (record.evaluations.length === 0 && enclosing_calls.length === 0) return []
    return [{ unit: 'trace', judged: { record, enclosing_calls } }]
  }

  return {
    name: 'judge-rules',
    process(record) {
      try {
        return { items: judge(codec.decode(record.value ?? new Uint8Array(0))), rejects: [] }
      } catch (error) {
        if (!(error instanceof CodedError && error.code === 'UNREADABLE_RECORD')) throw error
        return { items: [], rejects: [reject(record, error.message)] }
      }
    },
  }
}

function evaluationOf(request: JudgeRequest, traces: TraceJudging): UnitEvaluation {
  const { project, trace_id, spans, span_count, cut, start_time, version } = request
  const evaluations = traces.judgesOf(project)({ project, trace_id, spans, span_count, cut })
  return {
    project,
    unit: 'trace',
    session_id: spans.find(({ session_id }) => session_id !== '')?.session_id ?? '',
    trace_id,
    span_id: '',
    start_time,
    version,
    revision: Number(version >> REVISION_SHIFT),
    tier: 'rule',
    sampling_probability: 1,
    evaluations,
  }
}

function reject({ value }: SourceRecord, message: string) {
  return {
    code: 'UNREADABLE_RECORD' as const,
    message,
    component: 'judge-rules',
    value: value ?? new Uint8Array(0),
    index: 0,
  }
}
