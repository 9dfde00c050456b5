SELECT
    authority,
    collection,
    version,
    count(*) AS submissions,
    count(*) FILTER (WHERE verdict IN ('accepted', 'accepted with issues')) AS accepted,
    count(*) FILTER (WHERE verdict = 'returned') AS returned,
    count(*) FILTER (WHERE verdict = 'unreadable') AS unreadable,
    min(received) AS first_received,
    max(received) AS last_received,
    arg_max(verdict, number) AS last_verdict,
    arg_min(issues, number) FILTER (WHERE verdict <> 'unreadable') AS issues_at_first,
    arg_max(issues, number) FILTER (WHERE verdict <> 'unreadable') AS issues_at_last
FROM submitted(as_at)
GROUP BY authority, collection, version
ORDER BY authority, collection, version
