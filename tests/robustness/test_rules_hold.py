"""No table breaks a rule: every rule of every collection and year keeps its promises over tables made to break it.

The standards are found through the registry and the tables are made from their items, so that a new collection or year is
held to the same without a change here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import hostile
from support.hostile import (
    ALL_STANDARDS,
    NEWEST,
    OLDEST,
    Cell,
    Tables,
    check,
    drawn,
    filled_with,
    good_values,
    one_child,
)

import csc_data
from csc_data.conversion.convert import convert
from csc_data.declare import Item, Standard, XmlForm
from csc_data.errors import UsageError
from csc_data.metadata.installed import collections

STATUSES = {"passed", "failed", "skipped", "not_applicable"}
Case = tuple[Tables, Tables | None]
PARTS = 5

FEW = ["c1", "c2", "c3", "c4"]
EXTREME_DAYS = [
    "01/01/1678", "31/12/2261", "29/02/2024", "28/02/2023", "29/02/2000", "01/03/2008", "31/12/1899", "01/01/1970",
]  # fmt: skip


def twice_over(tables: Tables, times: int) -> Tables:
    return {name: pd.concat([table] * times, ignore_index=True) for name, table in tables.items()}


def extreme(item: Item, standard: Standard) -> list[str]:
    """The first and last readable days, leap days, and the days around the turns of the year."""
    if not hostile.is_date(item):
        return good_values(item, standard)
    period = standard.period
    turns = [period.start, period.end, period.start - dt.timedelta(1), period.end + dt.timedelta(1)]
    return [*EXTREME_DAYS, *(day.strftime("%d/%m/%Y") for day in turns)]


def backwards(item: Item, standard: Standard) -> list[Cell]:
    """Days of which a later item of a table always has an earlier one, and open ends."""
    if not hostile.is_date(item):
        return list(good_values(item, standard))
    names = [name for name, declared in standard.items[item.table].items() if hostile.is_date(declared)]
    year = 2030 - 3 * names.index(item.name)
    return [f"31/03/{year}", f"01/04/{year}", f"28/02/{year}", None]


def same_but_one_cell(standard: Standard) -> Tables:
    """Rows that are one another's copies but for one cell."""
    tables = drawn(standard, 7, 12, good_values, FEW)
    copies = {name: twice_over({name: table.head(1)}, len(table.columns))[name] for name, table in tables.items()}
    for name, table in copies.items():
        for position, item in enumerate(table.columns):
            table.loc[position, item] = tables[name].loc[1 + position % 11, item]
    return copies


CASES: dict[str, Callable[[Standard], Case]] = {
    "hostile cells": lambda std: (drawn(std, 1), drawn(std, 2)),
    "other hostile cells, no last year": lambda std: (drawn(std, 3), None),
    "no cell filled": lambda std: (filled_with(std, None), filled_with(std, None)),
    "spaces": lambda std: (filled_with(std, " \u00a0\t"), filled_with(std, "\u3000")),
    "no rows": lambda std: (filled_with(std, None, 0), filled_with(std, None, 0)),
    "one row": lambda std: (drawn(std, 4, 1), drawn(std, 5, 1)),
    "one hostile text everywhere": lambda std: (filled_with(std, "A\x00\u202e\U0001f469\u00df"), filled_with(std, "'")),
    "first readable day everywhere": lambda std: (filled_with(std, "01/01/1678"), filled_with(std, "31/12/2261")),
    "extreme days": lambda std: (drawn(std, 6, 40, extreme, FEW), drawn(std, 7, 40, extreme, FEW)),
    "backwards": lambda std: (drawn(std, 8, 40, backwards, FEW), drawn(std, 9, 40, backwards, FEW)),
    "every row twice": lambda std: (twice_over(drawn(std, 10, 20, good_values, FEW), 2), drawn(std, 10, 20)),
    "every row ten times": lambda std: (twice_over(drawn(std, 11, 6), 10), twice_over(drawn(std, 11, 6), 10)),
    "one child": lambda std: (drawn(std, 12, identifiers=["c1"]), drawn(std, 13, identifiers=["c1"])),
    "nobody": lambda std: (drawn(std, 12, identifiers=[None, " "]), drawn(std, 13, identifiers=[None])),
    "copies but for one cell": lambda std: (same_but_one_cell(std), same_but_one_cell(std)),
    "hundreds of rows of one child": lambda std: (one_child(std, 300, 1), one_child(std, 300, 2)),
    "last year the same": lambda std: (drawn(std, 14), drawn(std, 14)),
    "last year of others": lambda std: (drawn(std, 15), drawn(std, 16, identifiers=["x", "y", "z"])),
    "last year in part": lambda std: (drawn(std, 17), dict(list(drawn(std, 18).items())[::2])),
}  # fmt: skip


