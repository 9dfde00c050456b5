WITH counted AS (
    SELECT authority, collection, version, count(*) AS submissions, count(*) - 1 AS resubmissions
    FROM submitted(as_at)
    GROUP BY authority, collection, version
)
SELECT
    authority, collection, version, submissions, resubmissions,
    resubmissions * minutes_low AS minutes_low,
    resubmissions * minutes_central AS minutes_central,
    resubmissions * minutes_high AS minutes_high
FROM counted
CROSS JOIN resubmission
ORDER BY authority, collection, version
