/** The programs whose traffic is made up. */
export const SERVICES = ['support-bot', 'docs-assistant', 'sql-copilot', 'report-writer', 'faq-widget'] as const
export type Service = (typeof SERVICES)[number]

const HOUR_MS = 3_600_000

/** Share of all traces, and how much of it falls on each hour of the day (UTC) and on weekends. */
interface Habit {
  readonly share: number
  readonly weekend: number
  readonly hours: readonly number[]
}

const SHOP = [3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 10, 11, 13, 16, 18, 17, 13, 9, 5]
const OFFICE = [0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 3, 9, 15, 18, 17, 15, 10, 15, 17, 16, 12, 6, 2, 1, 0.8, 0.6, 0.4, 0.3]
const MORNING = [0.1, 0.1, 0.1, 0.1, 0.5, 4, 16, 20, 14, 8, 5, 4, 3, 3, 3, 4, 3, 1, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1]

const HABITS: { readonly [Name in Service]: Habit } = {
  'support-bot': { share: 40, weekend: 1.25, hours: SHOP },
  'docs-assistant': { share: 24, weekend: 0.08, hours: OFFICE },
  'sql-copilot': { share: 12, weekend: 0.1, hours: OFFICE },
  'report-writer': { share: 8, weekend: 0.15, hours: MORNING },
  'faq-widget': { share: 16, weekend: 1.1, hours: SHOP },
}
const HOURS_TOTAL = new Map(SERVICES.map((name) => [name, HABITS[name].hours.reduce((sum, part) => sum + part, 0)]))

/** How busy a service is in the hour that begins at `hour_ms`, relative to all others and all other hours. */
export function activity(service: Service, hour_ms: number): number {
  const { share, weekend, hours } = HABITS[service]
  const date = new Date(hour_ms)
  const isWeekend = date.getUTCDay() === 0 || date.getUTCDay() === 6
  return (share * hours[date.getUTCHours()]! * (isWeekend ? weekend : 1)) / HOURS_TOTAL.get(service)!
}

export interface Hour {
  readonly from_ms: number
  readonly to_ms: number
  /** Activity of each service, in the order of SERVICES, for the part of the hour that belongs to the history. */
  readonly activities: readonly number[]
  readonly total: number
}

/** The hours of [from, to), the first and the last perhaps cut. */
export function hoursBetween(from_ms: number, to_ms: number): readonly Hour[] {
  const hours: Hour[] = []
  for (let start = Math.floor(from_ms / HOUR_MS) * HOUR_MS; start < to_ms; start += HOUR_MS) {
    const from = Math.max(start, from_ms)
    const to = Math.min(start + HOUR_MS, to_ms)
    const activities = SERVICES.map((service) => (activity(service, start) * (to - from)) / HOUR_MS)
    hours.push({ from_ms: from, to_ms: to, activities, total: activities.reduce((sum, part) => sum + part, 0) })
  }
  return hours
}

/** When a share (0 to 1) of a service's traffic is over: windows placed by traffic are never empty. */
export function timeAt(service: Service, share: number, hours: readonly Hour[]): number {
  const index = SERVICES.indexOf(service)
  let left = share * hours.reduce((sum, { activities }) => sum + activities[index]!, 0)
  for (const { from_ms, to_ms, activities } of hours) {
    const part = activities[index]!
    if (left <= part) return Math.round(from_ms + (part === 0 ? 0 : left / part) * (to_ms - from_ms))
    left -= part
  }
  return hours.at(-1)!.to_ms
}
