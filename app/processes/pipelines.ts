import type { AssignedPartition } from '../../adapters/broker/broker.ts'
import type { Clock } from '../../core/clock.ts'
import type { ChainVersions, Delivery } from '../../core/component.ts'
import { CodedError, isRetryable } from '../../core/errors.ts'
import type { Metrics } from '../../core/metrics.ts'
import { type DeadLetterSink, type PipelineOptions, type RunningPipeline, runPipeline } from '../../core/pipeline.ts'
import { traceRanges } from '../../core/range-tracing.ts'
import type { Config } from '../config.ts'
import type { ProcessContext } from './role.ts'

/** What is done with the records of one topic. */
export interface Stage<Item> {
  readonly versions: ChainVersions<Item>
  readonly deliveries: readonly Delivery<Item>[]
  readonly witness: Delivery<Item>
  readonly max_items: number
  /** Told when a range is committed. */
  readonly onCommitted?: PipelineOptions<Item>['onCommitted']
}

/** Starts the pipeline of a partition that became ours. */
export type StartPipeline = (partition: AssignedPartition) => RunningPipeline

export interface Pipelines {
  /** One running pipeline on each partition that is ours. */
  assigned(partition: AssignedPartition): void
  revoked(partition: AssignedPartition, drain_ms: number): Promise<void>
  /** '' or why a partition stands still. */
  trouble(): string
}

/** By topic, what is done with its records. */
export function createPipelines(stages: Readonly<Record<string, StartPipeline>>): Pipelines {
  const running = new Map<string, RunningPipeline>()
  const nameOf = ({ topic, partition }: AssignedPartition) => `${topic}/${partition}`
  return {
    assigned(partition) {
      const start = stages[partition.topic]
      if (start === undefined) throw new Error(`No stage reads topic ${partition.topic}.`)
      running.set(nameOf(partition), start(partition))
    },
    async revoked(partition, drain_ms) {
      await running.get(nameOf(partition))?.stop(drain_ms)
      running.delete(nameOf(partition))
    },
    trouble: () => [...running.values()].map((pipeline) => pipeline.trouble()).find((text) => text !== '') ?? '',
  }
}

export interface StageContext extends Pick<ProcessContext, 'log' | 'fatal'> {
  readonly config: Config
  readonly clock: Clock
  readonly dead_letters: DeadLetterSink
  readonly metrics: Metrics
  readonly is_traced: boolean
  /** Whether the process is ending. */
  readonly isStopping: () => boolean
  /** Keeps why a partition stopped for good; the others go on. */
  readonly onStopped: (partition: AssignedPartition, error: CodedError) => void
}

/** A stage with all that pipelines have in common. */
export function stageOf<Item>(stage: Stage<Item>, context: StageContext): StartPipeline {
  const { config, clock, log, fatal, isStopping, onStopped } = context
  return (partition) => {
    const options: PipelineOptions<Item> = {
      versions: stage.versions,
      deliveries: stage.deliveries,
      witness: stage.witness,
      dead_letters: context.dead_letters,
      limits: {
        max_items: stage.max_items,
        max_bytes: 32 << 20,
        flush_interval_ms: config.pipeline.flush_interval_ms,
      },
      clock,
      log,
      ...(stage.onCommitted && { onCommitted: stage.onCommitted }),
      onStopped(error) {
        if (isStopping()) return
        // What a fresh process would meet again must not keep the other partitions from going on.
        if (error instanceof CodedError && !isRetryable(error)) onStopped(partition, error)
        else fatal(error, 'a pipeline stopped')
      },
    }
    const traced = context.is_traced ? traceRanges(partition, options) : { source: partition, options }
    return runPipeline(traced.source, traced.options)
  }
}
