CREATE OR REPLACE VIEW spans AS
SELECT
    *,
    dateDiff('nanosecond', start_time, end_time) / 1e6 AS duration_ms,
    if(response_model != '', response_model, request_model) AS model
FROM spans_rows FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW span_texts AS
SELECT * FROM span_texts_rows FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW span_facts AS
SELECT project, day, trace_id, span_id, max(has_call_inside) AS has_call_inside
FROM span_facts_rows
GROUP BY project, day, trace_id, span_id;

CREATE OR REPLACE VIEW evaluations AS
SELECT * FROM evaluations_rows FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;

CREATE OR REPLACE VIEW ledger AS
SELECT * FROM ledger_rows FINAL;

-- A model call counts unless another model call lies directly inside it: the only table that tokens, cost and calls are summed from.
CREATE OR REPLACE VIEW usage AS
SELECT
    project, hour, trace_id, span_id, start_time, end_time, duration_ms, service_name, environment, release, dialect,
    scope_name, kind, operation, provider, model, request_model, response_model, status, error_type, input_tokens,
    output_tokens, cache_read_input_tokens, cache_write_input_tokens, reasoning_output_tokens, cost_usd,
    reported_cost_usd, price_version, time_to_first_token_ms, session_id, user_id, agent_name, workflow_name,
    prompt_name, prompt_version, tags, passed, severity, quality_score
FROM spans
WHERE is_call
    AND (project, toDate(hour), trace_id, span_id) NOT IN
        (SELECT project, day, trace_id, span_id FROM span_facts_rows WHERE has_call_inside = 1);

-- One row per judge and unit, tier 1 included.
CREATE OR REPLACE VIEW all_evaluations AS
SELECT
    project, hour, 'span' AS unit, session_id, trace_id, span_id, start_time,
    lower(substring(hex(SHA256(concat(project, '\0', 'span', '\0', '\0', trace_id, '\0', span_id, '\0', judge, '\0', judge_version, '\0', 'live'))), 1, 32)) AS evaluation_id,
    version, judge, judge_version, 'rule' AS tier, 'live' AS track, config_version,
    CAST(1, 'Nullable(Float64)') AS sampling_probability, toString(outcome) AS outcome,
    arrayFilter((x, j) -> j = judge, verdicts.label, verdicts.judge) AS labels,
    arrayFilter((x, j) -> j = judge, verdicts.score, verdicts.judge) AS scores,
    arrayFilter((x, j) -> j = judge, arrayMap(s -> toString(s), verdicts.severity), verdicts.judge) AS severities,
    arrayFilter((x, j) -> j = judge, verdicts.explanation, verdicts.judge) AS explanations,
    arrayFilter((x, j) -> j = judge, verdicts.evidence, verdicts.judge) AS evidence,
    arrayFilter((x, j) -> j = judge, verdicts.error, verdicts.judge) AS errors
FROM spans
ARRAY JOIN
    rule_evaluations.judge AS judge,
    rule_evaluations.judge_version AS judge_version,
    rule_evaluations.outcome AS outcome
UNION ALL
SELECT
    project, hour, toString(unit) AS unit, session_id, trace_id, span_id, start_time,
    toString(evaluation_id) AS evaluation_id,
    version, judge, judge_version, tier, toString(track) AS track, config_version, sampling_probability,
    multiIf(has(verdicts.passed, false), 'failed', arrayExists(e -> e != '', verdicts.error), 'error',
            arrayExists(p -> isNull(p), verdicts.passed) OR empty(verdicts.passed), 'undecided', 'passed') AS outcome,
    verdicts.label AS labels, verdicts.score AS scores,
    arrayMap(s -> toString(s), verdicts.severity) AS severities,
    verdicts.explanation AS explanations, verdicts.evidence AS evidence, verdicts.error AS errors
FROM evaluations;

-- The combined outcome of a trace: a failure anywhere fails it, an undecided span keeps it from passing.
CREATE OR REPLACE VIEW traces AS
SELECT
    span.project AS project,
    span.trace_id AS trace_id,
    min(span.start_time) AS start_time,
    max(span.end_time) AS end_time,
    argMin(span.name, (span.parent_span_id != '', span.start_time)) AS name,
    any(span.session_id) AS session_id,
    count() AS spans,
    countIf(span.status = 'error') AS errors,
    multiIf(countIf(span.passed = false) > 0, false,
            countIf(isNull(span.passed) AND notEmpty(span.`rule_evaluations.judge`)) > 0, NULL,
            countIf(span.passed = true) > 0, true,
            NULL) AS passed,
    max(span.severity) AS severity,
    min(span.quality_score) AS quality_score,
    arraySort(groupUniqArrayArray(span.deciding_judges)) AS deciding_judges
FROM spans AS span
GROUP BY span.project, span.trace_id;
