SELECT
    authority, collection, version, rule, severity, "table", child, key, first_seen, first_receipt, last_seen, state
FROM issue_days(as_at)
ORDER BY return_number, rule, first_seen, key
