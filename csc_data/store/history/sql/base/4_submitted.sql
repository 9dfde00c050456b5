-- What had been received by the end of a day (UTC), numbered within the return it is a submission of: that of an
-- authority, a collection and a version. "run" and "folder" are nothing where there are no results.
CREATE MACRO submitted(as_at) AS TABLE
SELECT
    dense_rank() OVER (ORDER BY receipts.authority, receipts.collection, receipts.version) AS return_number,
    row_number() OVER each_return AS number,
    count(*) OVER whole_return AS submissions,
    receipts.*,
    results.run,
    results.folder,
    coalesce(results.rows_kept, false) AS rows_kept
FROM receipts
LEFT JOIN results USING (receipt)
WHERE receipts.received < CAST(as_at AS DATE) + INTERVAL 1 DAY
WINDOW
    each_return AS (
        PARTITION BY receipts.authority, receipts.collection, receipts.version
        ORDER BY receipts.received, receipts.receipt
    ),
    whole_return AS (PARTITION BY receipts.authority, receipts.collection, receipts.version);

-- The last submission of every return that could be read: what stands now, accepted or not.
CREATE MACRO last_read(as_at) AS TABLE
SELECT *
FROM submitted(as_at)
WHERE run IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY return_number ORDER BY number DESC) = 1;

-- The last submission of every return that was accepted.
CREATE MACRO last_accepted(as_at) AS TABLE
SELECT *
FROM submitted(as_at)
WHERE verdict IN ('accepted', 'accepted with issues')
QUALIFY row_number() OVER (PARTITION BY return_number ORDER BY number DESC) = 1;
