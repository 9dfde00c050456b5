-- What the path of a part says. All parts that a run made of a submission stand in a folder of their own, by which they
-- are known: what is read of a path is worked out once for each file, and one short comparison stands for the receipt and
-- the run.
CREATE MACRO folder_of(path) AS parse_dirpath(path);
CREATE MACRO run_of(path) AS regexp_extract(
    path, '[/\\]([^/\\]+)[/\\]collection=[^/\\]*[/\\]version=[^/\\]*[/\\]la=[^/\\]*[/\\]receipt=[^/\\]*[/\\][a-z]+\.parquet$', 1
);
CREATE MACRO receipt_of(path) AS regexp_extract(path, '[/\\]receipt=([^/\\]*)[/\\][a-z]+\.parquet$', 1);
