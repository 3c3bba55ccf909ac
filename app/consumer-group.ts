/** The consumer group of the ClickHouse delivery. */
export const CONSUMER_GROUP = 'store'
