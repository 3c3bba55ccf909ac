import type { Clock } from '../../core/clock.ts'
import { type Bundle, bundleSha256, bundleText, MAX_BUNDLE_BYTES, readBundle } from './bundle.ts'
import type { CustomJudgeEntry } from './custom-config.ts'
import { SandboxFailure, startSandbox } from './sandbox-process.ts'

export interface LoadOptions {
  /** Entry of a sandbox's process. */
  readonly sandbox: URL
  /** Absolute; where relative files and packages are looked for. */
  readonly directory: string
  readonly resolvePath: (directory: string, file: string) => string
  readonly clock: Clock
}

export type LoadedBundle =
  | { readonly ok: true; readonly sha256: string; readonly text: string; readonly bundle: Bundle }
  | { readonly ok: false; readonly problem: string }

/** Loads a user's judge in a sandbox from its files, checks it, and says all that belongs to it. */
export async function loadBundle(entry: CustomJudgeEntry, options: LoadOptions): Promise<LoadedBundle> {
  const { sandbox, directory, resolvePath, clock } = options
  const { file, package: name, config, memory_limit_mb } = entry
  const target = file === undefined ? { package: name ?? '', directory } : { file: resolvePath(directory, file) }
  const what = file ?? name ?? ''
  const process = startSandbox({ entry: sandbox, task: { task: 'collect', target, config }, memory_limit_mb, clock })
  try {
    const answer = await process.ready
    if (!answer.ok) return { ok: false, problem: `${what}: ${answer.problem}` }
    const bundle = readBundle(answer.bundle)
    const text = bundleText(bundle)
    const bytes = Buffer.byteLength(text)
    if (bytes > MAX_BUNDLE_BYTES)
      return {
        ok: false,
        problem: `${what}: is ${bytes} bytes with all it imports, and at most ${MAX_BUNDLE_BYTES} are kept.`,
      }
    return { ok: true, sha256: bundleSha256(text), text, bundle }
  } catch (error) {
    const why = error instanceof SandboxFailure || error instanceof TypeError ? error.message : 'cannot be loaded'
    return { ok: false, problem: `${what}: ${why}` }
  } finally {
    process.kill()
  }
}
