/** One thing that is wrong with a configuration. Messages never quote secrets. */
export interface ConfigProblem {
  /** Dotted, as in evalforge.yaml: `judges.pii.patterns[2].source`; '' for the whole. */
  readonly path: string
  readonly message: string
}

/** A path of keys and indexes as people write it. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
