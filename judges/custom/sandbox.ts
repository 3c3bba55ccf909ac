import { readSync, writeSync } from 'node:fs'
import { deserialize } from 'node:v8'
import { Script } from 'node:vm'
import { spanInput } from '../span-texts.ts'
import { framed, readFrame } from './frames.ts'
import { collect, loadBundle, type UserJudge } from './sandbox-loading.ts'
import type { SandboxAnswer, SandboxBatch, SandboxReady, SandboxTask } from './sandbox-messages.ts'

/**
 * The inside of a sandbox: a process that was started without rights, loads one judge and answers batches. It reads messages
 * blocking, so that nothing of the judge runs between them. Whoever started it trusts none of its answers.
 */

const RUN = Symbol.for('evalforge.run')
const MAX_REASON = 300

/** Reads the task, does it, and for `judge` answers batches until the pipe ends. Ends the process. */
export async function runSandbox(input: number, output: number): Promise<void> {
  const { exit } = process
  const stop = (code: number): never => exit.call(undefined, code)
  // Ctrl-C goes to all that runs in a terminal; whoever started this one ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const read = () => readFrame((into) => readSync(input, into))
  const write = (answer: unknown) => writeAll(output, framed(Buffer.from(JSON.stringify(answer))))
  const first = read()
  if (first === null) return stop(0)
  const task = JSON.parse(first.toString('utf8')) as SandboxTask
  try {
    if (task.task === 'collect') {
      write({ ok: true, bundle: await collect(task) } satisfies SandboxReady)
      return stop(0)
    }
    const judge = await loadBundle(task)
    write({ ok: true } satisfies SandboxReady)
    const limited = withTimeLimit(task.time_limit_ms, stop)
    for (let body = read(); body !== null; body = read()) {
      const batch = deserialize(body) as SandboxBatch
      write(await limited(() => answersOf(judge, batch)))
    }
  } catch (error) {
    write({ ok: false, problem: reasonOf(error) } satisfies SandboxReady)
    return stop(1)
  }
  stop(0)
}

function writeAll(output: number, frame: Buffer): void {
  for (let written = 0; written < frame.length; ) written += writeSync(output, frame, written)
}

/** Runs work that neither blocks nor waits for longer; where it does, the process ends. */
function withTimeLimit(limit_ms: number, stop: (code: number) => never) {
  const script = new Script(`globalThis[Symbol.for('${RUN.description}')]()`)
  return async function limited<Result>(work: () => Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => stop(3), limit_ms)
    Object.defineProperty(globalThis, RUN, { value: work, configurable: true })
    try {
      return await (script.runInThisContext({ timeout: limit_ms }) as Promise<Result>)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') stop(3)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}

async function answersOf(judge: UserJudge, { spans, traces }: SandboxBatch): Promise<SandboxAnswer[]> {
  const inputs: readonly unknown[] =
    spans?.map(({ span, hits, cut }) => ({ input: spanInput(span), hits, cut })) ??
    (traces ?? []).map((input) => ({ input, hits: [], cut: input.cut }))
  const answers: SandboxAnswer[] = inputs.map(() => null)
  const concerned: number[] = []
  for (let i = 0; i < inputs.length; i++) {
    try {
      if (judge.applies === undefined || judge.applies((inputs[i] as { input: unknown }).input)) concerned.push(i)
    } catch (error) {
      answers[i] = failureOf(error)
    }
  }
  const asked = concerned.map((i) => inputs[i])
  const together = await ask(judge, asked).catch(() => null)
  for (let c = 0; c < concerned.length; c++) {
    // One by one where the batch failed, so that one span's trouble stays its own.
    const alone = together === null ? await ask(judge, [asked[c]]).then(([own]) => own, failureOf) : together[c]
    answers[concerned[c]!] = compact(alone)
  }
  return answers
}

async function ask(judge: UserJudge, inputs: readonly unknown[]): Promise<readonly unknown[]> {
  if (inputs.length === 0) return []
  const answers = await judge.evaluate(inputs, new AbortController().signal)
  if (!Array.isArray(answers) || answers.length !== inputs.length) throw new TypeError('one list of verdicts per input')
  return answers
}

/** Its message may quote the text; only its name goes out. */
function failureOf(error: unknown): { error: string } {
  const name = error instanceof Error ? error.name : typeof error
  return { error: /^\w{1,60}$/.test(name) ? name : 'Error' }
}

function compact(answer: unknown): SandboxAnswer {
  if (!Array.isArray(answer)) {
    const isFailure = typeof answer === 'object' && answer !== null && 'error' in answer
    return isFailure ? (answer as { error: string }) : { error: 'NoListOfVerdicts' }
  }
  return answer.length === 0 ? 0 : answer
}

/** Of loading, where there is no customer's text yet. */
function reasonOf(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name === 'TypeError' ? '' : `${error.name}: `}${error.message}` : String(error)
  return text.replace(/ imported from \S*[\\/](?:sandbox\.ts|evalforge\.yaml)/, '').slice(0, MAX_REASON)
}
