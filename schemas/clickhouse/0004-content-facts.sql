-- What a log record says about its span (architecture.md, "More than one span"): prompts, answers, usage, evaluations.
-- A fact is known by the bytes of its record, so that a repeat is the same row; stream-processors/assemble joins it.
CREATE TABLE IF NOT EXISTS content_facts_rows
(
    project LowCardinality(String),
    day Date,
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    fact_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    ordinal UInt32,
    event_name LowCardinality(String),
    content String CODEC(ZSTD(1)),
    INDEX received_at_index received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY day
ORDER BY (project, day, trace_id, span_id, fact_id)
TTL day + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

CREATE OR REPLACE VIEW content_facts AS
SELECT * FROM content_facts_rows FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- What came in lately lies in young, small parts: with this index a question for it reads those alone.
ALTER TABLE spans_rows ADD INDEX IF NOT EXISTS received_at_index received_at TYPE minmax GRANULARITY 1;
