SELECT
    authority, collection, indicator, version, status, numerator, denominator, value, received, receipt
FROM last_accepted(as_at)
JOIN indicators USING (receipt, run)
ORDER BY authority, collection, indicator, version
