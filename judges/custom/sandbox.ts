import { readFileSync, readSync, writeSync } from 'node:fs'
import { isBuiltin, Module, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deserialize } from 'node:v8'
import { Script } from 'node:vm'
import { spanInput } from '../span-texts.ts'
import { framed, readFrame } from './frames.ts'
import type { SandboxAnswer, SandboxBatch, SandboxReady, SandboxTask } from './sandbox-messages.ts'

/**
 * The inside of a sandbox: a process that was started without rights, loads one judge and answers batches. It reads messages
 * blocking, so that nothing of the judge runs between them. Whoever started it trusts none of its answers.
 */

const MADE_UP_ROOT = 'file:///judge'
/** Modules of Node that compute and reach nothing outside. */
const BUILTINS = new Set(
  'assert assert/strict buffer crypto events path path/posix punycode querystring stream string_decoder timers timers/promises url util util/types zlib'.split(
    ' ',
  ),
)
const GLOBALS_TAKEN = [
  'fetch',
  'WebSocket',
  'EventSource',
  'Worker',
  'BroadcastChannel',
  'navigator',
  'localStorage',
  'sessionStorage',
]
const FORMATS = new Set(['module', 'commonjs', 'module-typescript', 'commonjs-typescript', 'json'])
const RUN = Symbol.for('evalforge.run')
const MAX_REASON = 300

interface LoadedModule {
  readonly url: string
  readonly format: string
  readonly source: string
}

interface Import {
  readonly parent: string
  readonly specifier: string
  readonly url: string
}

/** What a module may export, as far as it was checked. */
interface UserJudge {
  readonly version: string
  readonly unit?: unknown
  readonly description?: unknown
  readonly labels?: unknown
  readonly patterns?: unknown
  readonly applies?: (input: unknown) => unknown
  readonly evaluate: (inputs: readonly unknown[], signal: AbortSignal) => unknown
}

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

/** Loads the module from its files and says all that it loaded. */
async function collect({ target, config }: Extract<SandboxTask, { task: 'collect' }>): Promise<unknown> {
  const start = 'file' in target ? pathToFileURL(target.file).href : target.package
  const from = 'file' in target ? undefined : pathToFileURL(`${target.directory}/evalforge.yaml`).href
  const modules = new Map<string, LoadedModule>()
  const imports: Import[] = []
  let entry = ''
  registerHooks({
    resolve(specifier, context, next) {
      if (isBuiltin(specifier)) return next(allowedBuiltin(specifier), context)
      const isStart = entry === '' && specifier === start
      const found = next(specifier, isStart && from !== undefined ? { ...context, parentURL: from } : context)
      if (!found.url.startsWith('file:')) throw new TypeError(`${specifier}: only files can be imported.`)
      if (isStart) entry = found.url
      else imports.push({ parent: context.parentURL ?? '', specifier, url: found.url })
      return found
    },
    load(url, context, next) {
      if (isBuiltin(url)) return next(url, context)
      const { format } = next(url, context)
      if (!FORMATS.has(format ?? 'commonjs'))
        throw new TypeError(`${format}: only JavaScript, TypeScript and JSON can be imported.`)
      const source = readFileSync(fileURLToPath(url), 'utf8')
      modules.set(url, { url, format: format ?? 'commonjs', source })
      return { format, source, shortCircuit: true }
    },
  })
  takeGlobals()
  const judge = await judgeOf(await import(start), config)
  const { version, unit, description, labels, patterns } = judge
  const known = imports.filter(({ parent }) => modules.has(parent))
  return {
    ...relocated(entry, [...modules.values()], known),
    manifest: JSON.parse(JSON.stringify({ version, unit, description, labels, patterns })) as unknown,
  }
}

/** Under URLs that say nothing of this machine. */
function relocated(entry: string, modules: readonly LoadedModule[], imports: readonly Import[]) {
  const folders = modules.map(({ url }) => url.split('/').slice(0, -1))
  let depth = 0
  while (folders.every((folder) => folder.length > depth && folder[depth] === folders[0]![depth])) depth++
  const moved = (url: string) => `${MADE_UP_ROOT}/${url.split('/').slice(depth).join('/')}`
  const unique = new Map(
    imports.map(({ parent, specifier, url }) => [`${parent}\n${specifier}`, { parent, specifier, url }]),
  )
  return {
    entry: moved(entry),
    modules: modules.map(({ url, ...rest }) => ({ url: moved(url), ...rest })),
    imports: [...unique.values()].map(({ parent, specifier, url }) => ({
      parent: moved(parent),
      specifier,
      url: moved(url),
    })),
  }
}

