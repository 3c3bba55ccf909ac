/** Entry of the thread that asks the judges of users, each in a process of its own. */
import { workerData } from 'node:worker_threads'
import { systemClock } from '../../core/clock.ts'
import type { LaneThreadData } from '../../judges/custom/lane.ts'
import { serveCustomJudges } from '../../judges/custom/lane-thread.ts'

const sandbox = new URL('judge-sandbox.ts', import.meta.url)
serveCustomJudges({ ...(workerData as LaneThreadData), sandbox, clock: systemClock })
