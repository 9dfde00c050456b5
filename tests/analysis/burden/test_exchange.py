from __future__ import annotations

import csv
import json
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.burden_cases import small, validated
from support.exchange_attack import recovered, spoilt
from support.invented import check, faulty

import csc_data
from csc_data.analysis.exchange.exchange_file import exchange, exchange_schema
from csc_data.disclosure.overlapping import Cell, hidden_counts
from csc_data.report import Report


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    sizes = {"ssda903/2025-26": (12, 60, 200), "cin/2025-26": (12, 60, 200)}
    return [check(faulty(name, size), csc_data.standard(name)) for name, each in sizes.items() for size in each]


@pytest.fixture(scope="module")
def pooled(reports: list[Report]) -> list[dict[str, Any]]:
    return [exchange(report, report.analyses) for report in reports]


def metrics(made: dict[str, Any]) -> dict[str, Any]:
    return {metric["metric"]: metric["value"] for metric in made["metrics"]}


def test_it_follows_its_schema(pooled: list[dict[str, Any]]) -> None:
    validator = jsonschema.Draft202012Validator(exchange_schema())
    for made in pooled:
        assert not list(validator.iter_errors(made))


def test_no_count_from_1_to_5_is_shown(pooled: list[dict[str, Any]]) -> None:
    for made in pooled:
        shown = [rule[name]["value"] for rule in made["rules"] for name in ("opportunities", "fails")]
        shown += [
            metric["value"]
            for metric in made["metrics"]
            if metric["unit"] in ("records", "queries", "children", "values")
        ]
        assert all(value is None or value == 0 or value >= 6 for value in shown)


def test_counts_that_are_shown_are_the_true_ones(reports: list[Report], pooled: list[dict[str, Any]]) -> None:
    for report, made in zip(reports, pooled, strict=True):
        true = report.burden().details["by_rule"].set_index("rule")["records"]
        for rule in made["rules"]:
            if rule["fails"]["symbol"] == "":
                assert rule["fails"]["value"] == true.get(rule["rule"], 0)
            if rule["status"] == "passed":
                assert rule["fails"] == {"value": 0, "symbol": ""}
        assert any(rule["fails"]["symbol"] == "c" for rule in made["rules"])


def totals(made: dict[str, Any]) -> list[tuple[int, list[dict[str, Any]]]]:
    """Every total of failing records that the file gives, with the rules it is made up of."""
    result, known = [], metrics(made)
    errors = [rule for rule in made["rules"] if rule["severity"] == "error" and rule["fails"]["symbol"] in ("", "c")]
    if known["R4"] is not None:
        result.append((known["R4"], errors))
        if known.get("R8") is not None:
            bulk = round(known["R4"] * known["R8"] / 100)
            for total, ways in ((bulk, {"bulk"}), (known["R4"] - bulk, {"one by one"})):
                result.append((total, [error for error in errors if error["treatment"] in ways]))
    return result


def test_nothing_below_6_is_recovered_by_subtraction_from_totals(pooled: list[dict[str, Any]]) -> None:
    tried = 0
    for made in pooled:
        for total, rules in totals(made):
            hidden = [rule for rule in rules if rule["fails"]["symbol"] == "c"]
            rest = total - sum(rule["fails"]["value"] or 0 for rule in rules)
            if not hidden:
                assert rest == 0
                continue
            tried += 1
            highest = [min(entry["opportunities"]["value"] or rest, rest - len(hidden) + 1) for entry in hidden]
            for each, high in zip(hidden, highest, strict=True):
                low = max(1, rest - (sum(highest) - high))
                assert low == 1 and high >= 6, each["rule"]
    assert tried


def test_rows_that_pass_and_children_without_an_error_are_not_few(pooled: list[dict[str, Any]]) -> None:
    for made in pooled:
        for rule in made["rules"]:
            checked, fails = rule["opportunities"]["value"], rule["fails"]["value"]
            if checked is not None and fails is not None and fails <= checked:
                assert checked - fails == 0 or checked - fails >= 6
        known = metrics(made)
        if known["children"] is not None and known["R4.children"] is not None:
            rest = known["children"] - known["R4.children"]
            assert rest == 0 or rest >= 6


