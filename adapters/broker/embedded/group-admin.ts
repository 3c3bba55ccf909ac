import { CodedError } from '../../../core/errors.ts'
import type { Broker } from '../broker.ts'
import type { LogDirectory } from './log-directory.ts'
import { COMMITS } from './offset-commits.ts'

export interface GroupAdminOptions {
  readonly directory: string
  isUsed(group: string): boolean
}

/** What operators do with consumer groups. Only the process that keeps the commits may change them. */
export function createGroupAdmin(
  { topics, commits, health }: LogDirectory,
  { directory, isUsed }: GroupAdminOptions,
): Pick<Broker, 'groups' | 'moveGroup' | 'dropGroup'> {
  async function mayChange(group: string): Promise<void> {
    health.guard()
    if (!topics.isOurs(COMMITS)) {
      const message = `Group ${group} cannot be changed here: another process keeps the commits of ${directory}.`
      throw new CodedError('TOPIC_READ_ONLY', message)
    }
    if (isUsed(group)) throw new CodedError('GROUP_IN_USE', `Something reads for the group ${group} right now.`)
    await commits.refresh()
  }

  return {
    async groups() {
      health.guard()
      await commits.refresh()
      return commits.all().map((place) => ({ ...place, in_use: isUsed(place.group) }))
    },
    async moveGroup(place, commit) {
      await mayChange(place.group)
      await commits.write(place, commit)
    },
    async dropGroup(group) {
      await mayChange(group)
      await commits.drop(group)
    },
  }
}
