WITH interrupted AS MATERIALIZED (
    SELECT return_number, key, rule, severity, "table", child FROM spans(as_at) WHERE gaps > 0
),
seen AS (
    SELECT DISTINCT judged.return_number, issues.key, judged.number, judged.judged_next
    FROM issues
    JOIN judged(as_at) AS judged USING (receipt, run, rule)
    SEMI JOIN interrupted USING (return_number, key)
),
in_order AS (
    SELECT *, lead(number) OVER (PARTITION BY return_number, key ORDER BY number) AS back_number FROM seen
),
sent AS MATERIALIZED (
    SELECT return_number, number, authority, collection, version, receipt, received FROM submitted(as_at)
)
SELECT
    back.authority, back.collection, back.version, interrupted.rule, interrupted.severity, interrupted."table",
    interrupted.child, interrupted.key,
    row_number() OVER (PARTITION BY in_order.return_number, in_order.key ORDER BY in_order.number) AS occasion,
    seen_before.received AS seen_before, gone.received AS gone_on, gone.receipt AS gone_receipt,
    back.received AS back_on, back.receipt AS back_receipt
FROM in_order
JOIN interrupted USING (return_number, key)
JOIN sent AS seen_before ON seen_before.return_number = in_order.return_number AND seen_before.number = in_order.number
JOIN sent AS gone ON gone.return_number = in_order.return_number AND gone.number = in_order.judged_next
JOIN sent AS back ON back.return_number = in_order.return_number AND back.number = in_order.back_number
WHERE in_order.judged_next < in_order.back_number
ORDER BY back.authority, back.collection, back.version, interrupted.rule, in_order.key, occasion
