import type { Range } from '../../core/component.ts'

/**
 * insert_deduplication_token of one insert of a range: equal on replay, different for another range, version,
 * configuration or piece (two inserts with one token into one partition would lose the second). The append time tells
 * apart two logs that count from 0: one that was deleted, and the one begun in its place beside the same tables.
 */
export function insertToken(table: string, range: Range, piece: number): string {
  const { topic, partition, start, end, last_append_time, pipeline_version, config_offset } = range
  return [table, topic, partition, start, end, last_append_time, pipeline_version, config_offset, piece].join(':')
}
