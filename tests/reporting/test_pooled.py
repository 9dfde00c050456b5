"""The tables of any runs can be put together: one schema a table whatever was found, and every row says whose it is."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import duckdb
import jsonschema
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import csc_data
from csc_data.analysis.comparison.compare import SubmissionChanges
from csc_data.analysis.exchange.exchange_file import exchange_schema
from csc_data.catalogue import tables as catalogue
from csc_data.files.columns import Columns
from csc_data.files.identity import IDENTITY_COLUMNS
from csc_data.reporting import comparison
from csc_data.reporting.tables import TABLES
from csc_data.results.pseudonyms import Pseudonyms

STANDARDS = [
    f"{collection.id}/{version}" for collection in csc_data.collections().values() for version in collection.versions
]
AUTHORITIES = ("Barnet", "Leeds", "Devon")


def nothing(standard: csc_data.Standard, folder: Path) -> object:
    """A return without a row."""
    (name, *_) = standard.tables
    return {name: pd.DataFrame(columns=list(standard.items[name]), dtype=str)}


def sound(standard: csc_data.Standard, folder: Path) -> object:
    """An invented return of a few children."""
    return standard.collection.draw(standard, 4, 1).tables


def broken(standard: csc_data.Standard, folder: Path) -> object:
    """The same with every code wrong, a row that cannot be read, and a file that is no table."""
    folder.mkdir(parents=True)
    for name, table in sound(standard, folder).items():  # type: ignore[attr-defined]
        text = table.replace(r"^[A-Z]\d$", "??", regex=True).to_csv(index=False)
        folder.joinpath(f"{name}.csv").write_text(text + ",".join("x" * 60) + "\n", encoding="utf-8")
    folder.joinpath("notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


KINDS = {"nothing": nothing, "sound": sound, "broken": broken}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of runs over returns of every kind, collection and version."""
    made, given = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("given")
    for number, standard in enumerate(map(csc_data.standard, STANDARDS)):
        for kind, invent in KINDS.items():
            name = f"{standard.id.replace('/', '_')}_{kind}"
            authority = None if kind == "nothing" else AUTHORITIES[number % 3]
            report = csc_data.validate(invent(standard, given / name), standard, authority=authority)
            report.to_parquet(made / name)
            report.save(made / name / "run.zip")
    return made


def paths(runs: Path, table: str) -> list[Path]:
    return sorted(runs.glob(f"*/{table}.parquet"))


@pytest.mark.parametrize("table", TABLES)
def test_one_schema_whatever_was_found(runs: Path, table: str) -> None:
    promised = (TABLES[table] + IDENTITY_COLUMNS).schema
    assert len(paths(runs, table)) == len(STANDARDS) * len(KINDS) >= 30
    for path in paths(runs, table):
        assert pq.read_schema(path) == promised, path.parent.name


@pytest.mark.parametrize("table", TABLES)
def test_thirty_runs_read_as_one_table(runs: Path, table: str) -> None:
    rows = sum(pq.read_metadata(path).num_rows for path in paths(runs, table))
    dataset = ds.dataset([str(path) for path in paths(runs, table)])
    assert dataset.to_table().num_rows == rows > 0
    (counted,) = duckdb.sql(f"select count(*) from '{runs}/*/{table}.parquet'").fetchall()
    assert counted == (rows,)


def test_the_runs_can_be_told_apart(runs: Path) -> None:
    pooled = duckdb.sql(
        f"select distinct run, authority, collection, version, period_start, period_end from '{runs}/*/rules.parquet'"
    ).fetchall()
    assert len(pooled) == len({run for run, *_ in pooled}) == len(STANDARDS) * len(KINDS)
    assert {f"{collection}/{version}" for _, _, collection, version, *_ in pooled} == set(STANDARDS)
    assert {authority for _, authority, *_ in pooled} == {None, "E09000003", "E08000035", "E10000008"}
    assert all(start < end and isinstance(start, dt.date) for *_, start, end in pooled)
    together = duckdb.sql(
        f"select sum(r.issues) from '{runs}/*/rules.parquet' r join (select distinct run from "
        f"'{runs}/*/issues.parquet') using (run)"
    ).fetchall()
    alone = sum(pd.read_parquet(path)["issue"].nunique() for path in paths(runs, "issues"))
    assert together == [(alone,)]


def test_saved_runs_have_one_schema_a_table(runs: Path) -> None:
    for standard in STANDARDS:
        schemas: dict[str, list[pa.Schema]] = {}
        for kind in KINDS:
            with zipfile.ZipFile(runs / f"{standard.replace('/', '_')}_{kind}" / "run.zip") as packed:
                for name in packed.namelist():
                    if name.endswith(".parquet"):
                        schemas.setdefault(name, []).append(pq.read_schema(io.BytesIO(packed.read(name))))
        assert {len(each) for name, each in schemas.items() if "/" not in name} == {len(KINDS)}
        for name, each in schemas.items():
            assert all(schema == each[0] for schema in each), name
            assert each[0].names[-len(IDENTITY_COLUMNS) :] == list(IDENTITY_COLUMNS)


