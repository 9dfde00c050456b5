SELECT
    authority, collection, version, number, received, receipt, stage, verdict, reasons,
    rules_run, rules_failed, rules_skipped, rules_crashed, issues, children, children_with_issues, missing_tables,
    supersedes, library, rows_kept
FROM submitted(as_at)
ORDER BY authority, collection, version, number
