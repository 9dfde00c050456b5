SELECT
    authority, collection, version, rule, rules.severity, rules.origin, rules.status, rules.reason,
    rules.rows_failed, rules.rows_checked, rules.children_failed, rules.children_checked, received, last_read.receipt, verdict
FROM last_read(as_at) AS last_read
JOIN rules USING (folder)
WHERE rules.status IN ('failed', 'crashed')
ORDER BY authority, collection, version, rule