@cache
def standard(name: str) -> Standard:
    return csc_data.standard(name)


def keeps_its_promises(report: csc_data.Report, rules: Standard) -> None:
    """Every rule ran or says why not, and reports rows that are there."""
    listing = report.rules
    assert list(listing["rule"]) == list(rules.rules)
    broken = listing[~listing["status"].isin(STATUSES)]
    assert broken.empty, broken[["rule", "status", "reason"]].to_dict("records")
    assert listing.loc[listing["status"].isin(["skipped", "not_applicable"]), "reason"].ne("").all()
    assert (listing["rows"] >= listing["issues"]).all()
    assert (listing["status"].eq("failed") == listing["rows"].gt(0)).all()
    for table, rows in report.issues.groupby("table", observed=True)["row"]:
        assert rows.between(0, len(report.typed.sources[str(table)]) - 1).all()
    assert not report.issues.duplicated(["rule", "table", "row"]).any()


@pytest.mark.parametrize(
    ("name", "case"),
    [
        (name, case)
        for number, name in enumerate(ALL_STANDARDS)
        for turn, case in enumerate(CASES)
        # Years share nearly all their rules: the newest is held to everything, the others each to a part in turn.
        if name in NEWEST or (number + turn) % PARTS == 0
    ],
)
def test_every_rule_holds(name: str, case: str) -> None:
    chosen = standard(name)
    tables, previous = CASES[case](chosen)
    before = {table: frame.copy() for table, frame in tables.items()}
    keeps_its_promises(check(chosen, tables, previous), chosen)
    for table, frame in tables.items():
        pd.testing.assert_frame_equal(frame, before[table])


@pytest.mark.parametrize("name", [*NEWEST, *OLDEST])
def test_every_rule_holds_with_one_table_alone(name: str) -> None:
    chosen = standard(name)
    tables, previous = drawn(chosen, 19, 20), drawn(chosen, 20, 20)
    for table in tables:
        keeps_its_promises(check(chosen, {table: tables[table]}), chosen)
    for table in previous if name in NEWEST else ():
        keeps_its_promises(check(chosen, tables, {table: previous[table]}), chosen)


FIRST, LAST, LEAP = dt.date(1678, 1, 1), dt.date(2261, 12, 31), dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "period", [(FIRST, FIRST), (LAST, LAST), (FIRST, LAST), (LEAP, LEAP), (dt.date(2023, 3, 1), LEAP)]
)
@pytest.mark.parametrize("name", [*NEWEST, *OLDEST])
def test_every_rule_holds_in_any_period(name: str, period: tuple[dt.date, dt.date]) -> None:
    chosen = standard(name)
    report = check(chosen, drawn(chosen, 21), drawn(chosen, 22), period=period)
    keeps_its_promises(report, chosen)
    assert (report.ret.period.start, report.ret.period.end) == period


@pytest.mark.parametrize("day", [dt.date.min, dt.date(1677, 12, 31), dt.date(2262, 1, 1), dt.date.max])
def test_a_period_that_no_date_can_lie_in_is_refused(day: dt.date) -> None:
    chosen = standard(NEWEST[0])
    with pytest.raises(UsageError, match="is not a day of a period"):
        check(chosen, drawn(chosen, 1, 1), period=(day, day))


@pytest.mark.parametrize("name", NEWEST)
def test_texts_of_a_million_characters(name: str) -> None:
    chosen = standard(name)
    for table, frame in filled_with(chosen, "a" * 1_000_000, 1).items():
        keeps_its_promises(check(chosen, {table: frame}), chosen)


@pytest.mark.parametrize("name", NEWEST)
def test_all_children_with_one_identifier(name: str) -> None:
    chosen = standard(name)
    report = check(chosen, one_child(chosen, 6_000, 1), one_child(chosen, 6_000, 2))
    keeps_its_promises(report, chosen)
    assert not report.rules["reason"].str.contains("pairs").any()
    assert report.rules["seconds"].max() < 3, report.rules.nlargest(5, "seconds")[["rule", "seconds"]]


