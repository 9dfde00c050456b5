SELECT
    authority, collection, indicator, version, status, numerator, denominator, value, received, last_accepted.receipt
FROM last_accepted(as_at) AS last_accepted
JOIN indicators USING (folder)
ORDER BY authority, collection, indicator, version
