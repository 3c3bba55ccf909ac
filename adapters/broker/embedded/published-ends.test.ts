import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { nodeFileSystem } from './file-system.ts'
import { createTopicEnds, type PublishedEnd, type TopicEnds } from './published-ends.ts'

const at = (end: number): PublishedEnd => ({ end, base: 0, size: end * 100, timestamp_ms: 1000 + end })

describe('published ends', () => {
  let directory: string
  let opened: TopicEnds[]
  const path = () => join(directory, 'ends')
  function open(mode: 'read' | 'write', partitions = 2): TopicEnds {
    const ends = createTopicEnds({ path: path(), partitions, mode, fileSystem: nodeFileSystem, clock: systemClock })
    opened.push(ends)
    return ends
  }
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evalforge-ends-'))
    opened = []
  })
  afterEach(() => {
    for (const ends of opened) ends.close()
    rmSync(directory, { recursive: true })
  })

  it('shows a reader what the writer published last, before the file exists and after', () => {
    const reader = open('read')
    expect(reader.get(1)).toEqual({ end: 0, base: 0, size: 0, timestamp_ms: 0 })
    const writer = open('write')
    writer.publish(1, at(3))
    writer.publish(1, at(7))
    expect(reader.get(1)).toEqual(at(7))
    expect(reader.get(0).end).toBe(0)
    expect(open('write').recorded(1)).toEqual(at(7))
  })

  it('falls back to the end published before when the last was half written, wherever it broke', () => {
    const writer = open('write', 1)
    writer.publish(0, at(3))
    const before = readFileSync(path())
    writer.publish(0, at(7))
    const after = readFileSync(path())
    const changed = [...after.keys()].filter((index) => before[index] !== after[index])
    expect(changed.length).toBeGreaterThan(4)
    for (const index of changed) {
      const torn = Buffer.from(after)
      torn[index] = ~torn[index]! & 0xff
      writeFileSync(path(), torn)
      expect(open('read', 1).get(0), `byte ${index}`).toEqual(at(3))
    }
  })

  it('wakes a reader of another file handle when the end moves, and not before', async () => {
    const writer = open('write')
    const reader = open('read')
    let woken = false
    const waiting = reader.wait(0, { beyond: 4, ms: 10_000 }).then(() => {
      woken = true
    })
    await systemClock.sleep(30)
    expect(woken).toBe(false)
    writer.publish(0, at(5))
    await waiting
    expect(woken).toBe(true)
  })
})
