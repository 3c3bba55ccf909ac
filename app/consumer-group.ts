import { JUDGE_REQUESTS, OTLP_LOGS, OTLP_SPANS } from '../schemas/topics.ts'

/** The consumer group of the ClickHouse delivery. */
export const CONSUMER_GROUP = 'store'

/** What it reads. */
export const STORE_TOPICS: readonly string[] = [OTLP_SPANS.name, OTLP_LOGS.name, JUDGE_REQUESTS.name]

/** Finds what is complete; its commits hold the watermark, and who owns partition 0 of judge_requests is the one that assembles. */
export const ASSEMBLE_GROUP = 'assemble'
