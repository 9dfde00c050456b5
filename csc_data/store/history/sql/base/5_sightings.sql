-- Where every issue was seen. An issue is known again by its key, within the submissions of one return.
--
-- That a submission has not an issue says that the issue is gone only if its rule ran there, as a whole, and the issue
-- rows are kept. Such submissions judge the rule. "judged_up_to" is how many did so up to a submission, itself among them,
-- and "judged_before" how many before it; "judged_next" is the number of the next that does. Of rules that never flagged
-- anything in a return nothing is said.
CREATE MACRO judged(as_at) AS TABLE
WITH checked AS MATERIALIZED (
    SELECT
        sent.return_number, sent.number, rules.rule, rules.severity, rules.status,
        CAST(rules.status IN ('passed', 'failed', 'not_applicable') AND rules.reason IS NULL AS INTEGER) AS whole
    FROM rules
    JOIN submitted(as_at) AS sent USING (folder)
    WHERE sent.rows_kept
),
failing AS (
    SELECT DISTINCT return_number, rule FROM checked WHERE status = 'failed'
)
SELECT
    return_number, number, rule, severity, whole,
    sum(whole) OVER in_order AS judged_up_to,
    sum(whole) OVER in_order - whole AS judged_before,
    min(CASE WHEN whole = 1 THEN number END) OVER (
        PARTITION BY return_number, rule ORDER BY number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS judged_next
FROM checked
SEMI JOIN failing USING (return_number, rule)
WINDOW in_order AS (PARTITION BY return_number, rule ORDER BY number);

-- Every issue, from the first submission that has it to the last: "seen" has a bit for each submission of the return, from
-- the left. The rule, the child and the table are part of what the key stands for. The issues of a return that have no key
-- are together on a row without one.
CREATE MACRO sightings(as_at) AS TABLE
-- Named otherwise than any beside which the macro is put: DuckDB 1.0 would take that for it.
WITH with_bits AS (
    SELECT
        folder, return_number, number,
        set_bit(CAST(repeat('0', CAST(submissions AS INTEGER)) AS BIT), CAST(number - 1 AS INTEGER), 1) AS bit
    FROM submitted(as_at)
)
SELECT
    with_bits.return_number,
    issues.key,
    any_value(issues.rule) AS rule,
    any_value(issues.child) AS child,
    min(issues."table") AS "table",
    min(with_bits.number) AS first_number,
    max(with_bits.number) AS last_number,
    bit_or(with_bits.bit) AS seen,
    count(*) AS issue_rows
FROM issues
JOIN with_bits USING (folder)
GROUP BY with_bits.return_number, issues.key;

-- Every issue that is known again, with what is known of it after its last submission. "gone_number" is the submission
-- that says it is gone.
CREATE MACRO spans(as_at) AS TABLE
SELECT sightings.*, judged.severity, judged.judged_next AS gone_number
FROM sightings(as_at) AS sightings
JOIN judged(as_at) AS judged
    ON judged.return_number = sightings.return_number
    AND judged.rule = sightings.rule
    AND judged.number = sightings.last_number
WHERE sightings.key IS NOT NULL;

-- Every issue with the days that belong to it, and what is known of it on the day asked for: "open" if the last
-- submission that could be read has it, "gone" if a later one says so, else "not known".
CREATE MACRO issue_days(as_at) AS TABLE
WITH sent AS MATERIALIZED (
    SELECT return_number, number, authority, collection, version, receipt, received, run FROM submitted(as_at)
),
last_of_return AS (
    SELECT return_number, max(number) AS number FROM sent WHERE run IS NOT NULL GROUP BY return_number
)
SELECT
    spans.return_number,
    first_sent.authority,
    first_sent.collection,
    first_sent.version,
    spans.rule,
    spans.severity,
    spans."table",
    spans.child,
    spans.key,
    first_sent.received AS first_seen,
    first_sent.receipt AS first_receipt,
    last_sent.received AS last_seen,
    last_sent.receipt AS last_receipt,
    CASE
        WHEN spans.gone_number IS NOT NULL THEN 'gone'
        WHEN spans.last_number = last_of_return.number THEN 'open'
        ELSE 'not known'
    END AS state,
    gone_sent.received AS gone_on,
    gone_sent.receipt AS gone_receipt
FROM spans(as_at) AS spans
JOIN last_of_return USING (return_number)
JOIN sent AS first_sent
    ON first_sent.return_number = spans.return_number AND first_sent.number = spans.first_number
JOIN sent AS last_sent
    ON last_sent.return_number = spans.return_number AND last_sent.number = spans.last_number
LEFT JOIN sent AS gone_sent
    ON gone_sent.return_number = spans.return_number AND gone_sent.number = spans.gone_number;