def ties(item: Item, standard: Standard) -> list[Cell]:
    """So few values that many rows of a child have the same dates, or dates of which one is blank and one unreadable."""
    return (
        ["01/05/2024", "01/06/2024", None, "31/02/2024"]
        if hostile.is_date(item)
        else [*good_values(item, standard)[:2]]
    )


@pytest.mark.parametrize(("pool", "identifiers"), [(hostile.hostile_values, hostile.SHARED_IDENTIFIERS), (ties, FEW)])
@pytest.mark.parametrize("name", [*NEWEST, *OLDEST])
def test_the_order_of_rows_does_not_matter(
    name: str, pool: Callable[[Item, Standard], list[Cell]], identifiers: list[Cell]
) -> None:
    """The same rows are flagged, as often; of rows that are copies of one another it may be another one."""
    chosen = standard(name)
    tables, previous = (drawn(chosen, seed, 40, pool, identifiers) for seed in (23, 24))

    def shuffled(given: Tables) -> Tables:
        return {table: frame.sample(frac=1, random_state=5, ignore_index=True) for table, frame in given.items()}

    mixed = shuffled(tables), shuffled(previous)
    report, other = check(chosen, tables, previous), check(chosen, *mixed)
    counts = ["rule", "status", "issues", "rows", "children"]
    pd.testing.assert_frame_equal(report.rules[counts], other.rules[counts])
    assert flagged_cells(report, tables, previous) == flagged_cells(other, *mixed)


def flagged_cells(report: csc_data.Report, tables: Tables, previous: Tables) -> Counter[tuple[str, ...]]:
    """How often each rule flags a row with these cells."""
    frames = {**tables, **{f"{table}_last": frame for table, frame in previous.items()}}
    cells = {table: list(frame.itertuples(index=False, name=None)) for table, frame in frames.items()}
    return Counter((rule, table, *cells[table][row]) for rule, table, row in flagged(report))


def flagged(given: csc_data.Report | pd.DataFrame) -> set[tuple[str, str, int]]:
    issues = given if isinstance(given, pd.DataFrame) else given.issues
    return set(zip(issues["rule"].astype(str), issues["table"].astype(str), issues["row"].astype(int), strict=True))


@pytest.mark.parametrize("name", [*NEWEST, *OLDEST])
def test_other_children_change_nothing(name: str) -> None:
    """Rules on one row or one child; a value that two children share, or the return as a whole, is another matter."""
    chosen = standard(name)
    own = {code for code, rule in chosen.rules.items() if rule.per not in ("return", "value")}
    names = {chosen.collection.subject.item, chosen.collection.record_number}

    def joined(ours: Tables, theirs: Tables) -> Tables:
        apart = {
            table: frame.assign(**{name: "Q" + frame[name].fillna("nobody") for name in names & {*frame}})
            if names & {*frame}
            else frame.head(0)
            for table, frame in theirs.items()
        }
        return {table: pd.concat([frame, apart[table]], ignore_index=True) for table, frame in ours.items()}

    tables, previous = drawn(chosen, 25), drawn(chosen, 26)
    both = joined(tables, drawn(chosen, 27)), joined(previous, drawn(chosen, 28))
    lengths = {table: len(frame) for table, frame in tables.items()}
    lengths |= {f"{table}_last": len(frame) for table, frame in previous.items()}
    alone, together = flagged(check(chosen, tables, previous)), flagged(check(chosen, *both))
    assert {pair for pair in together if pair[0] in own and pair[2] < lengths[pair[1]]} == {
        pair for pair in alone if pair[0] in own
    }


@pytest.mark.parametrize("name", [*NEWEST, *OLDEST])
def test_the_number_of_workers_does_not_matter(name: str) -> None:
    chosen = standard(name)
    alone, together = (check(chosen, drawn(chosen, 29), drawn(chosen, 30), workers=workers) for workers in (1, 3))
    pd.testing.assert_frame_equal(alone.issues, together.issues)
    pd.testing.assert_frame_equal(alone.rules.drop(columns="seconds"), together.rules.drop(columns="seconds"))