def test_a_run_comes_back_with_the_columns_that_were_supplied(tmp_path: Path) -> None:
    for rows in ([], ["a"]):
        tables = {"Header": pd.DataFrame({"CHILD": rows, "SEX": rows}, dtype=str)}
        csc_data.validate(tables, "ssda903/2025-26").save(tmp_path / "run.zip")
        assert set(csc_data.read_run(tmp_path / "run.zip").records["Header"].values) == {"CHILD", "SEX"}


def small() -> csc_data.Report:
    return csc_data.validate(
        {"Header": pd.DataFrame({"CHILD": ["a1"], "SEX": ["9"]})}, "ssda903/2025-26", authority="Leeds"
    )


def test_the_same_run_again_is_the_same_but_for_times(tmp_path: Path) -> None:
    for name in ("first", "second"):
        small().to_parquet(tmp_path / name)
    for table in TABLES:
        first, second = (
            pq.read_table(tmp_path / name / f"{table}.parquet").drop_columns(["run_time"])
            for name in ("first", "second")
        )
        dropped = ["seconds"] if table == "rules" else []
        assert first.drop_columns(dropped) == second.drop_columns(dropped)


def test_under_pseudonyms_no_time_is_told(tmp_path: Path) -> None:
    hidden = small().pseudonymised(Pseudonyms(b"kQ7vX2mP9sLd4TzR8wYb3HnC6fGj1UaE5oViKtM0"))
    hidden.to_parquet(tmp_path)
    for table in TABLES:
        column = pq.read_table(tmp_path / f"{table}.parquet").column("run_time")
        assert column.null_count == len(column)
    assert hidden.summary()["run"]["time"] is None
    assert small().summary()["run"]["time"].endswith("+00:00")


def test_no_value_goes_into_what_a_run_is_known_by() -> None:
    """Whoever guesses a child or a date cannot test the guess by it."""
    given = ({"CHILD": ["a1"], "DOB": ["01/01/2015"]}, {"CHILD": ["b2"], "DOB": ["02/02/2016"]})
    reports = [csc_data.validate({"Header": pd.DataFrame(entry)}, "ssda903/2025-26") for entry in given]
    assert len({report.summary()["run"]["id"] for report in reports}) == 1


def test_every_document_says_which_run_it_is_of(tmp_path: Path) -> None:
    report = small()
    report.to_json(tmp_path / "report.json")
    report.save(tmp_path / "run.zip")
    report.to_exchange(tmp_path / "exchange.json")
    csc_data.compare(report, report).to_json(tmp_path / "comparison.json")
    read = {name: json.loads((tmp_path / f"{name}.json").read_text()) for name in ("report", "exchange", "comparison")}
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        read["run"] = json.loads(packed.read("run.json"))["summary"]
    documents = [read["report"], read["run"], read["comparison"]["before"], read["comparison"]["after"]]
    assert len({entry["run"]["id"] for entry in [*documents, report.burden().to_dict()]}) == 1
    for each in [*documents, report.burden().to_dict()]:
        assert each["run"]["time"] == report.summary()["run"]["time"]
        assert (each["standard"]["collection"], each["standard"]["version"]) == ("ssda903", "2025-26")
        assert each["authority"]["ons_code"] == "E08000035"
        assert each["period"]["end"] == "2026-03-31"
    jsonschema.validate(read["exchange"], exchange_schema())
    jsonschema.validate(read["comparison"], comparison.schema())
    assert read["exchange"]["run"]["time"] == report.summary()["run"]["time"]
    assert read["exchange"]["run"]["id"] != read["report"]["run"]["id"]
    assert [read["exchange"][name] for name in ("standard", "authority")] == ["ssda903/2025-26", "E08000035"]
    assert read["exchange"]["period"][1] == "2026-03-31"


def test_a_comparison_and_a_catalogue_have_one_schema_a_table(tmp_path: Path) -> None:
    """A table of other columns, or of values of another type, would not be made."""
    changed = csc_data.validate({"Header": pd.DataFrame({"CHILD": ["b2"], "SEX": ["1"]})}, "ssda903/2025-26")
    without = csc_data.validate({"Episodes": pd.DataFrame({"CHILD": ["b2"]})}, "ssda903/2025-26")
    pairs = [(changed, changed), (changed, without), (without, changed)]
    result: list[SubmissionChanges] = [csc_data.compare(*pair) for pair in pairs]
    for name, columns in comparison.TABLES.items():
        assert {columns.table(getattr(entry, name)).schema for entry in result} == {columns.schema}
    for standards in ([], [csc_data.standard(standard) for standard in STANDARDS]):
        for name, frame in catalogue.catalogue_tables(standards).items():
            assert catalogue.TABLES[name].table(frame).schema == catalogue.TABLES[name].schema


def test_a_table_of_other_columns_or_types_is_no_table() -> None:
    columns = Columns({"a": "a number"}, a=pa.int64())
    assert columns.table(pd.DataFrame({"a": []})).schema == columns.schema
    with pytest.raises(ValueError, match="columns b in place of a"):
        columns.table(pd.DataFrame({"b": [1]}))
    with pytest.raises(pa.ArrowInvalid):
        columns.table(pd.DataFrame({"a": ["x"]}))
