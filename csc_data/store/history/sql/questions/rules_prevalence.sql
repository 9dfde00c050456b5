WITH checked AS (
    SELECT last_read.collection, last_read.version, rules.*
    FROM last_read(as_at) AS last_read
    JOIN rules USING (folder)
)
SELECT
    collection,
    version,
    rule,
    any_value(severity) AS severity,
    any_value(origin) AS origin,
    count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status = 'passed' AND reason IS NULL) AS passed,
    count(*) FILTER (WHERE status = 'passed' AND reason IS NOT NULL) AS passed_in_part,
    count(*) FILTER (WHERE status = 'not_applicable') AS not_applicable,
    count(*) FILTER (WHERE status IN ('skipped', 'crashed')) AS did_not_run,
    count(*) FILTER (WHERE status = 'failed') / nullif(count(*) FILTER (WHERE status IN ('passed', 'failed')), 0) AS share,
    CAST(sum(rows_failed) AS BIGINT) AS rows_failed,
    CAST(sum(rows_checked) AS BIGINT) AS rows_checked,
    CAST(sum(children_failed) AS BIGINT) AS children_failed,
    CAST(sum(children_checked) AS BIGINT) AS children_checked
FROM checked
GROUP BY collection, version, rule
ORDER BY collection, version, share DESC NULLS LAST, rows_failed DESC, rule
