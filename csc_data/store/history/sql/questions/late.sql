SELECT
    authority, collection, version, number, received, receipt, verdict, deadline, deadline_note,
    date_diff('day', CAST(received AS DATE), deadline) AS days_before_deadline,
    CAST(received AS DATE) > deadline AS late
FROM submitted(as_at)
LEFT JOIN deadlines USING (collection, version)
ORDER BY authority, collection, version, number
