import { dirname } from 'node:path'
import type { Random } from '../../../core/random.ts'
import { createInode, type Inode } from './inode.ts'

interface Directory {
  readonly entries: Map<string, Node>
  readonly durable: Map<string, Node>
  /** Changes of entries not synced yet, oldest first. */
  unsynced: (readonly (readonly [name: string, node: Node | undefined])[])[]
}

type Node = { readonly kind: 'file'; readonly inode: Inode } | ({ readonly kind: 'directory' } & Directory)

/** Names of files, which are as volatile as their content until their directory is synced. */
export interface Namespace {
  file(path: string): Inode | undefined
  create(path: string): Inode
  /** Makes the directories on the way that are missing. */
  makeDirectory(path: string): void
  list(path: string): string[]
  remove(path: string): void
  rename(from: string, to: string): void
  syncDirectory(path: string): void
  /** Of every directory's changes that were not synced the first few are there, in their order, as journals keep it. */
  losePower(random: Random): void
  /** Paths of all files. */
  files(): string[]
}

export class MissingFile extends Error {
  readonly code = 'ENOENT'
}

const parts = (path: string) => path.split('/').filter((part) => part !== '')
const nameOf = (path: string) => parts(path).at(-1)!

export function createNamespace(): Namespace {
  const root = createDirectory()

  function find(path: string): Node | undefined {
    let node: Node | undefined = root
    for (const part of parts(path)) node = node?.kind === 'directory' ? node.entries.get(part) : undefined
    return node
  }

  function directory(path: string): Directory {
    const node = find(path)
    if (node?.kind !== 'directory') throw new MissingFile(`there is no directory ${path}`)
    return node
  }

  function change(path: string, changes: readonly (readonly [string, Node | undefined])[]): void {
    const { entries, unsynced } = directory(path)
    for (const [name, node] of changes) set(entries, name, node)
    unsynced.push(changes)
  }

  function present(path: string): Node {
    const node = find(path)
    if (node === undefined) throw new MissingFile(`there is no file ${path}`)
    return node
  }

  return {
    file(path) {
      const node = find(path)
      return node?.kind === 'file' ? node.inode : undefined
    },
    create(path) {
      const inode = createInode()
      change(dirname(path), [[nameOf(path), { kind: 'file', inode }]])
      return inode
    },
    makeDirectory(path) {
      let at = '/'
      for (const part of parts(path)) {
        if (!directory(at).entries.has(part)) change(at, [[part, createDirectory()]])
        at = `${at}${part}/`
      }
    },
    list(path) {
      const node = find(path)
      return node?.kind === 'directory' ? [...node.entries.keys()].sort() : []
    },
    remove(path) {
      present(path)
      change(dirname(path), [[nameOf(path), undefined]])
    },
    rename(from, to) {
      if (dirname(from) !== dirname(to)) throw new Error('renames stay in their directory')
      const node = present(from)
      change(dirname(from), [
        [nameOf(from), undefined],
        [nameOf(to), node],
      ])
    },
    syncDirectory(path) {
      const found = directory(path)
      for (const changes of found.unsynced) for (const [name, node] of changes) set(found.durable, name, node)
      found.unsynced = []
    },
    losePower(random) {
      losePower(root, random)
    },
    files: () => [...walk(root, '')],
  }
}

function createDirectory(): Node & Directory {
  return { kind: 'directory', entries: new Map(), durable: new Map(), unsynced: [] }
}

function set(entries: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) entries.delete(name)
  else entries.set(name, node)
}

function losePower(directory: Directory, random: Random): void {
  const kept = directory.unsynced.slice(0, random(directory.unsynced.length + 1))
  for (const changes of kept) for (const [name, node] of changes) set(directory.durable, name, node)
  directory.unsynced = []
  directory.entries.clear()
  for (const [name, node] of directory.durable) {
    directory.entries.set(name, node)
    if (node.kind === 'directory') losePower(node, random)
    else node.inode.losePower(random)
  }
}

function* walk(directory: Directory, path: string): Generator<string> {
  for (const [name, node] of directory.entries) {
    if (node.kind === 'file') yield `${path}/${name}`
    else yield* walk(node, `${path}/${name}`)
  }
}
