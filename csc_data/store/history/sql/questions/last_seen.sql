SELECT
    authority, collection, version, rule, severity, "table", child, key, first_seen, last_seen, last_receipt, gone_on,
    gone_receipt, date_diff('day', CAST(first_seen AS DATE), CAST(gone_on AS DATE)) AS days_until_gone
FROM issue_days(as_at)
WHERE state = 'gone'
ORDER BY return_number, rule, last_seen, key
