import { describe, expect, it } from 'vitest'
import { createAppendTurns } from './append-turns.ts'

/** A log that writes what it has been given when it is told to. */
function open(max_bytes: number) {
  const append = createAppendTurns(max_bytes)
  const started: string[] = []
  const finish = new Map<string, () => void>()
  return {
    started,
    append(project: string, bytes: number, name: string) {
      return append(project, bytes, async () => {
        started.push(name)
        await new Promise<void>((resolve) => finish.set(name, resolve))
        return name
      })
    },
    async finish(name: string) {
      finish.get(name)!()
      await new Promise(setImmediate)
    },
    fail: (project: string) => append(project, 10, () => Promise.reject(new Error('disk on fire'))),
  }
}

describe('createAppendTurns', () => {
  it('lets a project have so many bytes on the way, in their order, and another its own', async () => {
    const { append, started, finish } = open(100)
    const answers = [append('noisy', 60, 'n1'), append('noisy', 60, 'n2'), append('noisy', 10, 'n3')]
    answers.push(append('quiet', 60, 'q1'))
    await new Promise(setImmediate)
    expect(started).toEqual(['n1', 'q1'])
    await finish('n1')
    expect(started).toEqual(['n1', 'q1', 'n2', 'n3'])
    for (const name of ['q1', 'n2', 'n3']) await finish(name)
    expect(await Promise.all(answers)).toEqual(['n1', 'n2', 'n3', 'q1'])
  })

  it('takes one that is larger than the limit, alone', async () => {
    const { append, started, finish } = open(100)
    void append('noisy', 500, 'large')
    void append('noisy', 1, 'small')
    await new Promise(setImmediate)
    expect(started).toEqual(['large'])
    await finish('large')
    expect(started).toEqual(['large', 'small'])
  })

  it('goes on after a failed append', async () => {
    const { append, fail, started } = open(10)
    const failed = fail('a')
    void append('a', 10, 'next')
    await expect(failed).rejects.toThrow('disk on fire')
    await new Promise(setImmediate)
    expect(started).toEqual(['next'])
  })
})
