"""What must not change the result of any rule."""

from __future__ import annotations

import pandas as pd
import pytest
from support.invented import check, checked, faulty, flagged
from validation.clean_returns import YEARLY, issues_of_a_clean_return

import csc_data
from csc_data.declare import Drawn

STANDARDS = ["ssda903/2022-23", "ssda903/2026-27", "cin/2023-24", "cin/2026-27"]


standard = csc_data.standard


def changed(drawn: Drawn, change: object) -> Drawn:
    def all_tables(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        return {name: change(table) for name, table in tables.items()}  # type: ignore[operator]

    return Drawn(all_tables(drawn.tables), all_tables(drawn.previous), drawn.authority, drawn.providers)


@pytest.mark.parametrize("name", STANDARDS)
def test_many_rules_have_something_to_find(name: str) -> None:
    report = checked(name)
    status = report.rules["status"].value_counts()
    assert status["failed"] > 0.4 * len(report.rules)
    assert "crashed" not in status


@pytest.mark.parametrize("name", STANDARDS)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    drawn = faulty(name)
    shuffled = changed(drawn, lambda table: table.sample(frac=1, random_state=9).reset_index(drop=True))
    result, other = checked(name), check(shuffled, standard(name))
    pd.testing.assert_frame_equal(flagged(result), flagged(other))
    counts = ["rule", "status", "issues", "rows", "children"]
    pd.testing.assert_frame_equal(result.rules[counts], other.rules[counts])


@pytest.mark.parametrize("name", STANDARDS)
def test_the_order_of_tables_and_columns_the_index_and_other_columns_do_not_matter(name: str) -> None:
    drawn = faulty(name)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        turned = table[table.columns[::-1]].assign(COLOUR="red")
        return turned.set_index(pd.Index(range(500, 500 + len(table)), name="x"))

    turned = changed(drawn, change)
    turned = Drawn(dict(reversed(turned.tables.items())), turned.previous, turned.authority, turned.providers)
    result, other = checked(name), check(turned, standard(name))
    pd.testing.assert_frame_equal(
        result.rules[["rule", "status", "issues", "rows", "children"]],
        other.rules[["rule", "status", "issues", "rows", "children"]],
    )
    pd.testing.assert_frame_equal(result.issues[["rule", "table", "row"]], other.issues[["rule", "table", "row"]])


@pytest.mark.parametrize("name", STANDARDS)
def test_other_children_change_neither_the_issues_of_a_child_nor_their_causes(name: str) -> None:
    drawn, others = faulty(name), faulty(name, 90, 77)

    def joined(own: dict[str, pd.DataFrame], added: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        child = standard(name).collection.subject.item
        apart = {
            name: table.assign(**{child: "Q" + table[child]}) if child in table else table.iloc[:0]
            for name, table in added.items()
        }
        return {name: pd.concat([table, apart[name]], ignore_index=True) for name, table in own.items()}

    both = Drawn(
        joined(drawn.tables, others.tables), joined(drawn.previous, others.previous), drawn.authority, drawn.providers
    )
    alone, together = checked(name), check(both, standard(name))
    assert len(together.issues) > 1.3 * len(alone.issues)
    pd.testing.assert_frame_equal(causes(alone, drawn), causes(together, drawn))


def causes(report: csc_data.Report, drawn: Drawn) -> pd.DataFrame:
    """Each flagged row of a return that others follow, with what its issue is put down to.

    Last comes the first of the rows that are put down to the same cell.
    """
    lengths = {name: len(table) for name, table in drawn.tables.items()}
    lengths |= {f"{name}_last": len(table) for name, table in drawn.previous.items()}
    causes = report.root_causes()
    rows = report.issues[["issue", "rule", "table", "row"]].astype({"rule": str, "table": str})
    rows = rows.join(causes.by_issue, on="issue").join(causes.groups[["rules", "fields", "advice"]], on="cause")
    own = rows[rows["row"] < rows["table"].map(lengths)]
    rows = own.sort_values(["rule", "table", "row"], ignore_index=True)
    same_cell = rows.groupby("place")[["rule", "table", "row"]].transform("first").add_prefix("first_")
    return rows.drop(columns=["issue", "cause", "place"]).join(same_cell)


@pytest.mark.parametrize("name", ["ssda903/2025-26", "cin/2025-26"])
def test_the_number_of_workers_changes_nothing(name: str) -> None:
    drawn = faulty(name, 60)
    alone = check(drawn, standard(name), workers=1)
    for workers in (2, 5):
        together = check(drawn, standard(name), workers=workers)
        pd.testing.assert_frame_equal(alone.issues, together.issues)
        pd.testing.assert_frame_equal(alone.rules.drop(columns="seconds"), together.rules.drop(columns="seconds"))
        assert alone.reference == together.reference


def test_frames_given_are_never_changed() -> None:
    drawn = faulty("ssda903/2026-27")
    before = {name: table.copy() for name, table in drawn.tables.items()}
    check(drawn, standard("ssda903/2026-27"))
    for name, table in drawn.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_columns_that_rules_see_cannot_be_written_to() -> None:
    report = checked("ssda903/2026-27")
    with pytest.raises(ValueError, match="read-only"):
        report.typed.rows["Episodes"].DECOM.days[0] = 0


@pytest.mark.parametrize(("name", "seed"), [(name, seed % 3 + 1) for seed, name in enumerate(YEARLY)])
def test_a_clean_return_has_no_issues(name: str, seed: int) -> None:
    assert not issues_of_a_clean_return(name, 800, seed)
