import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../core/clock.ts'
import { describeBrokerContract } from '../broker.contract.ts'
import { createEmbeddedBroker } from './embedded-broker.ts'

describeBrokerContract('the embedded broker', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'evalforge-broker-'))
  return {
    open: () =>
      createEmbeddedBroker({
        directory,
        writes: 'all',
        clock: systemClock,
        on_fatal(error) {
          throw error
        },
      }),
    cleanup: () => rm(directory, { recursive: true, force: true }),
  }
})