def test_a_small_table_is_not_recovered_from_the_number_of_records(reports: list[Report]) -> None:
    hidden = 0
    for report in reports:
        made = exchange(report, report.analyses)
        sizes = {
            name: len(source) for name, source in report.typed.sources.items() if name in report.ret.standard.models
        }
        if any(0 < size < 6 for size in sizes.values()):
            hidden += 1
            assert metrics(made)["records"] is None
    assert hidden


def test_hours_are_hidden_with_the_counts_they_give_away() -> None:
    report = validated(small(), ("101", "102", "131", "132", "133"))
    made = exchange(report, report.analyses)
    assert all(metric["value"] in (None, 0) for metric in made["metrics"] if metric["metric"] not in ("R10",))
    by_id = {estimate["metric"]: estimate for estimate in made["estimates"]}
    assert by_id["R13.errors"]["central"] is None and by_id["R13.hours"]["symbol"] == "c"
    assert by_id["R13.fixed"]["central"] == 60
    assert by_id["R14.cost"]["low"] == 9000


def test_totals_about_few_children_are_hidden() -> None:
    # Forty rows of two children fail two rules: many records, few children.
    tables = small()
    rows = [f"c{number}" for number in range(60)]
    tables["Header"] = pd.DataFrame({"CHILD": rows, "SEX": "M", "DOB": "01/01/2006", "ETHNIC": "WBRI"})
    tables["OC3"] = pd.DataFrame(
        {"CHILD": ["c1", "c2"] * 20 + rows[3:], "DOB": "01/01/2006", "IN_TOUCH": "YES",
         "ACTIV": [None] * 40 + ["F1"] * 57, "ACCOM": [None] * 20 + ["B1"] * 77}
    )  # fmt: skip
    report = validated(tables, ("132", "133"))
    made = exchange(report, report.analyses)
    assert metrics(made)["R4"] is None
    assert metrics(made)["R4.children"] is None
    assert {estimate["metric"]: estimate["central"] for estimate in made["estimates"]}["R13.errors"] is None


def test_nothing_of_a_child_is_in_the_files(tmp_path: Path, reports: list[Report]) -> None:
    report = reports[0]
    report.to_exchange(tmp_path / "return.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["return.csv", "return.json"]
    text = (tmp_path / "return.json").read_text() + (tmp_path / "return.csv").read_text()
    words = set(text.replace('"', " ").replace(",", " ").split())
    assert not words & {child for child in report.typed.children if not child.isdigit()}
    made = json.loads((tmp_path / "return.json").read_text())
    with (tmp_path / "return.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["rule"] for row in rows] == [rule["rule"] for rule in made["rules"]]
    for row, entry in zip(rows, made["rules"], strict=True):
        assert row["fails"] == (entry["fails"]["symbol"] or str(entry["fails"]["value"]))


CELLS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 8)).map(lambda pair: Cell((pair[0],), min(pair), None)),
    max_size=6,
)


@given(CELLS)
@settings(max_examples=150)
def test_every_hidden_count_could_be_anything_from_1_to_6(cells: list[Cell]) -> None:
    alone, hidden = hidden_counts(cells), hidden_counts(cells, [range(len(cells))])
    assert alone == {position for position, cell in enumerate(cells) if cell.small}
    if not hidden:
        return
    assert alone <= hidden
    assert all(not cells[position].zero for position in hidden)
    total = sum(cells[position].counts[0] for position in hidden)
    possible = [set() for _ in hidden]  # type: ignore[var-annotated]
    for values in product(range(1, 7), repeat=len(hidden) - 1):
        last = total - sum(values)
        if last >= 1:
            for number, value in enumerate((*values, last)):
                possible[number].add(value)
    assert all(set(range(1, 7)) <= each for each in possible[:-1])


RECORDS = st.lists(st.frozensets(st.integers(0, 11), min_size=1), min_size=2, max_size=4)


