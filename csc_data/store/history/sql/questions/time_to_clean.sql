WITH firsts AS (
    SELECT
        authority, collection, version,
        min(received) AS first_received,
        min(received) FILTER (WHERE verdict IN ('accepted', 'accepted with issues')) AS accepted_on,
        min(number) FILTER (WHERE verdict IN ('accepted', 'accepted with issues')) AS submissions_until_accepted,
        count(*) AS submissions
    FROM submitted(as_at)
    GROUP BY authority, collection, version
)
SELECT
    authority, collection, version, first_received, accepted_on, submissions, submissions_until_accepted,
    date_diff('day', CAST(first_received AS DATE), CAST(accepted_on AS DATE)) AS days,
    CASE WHEN accepted_on IS NULL
        THEN date_diff('day', CAST(first_received AS DATE), CAST(as_at AS DATE)) END AS days_waiting
FROM firsts
ORDER BY authority, collection, version
