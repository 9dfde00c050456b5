-- Where every issue was seen. An issue is known again by its key, within the submissions of one return.
--
-- That a submission has not an issue says that the issue is gone only if its rule ran there, as a whole, and the issue
-- rows are kept. Such submissions judge the rule. "judged_up_to" is how many did so up to a submission, itself among them,
-- and "judged_before" how many before it; "judged_next" is the number of the next that does.
CREATE MACRO judged(as_at) AS TABLE
WITH checked AS MATERIALIZED (
    SELECT
        sent.return_number, sent.number, sent.receipt, sent.run, rules.rule, rules.status,
        CAST(rules.status IN ('passed', 'failed', 'not_applicable') AND rules.reason IS NULL AS INTEGER) AS whole
    FROM rules
    JOIN submitted(as_at) AS sent USING (receipt, run)
    WHERE sent.rows_kept
),
failing AS (
    SELECT DISTINCT return_number, rule FROM checked WHERE status = 'failed'
)
SELECT
    checked.*,
    sum(whole) OVER in_order AS judged_up_to,
    sum(whole) OVER in_order - whole AS judged_before,
    min(CASE WHEN whole = 1 THEN number END) OVER (
        PARTITION BY return_number, rule ORDER BY number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS judged_next
FROM checked
SEMI JOIN failing USING (return_number, rule)
WINDOW in_order AS (PARTITION BY return_number, rule ORDER BY number);

-- Every issue, from the first submission that has it to the last. "gone_number" is the submission that says it is gone.
-- Where "gaps" is more than 0, submissions between first and last may say that it was gone: counted with the bits of a
-- number, two of more than 63 submissions can share one, so that whoever needs the gaps looks at each.
CREATE MACRO spans(as_at) AS TABLE
SELECT
    judged.return_number,
    issues.key,
    any_value(issues.rule) AS rule,
    any_value(issues.severity) AS severity,
    any_value(issues.child) AS child,
    min(issues."table") AS "table",
    min(judged.number) AS first_number,
    max(judged.number) AS last_number,
    nullif(arg_max(coalesce(judged.judged_next, 0), judged.number), 0) AS gone_number, -- arg_max passes over nothing
    max(judged.judged_up_to) - min(judged.judged_before)
        - bit_count(bit_or(CAST(judged.whole AS UBIGINT) << CAST(judged.judged_up_to % 63 AS UBIGINT))) AS gaps
FROM issues
JOIN judged(as_at) AS judged USING (receipt, run, rule)
WHERE issues.key IS NOT NULL
GROUP BY judged.return_number, issues.key;

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