@st.composite
def spoilt_tables(draw: st.DrawFn, chosen: Standard) -> tuple[Tables, Tables]:
    """Good tables of four children in which some cells are set to something from the pool of their item."""
    years = drawn(chosen, 31, 5, good_values, FEW), drawn(chosen, 32, 5, good_values, FEW)
    items = [item for table in chosen.items.values() for item in table.values()]
    for tables in years:
        for item in draw(st.lists(st.sampled_from(items), max_size=12)):
            pool = FEW if hostile.links_rows(item, chosen) else hostile.hostile_values(item, chosen)
            tables[item.table].loc[draw(st.integers(0, 4)), item.name] = draw(st.sampled_from(pool))
    return years


@pytest.mark.parametrize("name", NEWEST)
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_every_rule_holds_whatever_is_drawn(name: str, data: st.DataObject) -> None:
    chosen = standard(name)
    keeps_its_promises(check(chosen, *data.draw(spoilt_tables(chosen))), chosen)


def test_every_view_is_read_by_a_rule_or_a_measure() -> None:
    """So that the rules above have run them all, but for those of measures, which have examples of their own."""
    for collection in collections().values():
        readers = (*collection.declared_rules, *collection.declared_measures, *collection.breakdowns)
        waiting = [parameter.name for reader in readers for parameter in reader.parameters]
        read: set[str] = set()
        while waiting:
            if (name := waiting.pop()) in collection.views and name not in read:
                read.add(name)
                waiting += [parameter.name for parameter in collection.views[name].parameters]
        assert read == set(collection.views)


@pytest.mark.parametrize("name", [name for name in NEWEST if standard(name).collection.form(XmlForm)])
def test_last_year_in_another_form(name: str, tmp_path: Path) -> None:
    chosen = standard(name)
    last = chosen.collection.standard(chosen.version.previous)
    was = chosen.collection.draw(last, 30, 3).tables
    now = chosen.collection.draw(chosen, 30, 3).tables
    reports = {}
    for form in ("xml", "csv"):
        convert(was, last, tmp_path / form, to=form)  # type: ignore[arg-type]
        reports[form] = check(chosen, now, previous=tmp_path / form)
        keeps_its_promises(reports[form], chosen)
        keeps_its_promises(check(chosen, drawn(chosen, 33), previous=tmp_path / form), chosen)
    counts = ["rule", "status", "rows"]
    pd.testing.assert_frame_equal(reports["xml"].rules[counts], reports["csv"].rules[counts])


def analyses(report: csc_data.Report, folder: Path) -> dict[str, object]:
    return {
        "quality": report.quality(),
        **{
            f"timeliness {day}": report.timeliness(day)
            for day in (None, dt.date(2026, 6, 30), dt.date.min, dt.date.max)
        },
        "root causes": report.root_causes(),
        "burden": report.burden(),
        "summary": report.summary(),
        "JSON": report.to_json(folder / "report.json", include_values=True),
        "CSV": report.to_csv(folder / "csv"),
        "Parquet": report.to_parquet(folder / "parquet"),
        "Excel": report.to_excel(folder / "report.xlsx", include_values=True),
        "HTML": report.to_html(folder / "report.html"),
    }


@pytest.mark.parametrize("case", ["hostile cells", "no cell filled", "no rows", "one child"])
@pytest.mark.parametrize("name", NEWEST)
def test_every_analysis_and_output_holds(name: str, case: str, tmp_path: Path) -> None:
    chosen = standard(name)
    tables, previous = CASES[case](chosen)
    report = check(chosen, tables, previous)
    for run, result in analyses(report, tmp_path).items():
        assert result is None or len(vars(result) if hasattr(result, "__dataclass_fields__") else result), run
    written = {"report.json", "csv", "parquet", "report.xlsx", "report.html"}
    assert {path.name for path in tmp_path.iterdir()} == written


@pytest.mark.parametrize("name", NEWEST)
def test_comparison_and_conversion_hold(name: str, tmp_path: Path) -> None:
    chosen = standard(name)
    report, other = (check(chosen, drawn(chosen, seed, 25)) for seed in (34, 35))
    compared = csc_data.compare(report, other)
    assert compared is not None
    converted = convert(drawn(chosen, 34, 25), chosen, tmp_path / "csv", to="csv")
    assert converted is not None
