-- Which run the results of a submission are taken from, the folder they stand in, and whether its issue rows are still
-- kept. Of several runs over one submission it is the last: once it has a receipt, no run checks it again.
CREATE VIEW results AS
WITH checked AS (
    SELECT receipt_of(file) AS receipt, max(run_of(file)) AS run, arg_max(folder_of(file), run_of(file)) AS folder
    FROM glob('@rules@')
    GROUP BY 1
),
kept AS (
    SELECT DISTINCT folder_of(file) AS folder FROM glob('@issues@')
)
SELECT checked.receipt, checked.run, checked.folder, kept.folder IS NOT NULL AS rows_kept
FROM checked
LEFT JOIN kept USING (folder);
