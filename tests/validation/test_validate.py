"""Statuses, reasons and traces: nothing is passed silently."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.declare import Rows, Year
from csc_data.errors import InputError, UsageError

STANDARD = csc_data.standard("ssda903/2025-26")
CLEAN = STANDARD.collection.draw(STANDARD, 60, 8)


def status(report: csc_data.Report, code: str) -> tuple[str, str]:
    row = report.rules.set_index("rule").loc[code]
    return row["status"], row["reason"]


def without(*tables: str) -> dict[str, pd.DataFrame]:
    return {name: table for name, table in CLEAN.tables.items() if name not in tables}


def test_the_two_tables_have_their_columns() -> None:
    report = check(faulty(STANDARD.id), STANDARD)
    assert list(report.issues.columns) == list(csc_data.ISSUE_COLUMNS)
    assert list(report.rules.columns) == list(csc_data.RULE_COLUMNS)
    assert list(report.rules["rule"]) == list(STANDARD.rules)


def test_issues_are_traced_to_file_line_child_and_field(tmp_path: Path) -> None:
    for name, table in CLEAN.tables.items():
        frame = table.copy()
        if name == "Episodes":
            frame.loc[4, "LS"] = "C9"
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    issues = csc_data.validate(tmp_path, STANDARD, only=["144"]).issues
    (issue,) = issues.to_dict("records")
    assert Path(issue["file"]).name == "Episodes.csv"
    assert issue["line"] == 6
    assert issue["child"] == CLEAN.tables["Episodes"].CHILD[4]
    assert issue["fields"] == "LS"


def test_rows_of_two_tables_are_never_one_issue_by_their_place() -> None:
    blank = pd.DataFrame({"CHILD": [None]})
    issues = csc_data.validate({"Header": blank, "UASC": blank}, "ssda903/2025-26", only=["S-BLANK"]).issues
    assert issues["issue"].tolist() == [1, 2]


def test_a_missing_table_skips_the_rules_that_need_it_alone() -> None:
    report = check(CLEAN, STANDARD, without("Reviews"))
    assert status(report, "440") == ("skipped", "table Reviews not supplied")
    assert status(report, "142")[0] == "passed"
    assert set(report.rules["status"]) == {"passed", "skipped"}


def test_a_missing_column_skips_the_rules_that_need_it_alone() -> None:
    tables = {**CLEAN.tables, "Episodes": CLEAN.tables["Episodes"].drop(columns="RNE")}
    report = check(CLEAN, STANDARD, tables)
    assert status(report, "143") == ("skipped", "column RNE of Episodes not supplied")
    assert status(report, "357") == ("skipped", "column RNE of Episodes not supplied")
    assert status(report, "142")[0] == "passed"


def test_what_was_not_given_is_the_reason() -> None:
    report = csc_data.validate(CLEAN.tables, STANDARD)
    assert status(report, "502") == ("skipped", "no previous year")
    assert status(report, "1008") == ("skipped", "no provider list")
    assert status(report, "1015") == ("skipped", "authority not given")
    assert status(report, "105") == ("skipped", "only a return in XML shows the asylum-seeking status in its header")
    without = {**CLEAN.tables, "Header": CLEAN.tables["Header"].drop(columns="UPN")}
    assert status(check(CLEAN, STANDARD, without), "209") == ("skipped", "column UPN of Header not supplied")


def test_a_table_without_rows_is_not_applicable() -> None:
    tables = {**CLEAN.tables, "Missing": CLEAN.tables["Missing"].iloc[:0]}
    assert status(check(CLEAN, STANDARD, tables), "567") == ("not_applicable", "no rows in Missing")


def test_a_rule_that_fails_to_run_is_reported_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(episodes: Rows) -> Any:
        raise ValueError(f"secret {episodes.CHILD.values}")

    rules = {**STANDARD.rules, "142": dataclasses.replace(STANDARD.rules["142"], function=broken)}
    monkeypatch.setattr(STANDARD, "rules", rules)
    report = check(CLEAN, STANDARD)
    state, reason = status(report, "142")
    assert state == "crashed"
    assert "ValueError" in reason
    assert "secret" not in reason
    assert report.incomplete
    assert status(report, "148")[0] == "passed"
    assert report.summary()["verdict"] == "incomplete"


def test_a_row_that_could_not_be_read_is_no_pass(tmp_path: Path) -> None:
    for name, table in CLEAN.tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    assert csc_data.validate(tmp_path, STANDARD).summary()["verdict"] == "clean"
    with (tmp_path / "Episodes.csv").open("a") as file:
        file.write("one,cell too few\n")
    report = csc_data.validate(tmp_path, STANDARD)
    assert report.incomplete
    assert report.summary()["verdict"] == "incomplete"


def test_only_and_skip_choose_rules() -> None:
    report = check(CLEAN, STANDARD, only=["142", "148"], skip=["148"])
    ran = report.rules[report.rules["status"] != "skipped"]
    assert list(ran["rule"]) == ["142"]
    assert status(report, "148") == ("skipped", "switched off for this run")
    with pytest.raises(UsageError, match="no rule 9999"):
        check(CLEAN, STANDARD, only=["9999"])


def test_a_period_of_its_own_moves_the_checks() -> None:
    start = dt.date(2025, 4, 1)
    report = check(CLEAN, STANDARD, period=(start, dt.date(2025, 9, 30)), only=["354"])
    late = pd.to_datetime(CLEAN.tables["Episodes"].DECOM, dayfirst=True) > "2025-09-30"
    assert len(report.issues) == late.sum() > 0


@pytest.mark.parametrize("given", ["Barnet", "E09000003", "302", "London Borough of Barnet"])
def test_an_authority_is_known_by_code_number_or_name(given: str) -> None:
    report = csc_data.validate(CLEAN.tables, STANDARD, authority=given, only=["179"])
    assert report.summary()["authority"] == {"ons_code": "E09000003", "dfe_number": "302", "name": "Barnet"}


def test_the_standard_is_worked_out_and_said() -> None:
    report = csc_data.validate(CLEAN.tables)
    assert report.ret.standard.id == "ssda903/2025-26"
    assert "ssda903/2025-26" in report.summary()["notes"][0]["message"]


YEARLY = [name for name, collection in csc_data.collections().items() if isinstance(collection.versions[0], Year)]


@pytest.mark.parametrize("name", YEARLY)
def test_every_year_is_told_from_a_return_of_its_own(name: str) -> None:
    collection = csc_data.collections()[name]
    for year in collection.versions:
        report = csc_data.validate(collection.draw(collection.standard(year), 60, 2).tables, only=[])
        assert report.ret.standard.id == f"{name}/{year}"


def test_a_return_whose_year_cannot_be_told_is_refused() -> None:
    tables = {"Header": CLEAN.tables["Header"]}
    with pytest.raises(UsageError, match="--standard"):
        csc_data.validate(tables)


@pytest.mark.parametrize("given", [None, CLEAN.tables["Header"]])
def test_what_is_no_return_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="DataFrames by name of table"):
        csc_data.validate(given, STANDARD)


def test_one_code_or_file_may_be_given_by_itself() -> None:
    report = csc_data.validate(CLEAN.tables, STANDARD, only="142")
    assert report.rules.set_index("rule")["status"].drop("142").eq("skipped").all()
    assert status(report, "142") == ("passed", "")
    with pytest.raises(InputError, match=r"  absent\.csv: there is no such file"):
        csc_data.validate(CLEAN.tables, STANDARD, providers="absent.csv")


def test_one_rule_can_be_called_by_hand() -> None:
    report = check(CLEAN, STANDARD)
    mask = STANDARD.rules["142"](report.typed.rows["Episodes"])
    assert mask.sum() == 0


@pytest.mark.parametrize("given", [("2025-04-01", "2026-03-31"), (dt.date(1, 1, 1), dt.date(9999, 12, 31))])
def test_a_period_of_no_days_is_refused(given: Any) -> None:
    drawn = faulty(STANDARD.id)
    with pytest.raises(UsageError, match="is not a day of a period"):
        check(drawn, STANDARD, period=given)


def test_a_period_may_be_given_with_times() -> None:
    drawn = faulty(STANDARD.id)
    period = (dt.datetime(2025, 4, 1, 9), pd.Timestamp("2026-03-31"))
    assert check(drawn, STANDARD, period=period).rules["issues"].equals(check(drawn, STANDARD).rules["issues"])


@pytest.mark.parametrize("name", ["ssda903/2025-26", "cin/2025-26"])
def test_cells_of_any_length_crash_no_rule(name: str) -> None:
    drawn = faulty(name)
    odd = ["9" * 400, "-" + "9" * 25, "0" * 400, "\0", "\u2028", "31/12/9999", "0001-01-01", "x" * 10_000]
    tables = {table: frame.copy() for table, frame in drawn.tables.items()}
    for frame in tables.values():
        for position, item in enumerate(frame.columns):
            for shift, text in enumerate(odd):
                frame.loc[(frame.index + position) % 11 == shift, item] = text
    report = check(drawn, csc_data.standard(name), tables)
    assert "crashed" not in set(report.rules["status"])
