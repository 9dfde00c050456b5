WITH sent AS MATERIALIZED (
    SELECT DISTINCT authority, collection, version FROM submitted(as_at)
),
asked_for AS (
    SELECT DISTINCT collection, version FROM sent
)
SELECT
    expected.authority, collection, version, expected.name, deadlines.deadline, deadlines.deadline_note,
    date_diff('day', CAST(as_at AS DATE), deadlines.deadline) AS days_before_deadline,
    CAST(as_at AS DATE) > deadlines.deadline AS overdue,
    expected.authority IN (SELECT authority FROM sent WHERE authority IS NOT NULL) AS other_returns
FROM expected
JOIN asked_for USING (collection, version)
LEFT JOIN deadlines USING (collection, version)
ANTI JOIN sent USING (authority, collection, version)
ORDER BY collection, version, authority
