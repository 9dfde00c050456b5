WITH checked AS (
    SELECT sent.*, rules.rule, rules.severity, rules.origin, rules.status, rules.rows_failed, rules.children_failed
    FROM rules
    JOIN submitted(as_at) AS sent USING (receipt, run)
)
SELECT
    collection, version, rule, severity, origin, authority, number, received, receipt, status, rows_failed,
    children_failed,
    rows_failed - lag(rows_failed IGNORE NULLS) OVER (
        PARTITION BY return_number, rule ORDER BY number
    ) AS change
FROM checked
QUALIFY bool_or(status IN ('failed', 'crashed')) OVER (PARTITION BY return_number, rule)
ORDER BY collection, version, rule, authority, number
