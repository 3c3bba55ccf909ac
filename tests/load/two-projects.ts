import { type StartedPipeline, startPipeline } from '../../app/bench/started-pipeline.ts'
import { createApiKey } from '../../core/api-keys.ts'
import type { RateLimits } from '../../core/rate-limits.ts'
import { type TemporaryDirectory, temporaryDirectory } from '../e2e/a-pipeline.ts'

/** The floods send hundreds of times as much. */
export const NOISY_LIMITS: RateLimits = {
  requests_per_second: 20,
  inflated_bytes_per_second: 1_000_000,
  burst_seconds: 1,
}

export interface TwoProjects extends AsyncDisposable {
  readonly pipeline: StartedPipeline
  readonly quiet_key: string
  readonly noisy_key: string
}

/** A pipeline with a project that keeps its peace and one that does not, which is held to `rate_limits`. */
export async function startTwoProjects(rate_limits?: RateLimits): Promise<TwoProjects> {
  const directory: TemporaryDirectory = temporaryDirectory()
  const quiet = createApiKey((bytes) => Buffer.alloc(bytes, 1))
  const noisy = createApiKey((bytes) => Buffer.alloc(bytes, 2))
  const keys = [
    { project: 'quiet', sha256: quiet.sha256 },
    { project: 'noisy', sha256: noisy.sha256, ...(rate_limits && { rate_limits }) },
  ]
  const pipeline = await startPipeline({ data_dir: directory.path, config: { keys } })
  return {
    pipeline,
    quiet_key: quiet.key,
    noisy_key: noisy.key,
    async [Symbol.asyncDispose]() {
      await pipeline.stop()
      directory[Symbol.dispose]()
    },
  }
}
