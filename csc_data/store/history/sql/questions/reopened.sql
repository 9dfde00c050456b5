WITH interrupted AS MATERIALIZED (
    SELECT * FROM spans(as_at) WHERE last_number - first_number >= bit_count(seen)
),
-- Of the submissions that have an issue, those after which one says it is gone before the next has it again: how many
-- submissions lie between says the first bit right of the submission's own.
gaps AS (
    SELECT
        interrupted.return_number, interrupted.key, interrupted.rule, interrupted.severity, interrupted."table",
        interrupted.child, judged.number, judged.judged_next,
        judged.number + bit_position(CAST('1' AS BIT), interrupted.seen << CAST(judged.number AS INTEGER)) AS back_number
    FROM interrupted
    JOIN judged(as_at) AS judged
        ON judged.return_number = interrupted.return_number
        AND judged.rule = interrupted.rule
        AND judged.number >= interrupted.first_number
        AND judged.number < interrupted.last_number
    WHERE get_bit(interrupted.seen, CAST(judged.number - 1 AS INTEGER)) = 1
),
sent AS MATERIALIZED (
    SELECT return_number, number, authority, collection, version, receipt, received FROM submitted(as_at)
)
SELECT
    back.authority, back.collection, back.version, gaps.rule, gaps.severity, gaps."table", gaps.child, gaps.key,
    row_number() OVER (PARTITION BY gaps.return_number, gaps.key ORDER BY gaps.number) AS occasion,
    seen_before.received AS seen_before, gone.received AS gone_on, gone.receipt AS gone_receipt,
    back.received AS back_on, back.receipt AS back_receipt
FROM gaps
JOIN sent AS seen_before ON seen_before.return_number = gaps.return_number AND seen_before.number = gaps.number
JOIN sent AS gone ON gone.return_number = gaps.return_number AND gone.number = gaps.judged_next
JOIN sent AS back ON back.return_number = gaps.return_number AND back.number = gaps.back_number
WHERE gaps.judged_next < gaps.back_number
ORDER BY gaps.return_number, gaps.rule, gaps.key, occasion
