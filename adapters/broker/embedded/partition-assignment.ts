/**
 * Spreads partitions evenly over members (by index) and moves as few as possible. `owners[p]` is the present owner of
 * partition p, -1 without one; the result has the same shape, all -1 without members.
 */
export function assignPartitions(owners: readonly number[], members: number): number[] {
  if (members === 0) return owners.map(() => -1)
  const held = new Array<number>(members).fill(0)
  for (const owner of owners) if (owner >= 0) held[owner]! += 1
  const share = Math.floor(owners.length / members)
  /** Members that hold most keep the partitions that do not divide evenly. */
  const byHeld = held.map((_, member) => member).sort((a, b) => held[b]! - held[a]! || a - b)
  const room = new Array<number>(members).fill(share)
  for (const member of byHeld.slice(0, owners.length % members)) room[member]! += 1

  const next = owners.map((owner) => {
    if (owner < 0 || room[owner]! === 0) return -1
    room[owner]! -= 1
    return owner
  })
  return next.map((owner) => {
    if (owner >= 0) return owner
    const member = room.findIndex((free) => free > 0)
    room[member]! -= 1
    return member
  })
}
