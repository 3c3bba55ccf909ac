/** Entry of the process that runs one judge of a user's own: started without rights (judges/custom/sandbox-process.ts). */
import { runSandbox } from '../../judges/custom/sandbox.ts'

const REQUESTS = 0
const ANSWERS = 3
await runSandbox(REQUESTS, ANSWERS)
