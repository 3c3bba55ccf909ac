-- Physical tables end in _rows; people and dashboards read the views, which cannot show a duplicate.
-- Key and partition come from the span's own start time, so that a retry after midnight hits the same key.

-- LowCardinality only where queries group: each such column costs 0.4 µs of CPU a row at insert (measured), a String 0.05.
CREATE TABLE IF NOT EXISTS spans_rows
(
    project LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    parent_span_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    end_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    time_inferred Bool,
    name String,
    kind LowCardinality(String),
    operation String,
    dialect LowCardinality(String),
    is_call Bool,
    scope_name String,
    scope_version String,
    sdk_language String,
    service_name LowCardinality(String),
    environment String,
    release String,
    status Enum8('unset' = 0, 'ok' = 1, 'error' = 2),
    error_type String,
    error_message String CODEC(ZSTD(1)),
    time_to_first_token_ms Nullable(Float64),
    provider LowCardinality(String),
    request_model LowCardinality(String),
    response_model LowCardinality(String),
    response_id String CODEC(ZSTD(1)),
    parameters String CODEC(ZSTD(1)),
    finish_reasons Array(String),
    input_captured Bool,
    output_captured Bool,
    input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64),
    cache_read_input_tokens Nullable(UInt64),
    cache_write_input_tokens Nullable(UInt64),
    reasoning_output_tokens Nullable(UInt64),
    reported_input_tokens Nullable(UInt64),
    reported_output_tokens Nullable(UInt64),
    cost_usd Nullable(Float64),
    reported_cost_usd Nullable(Float64),
    price_version String,
    session_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    agent_name String,
    workflow_name String,
    tool_name String,
    tool_call_id String CODEC(ZSTD(1)),
    prompt_name String,
    prompt_version String,
    tags Array(String),
    -- Tier-1 evaluations: every rule judge that ran, in one order, and the verdicts that say more than "passed".
    `rule_evaluations.judge` Array(String),
    `rule_evaluations.judge_version` Array(String),
    `rule_evaluations.outcome` Array(Enum8('passed' = 1, 'failed' = 2, 'error' = 3, 'undecided' = 4)),
    `verdicts.judge` Array(String),
    `verdicts.label` Array(String),
    `verdicts.score` Array(Nullable(Float64)),
    `verdicts.passed` Array(Nullable(Bool)),
    `verdicts.severity` Array(Enum8('none' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4)),
    `verdicts.confidence` Array(Nullable(Float64)),
    `verdicts.explanation` Array(String),
    `verdicts.evidence` Array(Array(Tuple(path String, start UInt32, end UInt32))),
    `verdicts.error` Array(String),
    passed Nullable(Bool),
    severity Enum8('none' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4),
    quality_score Nullable(Float64),
    deciding_judges Array(String),
    pipeline_version String,
    config_version UInt64,
    INDEX trace_id_index trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX session_id_index session_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(hour)
ORDER BY (project, hour, trace_id, span_id)
TTL hour + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS span_texts_rows
(
    project LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    system_instructions String CODEC(ZSTD(1)),
    input_messages String CODEC(ZSTD(1)),
    output_messages String CODEC(ZSTD(1)),
    tool_definitions String CODEC(ZSTD(1)),
    query String CODEC(ZSTD(1)),
    documents String CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(hour)
ORDER BY (project, hour, trace_id, span_id)
TTL hour + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

-- What one span's record says about another span (architecture.md, "More than one span"): idempotent, merged by max.
CREATE TABLE IF NOT EXISTS span_facts_rows
(
    project LowCardinality(String),
    day Date,
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    has_call_inside SimpleAggregateFunction(max, UInt8)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project, day, trace_id, span_id)
TTL day + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

-- Model, LLM, human and replayed verdicts. Live tier-1 verdicts stand on the span's row.
CREATE TABLE IF NOT EXISTS evaluations_rows
(
    project LowCardinality(String),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    unit Enum8('span' = 1, 'trace' = 2, 'session' = 3),
    session_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    start_time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    evaluation_id FixedString(32),
    version UInt64 CODEC(Delta, ZSTD(1)),
    judge LowCardinality(String),
    judge_version LowCardinality(String),
    tier LowCardinality(String),
    track Enum8('live' = 1, 'shadow' = 2),
    config_version UInt64,
    sampling_probability Nullable(Float64),
    duration_ms Nullable(Float64),
    `verdicts.label` Array(LowCardinality(String)),
    `verdicts.score` Array(Nullable(Float64)),
    `verdicts.passed` Array(Nullable(Bool)),
    `verdicts.severity` Array(Enum8('none' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4)),
    `verdicts.confidence` Array(Nullable(Float64)),
    `verdicts.explanation` Array(String),
    `verdicts.evidence` Array(Array(Tuple(path String, start UInt32, end UInt32))),
    `verdicts.cost_usd` Array(Nullable(Float64)),
    `verdicts.error` Array(String)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(hour)
ORDER BY (project, hour, trace_id, span_id, evaluation_id)
TTL hour + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1;

-- One row per committed range of a topic (guarantees.md, "How", 6). A repeated row collapses by its key.
CREATE TABLE IF NOT EXISTS ledger_rows
(
    topic LowCardinality(String),
    partition UInt32,
    start_offset UInt64,
    end_offset UInt64,
    last_append_time DateTime64(3, 'UTC'),
    records UInt64,
    spans UInt64,
    dead_letters UInt64,
    checksum UInt64,
    pipeline_version LowCardinality(String),
    config_version UInt64,
    hours Array(Tuple(project String, hour DateTime('UTC'))),
    -- When the row reached the store: how a restarted process finds hours not rolled up yet. Part of no checksum.
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(last_append_time)
ORDER BY (topic, partition, start_offset)
TTL toDateTime(last_append_time) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800;