/** Loads the module from its bundle; nothing else can be imported, then or later. */
async function loadBundle({ bundle, config }: Extract<SandboxTask, { task: 'judge' }>): Promise<UserJudge> {
  const { entry, modules, imports } = bundle as { entry: string; modules: LoadedModule[]; imports: Import[] }
  const byUrl = new Map(modules.map((module) => [module.url, module]))
  const urls = new Map(imports.map(({ parent, specifier, url }) => [`${parent}\n${specifier}`, url]))
  registerHooks({
    resolve(specifier, context, next) {
      if (isBuiltin(specifier)) return next(allowedBuiltin(specifier), context)
      const url = specifier === entry ? entry : urls.get(`${context.parentURL}\n${specifier}`)
      const module = url === undefined ? undefined : byUrl.get(url)
      if (module === undefined) throw new TypeError(`${specifier}: was not imported when the judge was loaded.`)
      return { url: module.url, format: module.format, shortCircuit: true }
    },
    load(url, context, next) {
      if (isBuiltin(url)) return next(url, context)
      const module = byUrl.get(url)
      if (module === undefined) throw new TypeError(`${url}: is not part of the judge.`)
      return { format: module.format, source: module.source, shortCircuit: true }
    },
  })
  takeGlobals()
  return judgeOf(await import(entry), config)
}

function allowedBuiltin(specifier: string): string {
  if (BUILTINS.has(specifier.replace(/^node:/, ''))) return specifier
  throw new TypeError(`${specifier}: this module of Node is not available to a judge.`)
}

/** What leads out of the sandbox where the rights of the process do not bound it: the network, signals, other loaders. */
function takeGlobals(): void {
  const { version, versions, platform, arch } = process
  const stand_in = {
    env: {},
    argv: [],
    version,
    versions: { ...versions },
    platform,
    arch,
    cwd: () => '/',
    nextTick: (work: (...args: unknown[]) => void, ...args: unknown[]) => queueMicrotask(() => work(...args)),
    emitWarning: () => {},
    on: () => {},
    once: () => {},
  }
  Object.defineProperty(globalThis, 'process', { value: Object.freeze(stand_in), writable: false, configurable: false })
  for (const name of GLOBALS_TAKEN) Reflect.deleteProperty(globalThis, name)
  // `module.constructor` of a CommonJS module.
  for (const name of ['registerHooks', 'register', 'createRequire', 'runMain']) Reflect.deleteProperty(Module, name)
}

/** The judge that a module exports: `createJudge(config)`, `judge`, or either as its default. */
async function judgeOf(exported: Readonly<Record<string, unknown>>, config: unknown): Promise<UserJudge> {
  const { default: standard } = exported
  const places = [exported, ...(typeof standard === 'object' && standard !== null ? [standard as typeof exported] : [])]
  const makers = [...places.map(({ createJudge }) => createJudge), standard]
  const make = makers.find((one): one is (config: unknown) => unknown => typeof one === 'function')
  const found = make ? await make(config) : (places.find(({ judge }) => judge !== undefined)?.judge ?? standard)
  if (typeof found !== 'object' || found === null)
    throw new TypeError(
      'exports no judge: export `judge`, or `createJudge(config)` that returns one, or one as default.',
    )
  const judge = found as Partial<UserJudge> & { readonly tier?: unknown }
  if (typeof judge.evaluate !== 'function') throw new TypeError('the judge has no function `evaluate`.')
  if (typeof judge.version !== 'string')
    throw new TypeError('the judge has no `version`, a string that changes with its verdicts.')
  if ((judge.tier ?? 'rule') !== 'rule') throw new TypeError('the judge must be of tier `rule`.')
  if (judge.applies !== undefined && typeof judge.applies !== 'function')
    throw new TypeError('`applies` must be a function.')
  if (make === undefined && Object.keys((config ?? {}) as object).length > 0)
    throw new TypeError('takes no `config`: export `createJudge(config)` for that.')
  return judge as UserJudge
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
