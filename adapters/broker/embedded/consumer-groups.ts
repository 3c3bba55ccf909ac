import type { SubscribeOptions, Subscription } from '../broker.ts'
import type { OwnedPartition } from './assigned-partition.ts'
import { assignPartitions } from './partition-assignment.ts'

interface Place {
  readonly topic: string
  readonly partition: number
}

interface Member {
  readonly options: SubscribeOptions
  readonly owned: Map<string, OwnedPartition>
  /** What its callbacks threw: the partition changes hands all the same, and `close` tells. */
  readonly failures: unknown[]
}

export interface ConsumerGroupsOptions {
  partitionsOf(topic: string): number
  own(group: string, place: Place): OwnedPartition
}

export interface ConsumerGroups {
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** Whether a subscription of this process reads for the group. */
  isUsed(group: string): boolean
  close(): Promise<void>
}

/** Shares partitions among the subscriptions of a group in this process, draining each before it changes hands. */
export function createConsumerGroups(options: ConsumerGroupsOptions): ConsumerGroups {
  const groups = new Map<string, ReturnType<typeof createGroup>>()
  const open = new Set<Subscription>()

  return {
    async subscribe(subscribeOptions) {
      const group = groups.get(subscribeOptions.group) ?? createGroup(subscribeOptions.group, options)
      groups.set(subscribeOptions.group, group)
      const member: Member = { options: subscribeOptions, owned: new Map(), failures: [] }
      await group.join(member)
      let closing: Promise<void> | null = null
      const subscription: Subscription = {
        close() {
          closing ??= group.leave(member).then(() => {
            open.delete(subscription)
            if (member.failures.length > 0) throw member.failures[0]
          })
          return closing
        },
      }
      open.add(subscription)
      return subscription
    },
    isUsed: (group) => groups.get(group)?.isUsed() ?? false,
    async close() {
      const results = await Promise.allSettled([...open].map((subscription) => subscription.close()))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}

function createGroup(group: string, { partitionsOf, own }: ConsumerGroupsOptions) {
  let members: readonly Member[] = []
  let settled: Promise<void> = Promise.resolve()

  /** Membership changes one at a time, so that no partition has two owners. */
  function change(next: (members: readonly Member[]) => readonly Member[]): Promise<void> {
    settled = settled.then(() => rebalance(next(members)))
    return settled
  }

  async function rebalance(next: readonly Member[]): Promise<void> {
    const wanted = wantedOwners(next)
    const affected = new Set([...members, ...next])
    members = next
    const revocations = [...affected].flatMap((member) =>
      [...member.owned.keys()].filter((id) => wanted.get(id)?.member !== member).map((id) => revoke(member, id)),
    )
    await Promise.all(revocations)
    for (const [id, { member, place }] of wanted) if (!member.owned.has(id)) assign(member, id, place)
  }

  function wantedOwners(next: readonly Member[]): Map<string, { member: Member; place: Place }> {
    const wanted = new Map<string, { member: Member; place: Place }>()
    for (const topic of new Set(next.flatMap((member) => member.options.topics))) {
      const interested = next.filter((member) => member.options.topics.includes(topic))
      const owners = Array.from({ length: partitionsOf(topic) }, (_, partition) =>
        interested.findIndex((member) => member.owned.has(`${topic}/${partition}`)),
      )
      assignPartitions(owners, interested.length).forEach((index, partition) => {
        wanted.set(`${topic}/${partition}`, { member: interested[index]!, place: { topic, partition } })
      })
    }
    return wanted
  }

  async function revoke(member: Member, id: string): Promise<void> {
    const partition = member.owned.get(id)!
    partition.beginRevoke()
    try {
      await member.options.revoked(partition.handle)
    } catch (error) {
      member.failures.push(error)
    }
    await partition.fence()
    member.owned.delete(id)
  }

  function assign(member: Member, id: string, place: Place): void {
    const partition = own(group, place)
    member.owned.set(id, partition)
    try {
      member.options.assigned(partition.handle)
    } catch (error) {
      member.failures.push(error)
    }
  }

  return {
    isUsed: () => members.length > 0,
    join: (member: Member) => change((current) => [...current, member]),
    leave: (member: Member) => change((current) => current.filter((other) => other !== member)),
  }
}
