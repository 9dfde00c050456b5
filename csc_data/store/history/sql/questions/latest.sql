SELECT
    authority, collection, version, number, submissions, received, receipt, verdict, issues, children,
    children_with_issues, rules_skipped, rules_crashed, submissions - number AS sent_since
FROM last_accepted(as_at)
ORDER BY authority, collection, version
