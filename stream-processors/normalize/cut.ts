/** Names, ids, models and the like: longer ones are somebody's mistake, and they stand in keys and labels. */
export const MAX_NAME = 4_096

/** What every span of a request takes over from its resource or scope, whose bytes its sender paid for once. */
export const MAX_INHERITED = 1_024

/** Cuts at the limit, never inside a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit)
}
