import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../app/bench/started-pipeline.ts'

const SHARED = ['schemas', 'core', 'adapters', 'judges', 'collectors', 'stream-processors', 'sinks', 'node_modules']

/** This program with another version in its package.json, below `directory`: what an operator deploys next. */
export function nextRelease(directory: string, version: string): string {
  const root = join(directory, `release-${version}`)
  cpSync(join(ROOT, 'app'), join(root, 'app'), { recursive: true })
  for (const folder of SHARED) symlinkSync(join(ROOT, folder), join(root, folder))
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, version }))
  return root
}
