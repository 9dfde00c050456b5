"""What became of issues and records between two submissions; the edits of each pair are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.analysis.comparison.compare import CHILD_CHANGE_COLUMNS, NOT_COMPARED_COLUMNS, RULE_CHANGE_COLUMNS
from csc_data.analysis.comparison.issue_changes import ISSUE_CHANGE_COLUMNS
from csc_data.analysis.comparison.record_changes import RECORD_CHANGE_COLUMNS, TABLE_CHANGE_COLUMNS
from csc_data.commands.cli import main
from csc_data.comparison import Comparison, compare
from csc_data.declare import Drawn
from csc_data.errors import InputError, UsageError
from csc_data.reporting.comparison import document, schema
from csc_data.results.runs import Run, read_run

SSDA903 = csc_data.standard("ssda903/2025-26")
TABLES = ("issues", "children", "records", "rules", "not_compared", "tables")


def header(*children: str, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"CHILD": children, "SEX": "1", "DOB": "01/02/2010", "ETHNIC": "WBRI", **columns})


def episodes(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["CHILD", "DECOM", "DEC", "REC"], dtype=str)


def report(**tables: pd.DataFrame) -> csc_data.Report:
    return csc_data.validate(tables, SSDA903)


def by_rule(comparison: Comparison, code: str) -> dict[str, int]:
    counts = comparison.rules.set_index("rule").loc[code]
    return {name: counts[name] for name in ("before", "after", "resolved", "new", "remaining")}


# --- Pairs made by hand ---------------------------------------------------------------------------------------------


def test_an_issue_is_resolved_by_its_cell() -> None:
    before = report(Episodes=episodes(("a", "01/05/2025", "01/06/2025", ""), ("b", "01/05/2025", "01/06/2025", "")))
    after = report(Episodes=episodes(("b", "01/05/2025", "01/06/2025", ""), ("a", "01/05/2025", "01/06/2025", "X1")))
    comparison = compare(before, after)
    assert by_rule(comparison, "148") == {"before": 2, "after": 1, "resolved": 1, "new": 0, "remaining": 1}
    assert comparison.records.to_dict("records") == [
        {
            "table": "Episodes", "change": "changed", "child": "A", "line_before": 1, "line_after": 2, "cells_added": 1,
            "cells_changed": 0, "cells_removed": 0, "items": "REC",
        }
    ]  # fmt: skip
    child = comparison.children.set_index("child").loc["A"]
    assert (child["resolved"], child["records_changed"], child["cells_edited"]) == (child["before"], 1, 1)
    assert comparison.rework.cells_edited == 1
    assert comparison.rework.resolved_per_cell_edited == comparison.rework.issues_resolved
    assert comparison.rework.resolved_without_change == 0


def test_a_corrected_key_is_a_change_and_not_another_record() -> None:
    before = report(Episodes=episodes(("a", "01/05/2025", "01/06/2025", "X1"), ("a", "01/06/2025", "", "")))
    after = report(Episodes=episodes(("a", "01/05/2025", "01/06/2025", "X1"), ("a", "02/06/2025", "", "")))
    comparison = compare(before, after)
    assert comparison.records[["change", "items"]].to_numpy().tolist() == [["changed", "DECOM"]]


def test_a_key_is_not_guessed_when_two_records_could_be_meant() -> None:
    before = report(Episodes=episodes(("a", "01/05/2025", "", ""), ("a", "01/06/2025", "", "")))
    after = report(Episodes=episodes(("a", "02/05/2025", "", ""), ("a", "02/06/2025", "", "")))
    assert compare(before, after).records["change"].value_counts().to_dict() == {"removed": 2, "added": 2}


def test_a_child_identifier_that_is_filled_in_is_a_change() -> None:
    before = report(Header=header("a", "", "c", DOB=["01/02/2010", "02/02/2010", "03/02/2010"]))
    after = report(Header=header("a", "b", "d", DOB=["01/02/2010", "02/02/2010", "03/02/2010"]))
    changes = compare(before, after).records[["change", "cells_added", "items"]].to_numpy().tolist()
    assert changes == [["changed", 1, "CHILD"], ["removed", 0, ""], ["added", 0, ""]]


def test_records_come_and_go() -> None:
    before = report(Header=header("a", "b"), Episodes=episodes(("b", "01/05/2025", "01/06/2025", "")))
    after = report(Header=header("a", "c"))
    comparison = compare(before, after)
    tables = comparison.tables.set_index("table")
    assert tables.loc["Header", ["records_added", "records_removed", "records_changed"]].tolist() == [1, 1, 0]
    assert tables.loc["Episodes", ["records_before", "records_after", "records_removed"]].tolist() == [1, 0, 1]
    assert comparison.warnings == ["Only the first submission has the tables Episodes."]
    assert comparison.rework.cells_edited == 0
    assert comparison.rework.resolved_per_cell_edited is None


def test_issues_that_go_with_their_records_are_counted_apart() -> None:
    first, other = ("a", "01/05/2025", "01/06/2025", ""), ("b", "01/05/2025", "01/06/2025", "X1")
    comparison = compare(report(Episodes=episodes(first, other)), report(Episodes=episodes(other)))
    assert by_rule(comparison, "148")["resolved"] == 1
    assert comparison.rework.resolved_by_removal == comparison.rework.issues_resolved


def test_records_with_the_same_key_are_matched_by_their_values() -> None:
    first, other = ("a", "01/05/2025", "01/06/2025", "X1"), ("a", "01/05/2025", "03/06/2025", "E3")
    comparison = compare(report(Episodes=episodes(first, other)), report(Episodes=episodes(other)))
    assert comparison.records[["change", "line_before"]].to_numpy().tolist() == [["removed", 1]]


def test_the_same_value_written_otherwise_is_no_change() -> None:
    before = report(Header=header("a", "b"))
    after = report(Header=header(" A", "b ", DOB=["1/2/2010", "01/02/2010 "], SEX=["1", " 1"]))
    assert compare(before, after).records.empty


def test_an_unreadable_value_that_is_written_otherwise_is_a_change() -> None:
    comparison = compare(report(Header=header("a", DOB=["31/02/2010"])), report(Header=header("a", DOB=["30/02/2010"])))
    assert comparison.records["items"].tolist() == ["DOB"]


def test_a_rule_that_did_not_run_in_both_is_not_counted() -> None:
    tables = {"Episodes": episodes(("a", "01/05/2025", "01/06/2025", ""))}
    before, after = csc_data.validate(tables, SSDA903), csc_data.validate(tables, SSDA903, skip=["148"])
    comparison = compare(before, after)
    assert "148" not in set(comparison.rules["rule"])
    first = comparison.not_compared.set_index("rule").loc["148"]
    assert (first["status_before"], first["status_after"], first["before"]) == ("failed", "skipped", 1)
    assert first["reason"] == "after: switched off for this run"
    assert comparison.rework.issues_resolved == 0


def test_issues_that_go_although_nothing_was_done_are_said() -> None:
    tables = {"Header": header("a"), "Episodes": episodes(("a", "01/05/2025", "", ""))}
    shorter = csc_data.validate(tables, SSDA903, period=(pd.Timestamp("2024-04-01").date(), SSDA903.period.end))
    comparison = compare(csc_data.validate(tables, SSDA903), shorter)
    assert comparison.records.empty
    assert comparison.rework.resolved_without_change == comparison.rework.issues_resolved
    assert "period differs" in comparison.warnings[0]


def test_one_issue_a_child_stays_the_same_when_its_records_do_not() -> None:
    drawn = faulty(SSDA903.id)
    before = check(drawn, SSDA903)
    per_child = before.rules[(before.rules["per"] == "child") & (before.rules["issues"] > 0)]
    assert len(per_child)
    comparison = compare(before, check(drawn, SSDA903, {**drawn.tables, "Reviews": drawn.tables["Reviews"].iloc[::2]}))
    rules = comparison.rules.set_index("rule")
    kept = rules.loc[[code for code in per_child["rule"] if code in rules.index]]
    assert (kept["remaining"] == np.minimum(kept["before"], kept["after"])).mean() > 0.8


# --- What must hold of any two returns ------------------------------------------------------------------------------


def edited(drawn: Drawn, seed: int) -> dict[str, pd.DataFrame]:
    """The tables with some cells blanked or taken from other rows, some rows gone and some twice, in another order."""
    draw, tables = np.random.default_rng(seed), {}
    for name, table in drawn.tables.items():
        table = table.copy()
        for item in table.columns:
            hit = draw.random(len(table)) < 0.03
            other = table[item].sample(frac=1, random_state=seed).to_numpy()
            table.loc[hit, item] = np.where(draw.random(hit.sum()) < 0.3, None, other[hit])
        kept = table[draw.random(len(table)) > 0.02]
        more = table[draw.random(len(table)) < 0.02]
        tables[name] = pd.concat([kept, more]).sample(frac=1, random_state=seed).reset_index(drop=True)
    return tables


@pytest.fixture(scope="module", params=["ssda903/2025-26", "cin/2025-26"])
def pair(request: pytest.FixtureRequest) -> tuple[csc_data.Report, csc_data.Report]:
    standard = csc_data.standard(request.param)
    drawn = faulty(standard.id)
    return check(drawn, standard), check(drawn, standard, edited(drawn, 3))


Pair = tuple[csc_data.Report, csc_data.Report]


def test_a_return_compared_with_itself_in_another_order_shows_nothing(pair: Pair) -> None:
    report = pair[0]
    shuffled = {name: table.sample(frac=1, random_state=5) for name, table in report.ret.tables.items()}
    standard = report.ret.standard
    comparison = compare(report, check(faulty(standard.id), standard, shuffled))
    assert comparison.records.empty
    assert comparison.rules[["resolved", "new"]].to_numpy().sum() == 0
    assert comparison.rules["remaining"].sum() == report.issues["issue"].nunique()


def test_counts_add_up(pair: Pair) -> None:
    comparison = compare(*pair)
    for table in (comparison.rules, comparison.children):
        assert (table["before"] == table["resolved"] + table["remaining"]).all()
        assert (table["after"] == table["new"] + table["remaining"]).all()
    for report, when in zip(pair, ("before", "after"), strict=True):
        own = report.rules.set_index("rule")["issues"]
        compared = comparison.rules.set_index("rule")[when]
        pd.testing.assert_series_equal(own.loc[compared.index], compared, check_names=False)
        tables = comparison.tables.set_index("table")[f"records_{when}"]
        assert tables.to_dict() == {name: len(table) for name, table in report.ret.tables.items()}
    tables = comparison.tables
    assert (
        tables["records_after"] == tables["records_before"] + tables["records_added"] - tables["records_removed"]
    ).all()
    assert comparison.rework.issues_resolved > 10 < comparison.rework.issues_introduced
    assert comparison.rework.resolved_without_change == 0
    both = comparison.issues[comparison.issues["outcome"] == "remaining"]
    assert both["issue_before"].is_unique and both["issue_after"].is_unique


def test_turning_the_two_around_swaps_resolved_and_new(pair: Pair) -> None:
    first, other = compare(*pair), compare(*reversed(pair))
    swapped = other.rules.rename(
        columns={"before": "after", "after": "before", "resolved": "new", "new": "resolved"}
    )  # fmt: skip
    pd.testing.assert_frame_equal(first.rules, swapped[first.rules.columns])
    assert first.rework.cells_added == other.rework.cells_removed
    assert first.rework.cells_changed == other.rework.cells_changed
    assert first.rework.records_added == other.rework.records_removed


def test_the_order_of_rows_does_not_matter(pair: Pair) -> None:
    standard = pair[0].ret.standard
    shuffled = {name: table.sample(frac=1, random_state=7) for name, table in pair[1].ret.tables.items()}
    first, other = compare(*pair), compare(pair[0], check(faulty(standard.id), standard, shuffled))
    pd.testing.assert_frame_equal(first.rules, other.rules)
    pd.testing.assert_frame_equal(first.tables, other.tables)
    pd.testing.assert_frame_equal(first.children, other.children)


def test_saved_runs_say_the_same_as_reports(pair: Pair, tmp_path: Path) -> None:
    paths = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for report, path in zip(pair, paths, strict=True):
        report.save(path)
    first, other = compare(*pair), compare(*paths)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(other, name))
    assert (first.rework, first.warnings, first.before) == (other.rework, other.warnings, other.before)


# --- Runs on disk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.zip"
    report(Header=header("abcdefg", "bcdefgh")).save(path)
    return path


def test_a_run_is_saved_the_same_twice(tmp_path: Path) -> None:
    checked = report(Header=header("abcdefg", "bcdefgh"))
    for name in ("first.zip", "again.zip"):
        checked.save(tmp_path / name)
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"first.zip", "again.zip"}


def test_a_run_holds_what_was_found(saved: Path) -> None:
    validated_report = report(Header=header("abcdefg", "bcdefgh"))
    run = read_run(saved)
    pd.testing.assert_frame_equal(
        run.issues.astype(str).astype(object),
        validated_report.issues.drop(columns=["origin", "label", "pointer"]).astype(str).astype(object),
        check_dtype=False,
    )
    assert run.rules["status"].tolist() == validated_report.rules["status"].tolist()
    of_run, of_report = run.summary(), json.loads(json.dumps(validated_report.summary()))
    assert of_run["run"].pop("id") == of_report["run"].pop("id")
    of_run.pop("run"), of_report.pop("run")
    assert of_run == of_report


def test_what_is_no_run_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_run(tmp_path / "absent.zip")
    whole = saved.read_bytes()
    for position, spoilt in enumerate(
        [b"", b"hello", whole[: len(whole) // 2], whole[:400] + b"\0" * 400 + whole[800:]]
    ):
        path = tmp_path / f"{position}.zip"
        path.write_bytes(spoilt)
        with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
            read_run(path)
    newer = tmp_path / "newer.zip"
    newer.write_bytes(whole.replace(b'"csc-data run 2"', b'"csc-data run 3"'))
    with pytest.raises(InputError):
        read_run(newer)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (csc_data.standard("ssda903/2024-25"), "ssda903/2024-25"),
        (csc_data.standard("cin/2025-26"), "cin/2025-26"),
    ],
)
def test_other_standards_are_refused(other: csc_data.Standard, reason: str) -> None:
    drawn = other.collection.draw(other, 5, 1)
    with pytest.raises(UsageError, match=reason):
        compare(report(Header=header("a")), csc_data.validate(drawn.tables, other))


def test_other_authorities_are_refused_and_an_unknown_one_is_said() -> None:
    tables = {"Header": header("a")}
    runs = [csc_data.validate(tables, SSDA903, authority=name) for name in ("Barnet", "Camden", None)]
    with pytest.raises(UsageError, match=r"Barnet.*Camden"):
        compare(runs[0], runs[1])
    assert compare(runs[0], runs[2]).warnings == ["The authority differs: Barnet before, not given after."]


# --- Files and terminal ---------------------------------------------------------------------------------------------


def test_columns_are_as_published(pair: Pair) -> None:
    comparison = compare(*pair)
    published: dict[str, Any] = {
        "issues": ISSUE_CHANGE_COLUMNS, "children": CHILD_CHANGE_COLUMNS, "records": RECORD_CHANGE_COLUMNS,
        "rules": RULE_CHANGE_COLUMNS, "not_compared": NOT_COMPARED_COLUMNS, "tables": TABLE_CHANGE_COLUMNS,
    }  # fmt: skip
    described = schema()["properties"]
    for name, columns in published.items():
        assert list(getattr(comparison, name).columns) == list(columns)
        items = described[name]["items"]["properties"]
        assert {item: items[item]["description"] for item in items} == columns


@pytest.mark.parametrize("include_values", [False, True])
def test_the_json_follows_its_schema(pair: Pair, include_values: bool) -> None:
    made = json.loads(json.dumps(document(compare(*pair), include_values=include_values)))
    jsonschema.Draft202012Validator(schema()).validate(made)
    assert next(iter(made)) == "contains_child_level_values"
    known = [child for child in pair[0].typed.children if len(child) >= 6]
    assert bool([child for child in known if child in json.dumps(made)]) == include_values


def test_the_command(pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(tmp_path / name) for name in ("one.zip", "two.zip")]
    for report, path in zip(pair, paths, strict=True):
        report.save(path)
    assert main(["compare", *paths, "--out", str(tmp_path / "out")]) == 0
    out, _ = capsys.readouterr()
    comparison = compare(*pair)
    assert f"{comparison.rework.issues_resolved:,} resolved" in out
    assert not [child for child in pair[0].typed.children if len(child) >= 6 and child in out]
    rules = pd.read_csv(tmp_path / "out" / "compared_rules.csv")
    assert rules["resolved"].sum() == comparison.rework.issues_resolved
    assert main(["compare", *paths, "--json"]) == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), schema())
    assert main(["compare", paths[0], str(tmp_path / "absent.zip")]) == 3
    assert "no such file" in capsys.readouterr().err


def test_a_run_need_not_be_saved_to_be_compared() -> None:
    run = Run.of(report(Header=header("a")))
    assert compare(run, run).records.empty
