export interface SyntaxNode {
  /** "Function", "TableIdentifier", ... */
  readonly kind: string
  /** What stands behind the kind, without alias and number of children: a name, or ''. */
  readonly detail: string
  readonly children: readonly SyntaxNode[]
}

interface OpenNode extends SyntaxNode {
  readonly children: OpenNode[]
  readonly depth: number
  readonly expected: number
}

const LINE = /^(?<indent> *)(?<kind>[A-Za-z][A-Za-z:]*)(?<rest>.*)$/

/**
 * Reads the output of EXPLAIN AST. Null when it is not a well-formed tree: names with line breaks could add lines, but
 * then the announced number of children of some node above them is wrong.
 */
export function parseSyntaxTree(lines: readonly string[]): SyntaxNode | null {
  const path: OpenNode[] = []
  let root: OpenNode | null = null
  for (const line of lines) {
    const node = parseLine(line)
    if (!node || node.depth > path.length || (node.depth === 0 && root)) return null
    path.length = node.depth
    const parent = path.at(-1)
    if (parent) parent.children.push(node)
    else root = node
    path.push(node)
  }
  return root && isComplete(root) ? root : null
}

function parseLine(line: string): OpenNode | null {
  const { indent, kind, rest } = LINE.exec(line)?.groups ?? {}
  if (indent === undefined || kind === undefined || rest === undefined) return null
  const counted = / \(children (?<count>\d+)\)$/.exec(rest)
  const named = counted ? rest.slice(0, counted.index) : rest
  const alias = named.indexOf(' (alias ')
  const detail = (alias < 0 ? named : named.slice(0, alias)).trim()
  return { kind, detail, children: [], depth: indent.length, expected: Number(counted?.groups?.count ?? 0) }
}

function isComplete(node: OpenNode): boolean {
  return node.children.length === node.expected && node.children.every(isComplete)
}
