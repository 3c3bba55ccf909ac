import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { benchPipeline } from '../bench/pipeline.ts'
import { formatBench, formatTarget } from '../bench/print.ts'
import { benchTarget } from '../bench/target.ts'

export interface BenchFlags {
  readonly seconds: number
  readonly rate: number
  readonly spanBytes: number
  /** '' for a temporary one, removed afterwards. */
  readonly dataDir: string
  /** '' for an instance of its own. */
  readonly target: string
  readonly key: string
  readonly json: boolean
}

/** Load against an instance of its own on free ports, which nothing else sees, or against a door that runs elsewhere. */
export async function bench({ seconds, rate, spanBytes, dataDir, target, key, json }: BenchFlags): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const load = { seconds, rate, span_bytes: spanBytes }
  if (target !== '') {
    if (!/^https?:/.test(target) || !URL.canParse(target))
      throw new CodedError('REQUEST_INVALID', `--target ${target} is no address such as http://127.0.0.1:4318.`)
    const result = await benchTarget({ ...load, target, key, seed: systemClock.now() % 2 ** 31 }, say)
    console.log(json ? JSON.stringify(result) : `\n${formatTarget(result)}\n`)
    if (result.requests_unanswered > 0) process.exitCode = 1
    return
  }
  const result = await benchPipeline({ ...load, data_dir: dataDir }, say)
  console.log(json ? JSON.stringify(result) : `\n${formatBench(result)}\n`)
  if (result.lost > 0 || result.duplicated > 0) process.exitCode = 1
}