@given(RECORDS)
@settings(max_examples=150, deadline=None)
def test_what_counts_have_in_common_gives_no_small_one_away(records: list[frozenset[int]]) -> None:
    """Against every way in which the hidden counts could be filled in."""
    cells = [Cell((len(record),), len(record), None, record, record) for record in records]
    total = sum(len(record) for record in records)
    nested = [
        (entry, other) for entry, other in product(range(len(cells)), repeat=2) if records[entry] <= records[other]
    ]
    for totals in ([], [range(len(cells))]):
        hidden = hidden_counts(cells, totals)
        if hidden is None:
            assert totals
            continue
        choices = [range(1, 20) if position in hidden else [len(record)] for position, record in enumerate(records)]
        possible = [
            counts
            for counts in product(*choices)
            if all(counts[entry] <= counts[other] for entry, other in nested) and (not totals or sum(counts) == total)
        ]
        for number in hidden:
            if len(records[number]) < 6:
                assert {counts[number] for counts in possible} >= set(range(1, 7))
        for each, other in nested:
            if 0 < len(records[other]) - len(records[each]) < 6:
                assert len({counts[other] - counts[each] for counts in possible}) >= 6


def test_by_hand() -> None:
    def cells(*counts: int) -> list[Cell]:
        return [Cell((count,), count, None) for count in counts]

    def of(*records: range) -> list[Cell]:
        return [Cell((len(record),), len(record), None, frozenset(record), frozenset(record)) for record in records]

    def with_total(cells: list[Cell]) -> frozenset[int] | None:
        return hidden_counts(cells, [range(len(cells))])

    assert with_total(cells(0, 10, 20)) == frozenset()
    # 3 alone would follow from the total; with 10 hidden too, 13 may be 1 + 12 to 12 + 1.
    assert with_total(cells(3, 10, 20)) == {0, 1}
    # 2 and 1 leave 3 to share out: each at most 2. The smallest other count goes too.
    assert with_total(cells(2, 1, 50, 9)) == {0, 1, 3}
    # Nothing else to hide behind.
    assert with_total(cells(3, 0, 0)) is None
    # Many records of few children.
    assert with_total([Cell((40,), 2, None), *cells(7, 30)]) == {0, 1}
    # Twelve records are three issues; both totals are shown, so a second count goes too.
    assert with_total([Cell((12, 3), 9, None), Cell((8, 8), 8, None), Cell((30, 30), 30, None)]) == {0, 1}
    # All rows but two fail.
    assert hidden_counts([Cell((98,), 90, 100)]) == {0}
    # 4 + 4 + 9 are 17: as the first two are the same, they could be 5 at most if nothing else were hidden.
    assert with_total(of(range(4), range(4), range(20, 29), range(30, 60))) == {0, 1, 2, 3}
    # Ten are among fourteen: the four others would show.
    assert hidden_counts(of(range(10), range(14), range(20, 40))) == {0}
    # Nor do two without overlap leave four of a third.
    assert hidden_counts(of(range(10), range(10, 30), range(34))) == {0}
    # Two counts of the same records are hidden together, though only one was of few of what was checked.
    same = frozenset(range(98))
    assert hidden_counts([Cell((98,), 98, 100, same, same), Cell((98,), 98, 500, same, same)]) == {0, 1}


def test_the_file_withstands_whoever_knows_every_rule(reports: list[Report]) -> None:
    few_faults = [spoilt(name, size, seed) for name, size, seed in (
        ("ssda903/2025-26", 60, 8), ("ssda903/2025-26", 150, 4), ("cin/2025-26", 60, 11), ("cin/2025-26", 150, 5)
    )]  # fmt: skip
    for report in (*reports, *few_faults):
        assert recovered(report) == []


def test_counts_of_rules_that_flag_the_same_records_are_not_worked_out_from_totals() -> None:
    """Four placements without a postcode break five rules, of which each flags what another does, or a part of it."""
    standard = csc_data.standard("ssda903/2025-26")
    tables = {name: table.copy() for name, table in standard.collection.draw(standard, 150, 3).tables.items()}
    episodes, header = tables["Episodes"], tables["Header"]
    few = episodes[~episodes["LS"].isin(["V3", "V4"])].drop_duplicates("CHILD").index[:4]
    episodes.loc[few, "PL_POST"] = None
    header.loc[header.index[20:32], "ETHNIC"] = "ZZZZ"
    report = csc_data.validate(tables, standard)
    made = exchange(report, report.analyses)
    assert [rule["fails"]["symbol"] for rule in made["rules"] if rule["rule"] in ("169", "179")] == ["c", "c"]
    # With the twelve shown, the number of children with an error would tell of the four.
    assert metrics(made)["R4.children"] is None
    assert recovered(report, made) == []
