-- Recomputed from view spans, a whole generation of a project's hour at a time; never incremented (architecture.md, "Tables").
CREATE TABLE IF NOT EXISTS spans_hourly_rows
(
    project LowCardinality(String),
    hour DateTime('UTC'),
    generation UInt64,
    kind LowCardinality(String),
    service_name LowCardinality(String),
    environment LowCardinality(String),
    provider LowCardinality(String),
    model LowCardinality(String),
    prompt_name LowCardinality(String),
    prompt_version LowCardinality(String),
    spans UInt64,
    errors UInt64,
    judged UInt64,
    failed UInt64,
    calls UInt64,
    failed_calls UInt64,
    unpriced_calls UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cache_read_input_tokens UInt64,
    reasoning_output_tokens UInt64,
    cost_usd Float64,
    duration_ms AggregateFunction(quantilesTDigest(0.5, 0.95, 0.99), Float64)
)
ENGINE = ReplacingMergeTree(generation)
PARTITION BY toDate(hour)
ORDER BY (project, hour, kind, service_name, environment, provider, model, prompt_name, prompt_version)
TTL hour + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

-- Only the newest generation of an hour counts: a group that a correction emptied leaves no trace.
CREATE OR REPLACE VIEW spans_hourly AS
SELECT *
FROM spans_hourly_rows FINAL
WHERE (project, hour, generation) IN (SELECT project, hour, max(generation) FROM spans_hourly_rows GROUP BY project, hour)
SETTINGS do_not_merge_across_partitions_select_final = 1;
