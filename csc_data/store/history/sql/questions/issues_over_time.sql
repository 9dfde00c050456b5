-- Only what is followed is put in order, and texts that are the same in a whole submission are added last.
WITH checked AS MATERIALIZED (
    SELECT
        sent.return_number, sent.number,
        rules.rule, rules.severity, rules.origin, rules.status, rules.rows_failed, rules.children_failed
    FROM rules
    JOIN submitted(as_at) AS sent USING (folder)
),
flagging AS (
    SELECT DISTINCT return_number, rule FROM checked WHERE status IN ('failed', 'crashed')
),
followed AS (
    SELECT
        *,
        rows_failed - lag(rows_failed IGNORE NULLS) OVER (
            PARTITION BY return_number, rule ORDER BY number
        ) AS change
    FROM checked
    SEMI JOIN flagging USING (return_number, rule)
)
SELECT
    collection, version, rule, severity, origin, authority, number, received, receipt, status, rows_failed,
    children_failed, change
FROM followed
JOIN submitted(as_at) AS sent USING (return_number, number)
ORDER BY collection, version, rule, authority, number
