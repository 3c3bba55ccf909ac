import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/random.ts'
import { createProcess, type Process } from '../machine.ts'
import { createScheduler } from '../scheduler.ts'
import { createDisk } from './disk.ts'

function aMachine(seed = 1) {
  const scheduler = createScheduler()
  const disk = createDisk(scheduler, createRandom(seed))
  const start = (): Process => createProcess({ role: 'ingest', generation: 0, onStep: () => {}, onDeath: () => {} })
  return {
    scheduler,
    disk,
    start,
    /** What a process does, in virtual time. */
    async run<Result>(work: Promise<Result>): Promise<Result> {
      let settled = false
      const done = work.finally(() => {
        settled = true
      })
      done.catch(() => {})
      await scheduler.run(() => settled, 60_000)
      return done
    },
  }
}

const PATH = '/log/t/0.log'

async function aFile(machine: ReturnType<typeof aMachine>) {
  const files = machine.disk.mount(machine.start())
  await machine.run(files.makeDirectory('/log/t'))
  const file = await machine.run(files.open(PATH, 'create'))
  return { files, file }
}

async function contentOf(machine: ReturnType<typeof aMachine>): Promise<string | null> {
  return machine.run(machine.disk.mount(machine.start()).readText(PATH))
}

/** Everything that lies on the way to the file. */
async function syncNames(machine: ReturnType<typeof aMachine>, files: { syncDirectory(path: string): Promise<void> }) {
  for (const path of ['/', '/log', '/log/t']) await machine.run(files.syncDirectory(path))
}

/** What is left of a file over many losses of power, each with other luck. */
async function afterPowerLoss(prepare: (machine: ReturnType<typeof aMachine>) => Promise<void>): Promise<Set<string>> {
  const seen = new Set<string>()
  for (let seed = 0; seed < 60; seed++) {
    const machine = aMachine(seed)
    await prepare(machine)
    machine.disk.losePower()
    seen.add(String(await contentOf(machine)))
  }
  return seen
}

describe('the simulated disk', () => {
  it('keeps what was flushed, file and names, through a loss of power', async () => {
    const left = await afterPowerLoss(async (machine) => {
      const { files, file } = await aFile(machine)
      await machine.run(file.write([Buffer.from('kept')], 0))
      await machine.run(file.datasync())
      await syncNames(machine, files)
    })
    expect([...left]).toEqual(['kept'])
  })

  it('may lose or tear what was not flushed', async () => {
    const left = await afterPowerLoss(async (machine) => {
      const { files, file } = await aFile(machine)
      await machine.run(file.write([Buffer.alloc(1_200, 'x')], 0))
      await syncNames(machine, files)
    })
    const lengths = [...left].map((text) => text.length)
    expect(lengths).toContain(0)
    expect(lengths).toContain(1_200)
    expect([...left].some((text) => text.includes('\0') || (text.length > 0 && text.length < 1_200))).toBe(true)
  })

  it('may lose the name of a file whose content was flushed', async () => {
    const left = await afterPowerLoss(async (machine) => {
      const { file } = await aFile(machine)
      await machine.run(file.write([Buffer.from('kept')], 0))
      await machine.run(file.datasync())
    })
    expect(left).toEqual(new Set(['kept', 'null']))
  })

  it('never gets what a failed flush dropped, unless it is written again', async () => {
    for (const [again, expected] of [
      [false, ''],
      [true, 'x'],
    ] as const) {
      const machine = aMachine()
      const { files, file } = await aFile(machine)
      await syncNames(machine, files)
      await machine.run(file.write([Buffer.from('x')], 0))
      machine.disk.faults.fail_sync = PATH
      await expect(machine.run(file.datasync())).rejects.toMatchObject({ code: 'EIO' })
      expect(await contentOf(machine)).toBe('x')
      if (again) await machine.run(file.write([Buffer.from('x')], 0))
      await machine.run(file.datasync())
      machine.disk.losePower()
      expect(await contentOf(machine)).toBe(expected)
    }
  })

  it('keeps what a killed process wrote, and gives its lock away', async () => {
    const machine = aMachine()
    const first = machine.start()
    const files = machine.disk.mount(first)
    files.lock('/log/t')
    const file = await machine.run(files.open(PATH, 'create'))
    await machine.run(file.write([Buffer.from('kept')], 0))
    const second = machine.disk.mount(machine.start())
    expect(() => second.lock('/log/t')).toThrow('another process')
    first.kill('as the test wants it')
    second.lock('/log/t')
    expect(await contentOf(machine)).toBe('kept')
  })

  it('does nothing for a process that is dead', async () => {
    const machine = aMachine()
    const process = machine.start()
    const files = machine.disk.mount(process)
    await machine.run(files.makeDirectory('/log/t'))
    process.kill('as the test wants it')
    let answered = false
    files.open(PATH, 'create').then(() => {
      answered = true
    })
    await machine.scheduler.run(() => false, 60_000)
    expect(answered).toBe(false)
    expect(machine.disk.files()).toEqual([])
  })
})
