-- Every receipt: one row a submission that was received. Times are UTC.
CREATE VIEW receipts AS
WITH texts AS (
    -- Put together and taken apart: a reader hands over one file at a time, and each would be parsed by itself.
    SELECT unnest(list(content)) AS content FROM read_text('@receipts@')
),
documents AS (
    SELECT
        from_json(
            content,
            '{
                "receipt": "VARCHAR", "received": "VARCHAR", "authority": "VARCHAR", "collection": "VARCHAR",
                "version": "VARCHAR", "stage": "VARCHAR", "supersedes": "VARCHAR", "library": "VARCHAR",
                "verdict": "VARCHAR", "reasons": ["VARCHAR"], "missing_tables": ["VARCHAR"],
                "counts": {
                    "rules_run": "BIGINT", "failed": "BIGINT", "skipped": "BIGINT", "crashed": "BIGINT",
                    "issues": "BIGINT", "children": "BIGINT", "children_with_issues": "BIGINT"
                }
            }'
        ) AS document
    FROM texts
)
SELECT
    document.receipt AS receipt,
    CAST(document.received AS TIMESTAMP) AS received,
    document.authority AS authority,
    document.collection AS collection,
    document.version AS version,
    document.stage AS stage,
    document.supersedes AS supersedes,
    document.library AS library,
    document.verdict AS verdict,
    array_to_string(document.reasons, '; ') AS reasons,
    document.counts.rules_run AS rules_run,
    document.counts.failed AS rules_failed,
    document.counts.skipped AS rules_skipped,
    document.counts.crashed AS rules_crashed,
    document.counts.issues AS issues,
    document.counts.children AS children,
    document.counts.children_with_issues AS children_with_issues,
    len(document.missing_tables) AS missing_tables
FROM documents;
