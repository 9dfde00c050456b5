-- What the path of a part says. The run is no partition of its own, so it is read out of the path.
CREATE MACRO run_of(path) AS regexp_extract(
    path, '[/\\]([^/\\]+)[/\\]collection=[^/\\]*[/\\]version=[^/\\]*[/\\]la=[^/\\]*[/\\]receipt=[^/\\]*[/\\][a-z]+\.parquet$', 1
);
CREATE MACRO receipt_of(path) AS regexp_extract(path, '[/\\]receipt=([^/\\]*)[/\\][a-z]+\.parquet$', 1);
