import { readFileSync } from 'node:fs'
import { isBuiltin, Module, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { SandboxTask } from './sandbox-messages.ts'

/** How a sandbox loads the module of a user, and what it takes away before. */

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
export interface UserJudge {
  readonly version: string
  readonly unit?: unknown
  readonly description?: unknown
  readonly labels?: unknown
  readonly patterns?: unknown
  readonly applies?: (input: unknown) => unknown
  readonly evaluate: (inputs: readonly unknown[], signal: AbortSignal) => unknown
}

/** Loads the module from its files and says all that it loaded. */
export async function collect({ target, config }: Extract<SandboxTask, { task: 'collect' }>): Promise<unknown> {
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
export async function loadBundle({ bundle, config }: Extract<SandboxTask, { task: 'judge' }>): Promise<UserJudge> {
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
