"""What a standard declares: ordinary Pandera schemas with official codes, and contradictions found at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.pandas as pandera
import pytest

import csc_data
from csc_data.declare import (
    Code,
    Codes,
    Collection,
    Date,
    Group,
    Mask,
    Rows,
    Subject,
    Table,
    Threshold,
    Year,
    item,
    rule,
    yearly,
)
from csc_data.errors import StandardError


def test_a_table_is_an_ordinary_pandera_schema_with_official_codes() -> None:
    schema = csc_data.standard("ssda903/2025-26").tables["Episodes"]
    assert isinstance(schema, pandera.DataFrameSchema)
    frame = pd.DataFrame(
        {name: [None, None] for name in schema.columns}, dtype=object,
    ).assign(
        CHILD=["1", "2"], DECOM=["01/04/2025", "31/02/2025"], RNE=["S", "P"], LS="C2", CIN=["N1", ""], PLACE=["U1", "Z1"]
    )  # fmt: skip
    with pytest.raises(pandera.errors.SchemaErrors) as error:
        schema.validate(frame, lazy=True)
    cases = error.value.failure_cases
    failures = {(case.column, case.index, case.check.split()[0]) for case in cases.itertuples()}
    assert failures == {("DECOM", 1, "141"), ("CIN", 1, "S-BLANK"), ("PLACE", 1, "146")}


def test_a_schema_follows_its_year() -> None:
    frame = pd.DataFrame({"CHILD": ["1"], "PLACE": ["H5"]})
    for year, good in (("2023-24", True), ("2024-25", False)):
        column = csc_data.standard(f"ssda903/{year}").tables["Episodes"].columns["PLACE"]
        if good:
            column.validate(frame)
        else:
            with pytest.raises(pandera.errors.SchemaError):
                column.validate(frame)


def test_what_a_standard_hands_out_cannot_be_changed() -> None:
    standard = csc_data.standard("ssda903/2025-26")
    items: Any = standard.items
    changes: list[Callable[[], object]] = [
        lambda: items.pop("Episodes"),
        lambda: items["Episodes"].pop("DECOM"),
        lambda: items["Episodes"].update(DECOM=items["Episodes"]["DEC"]),
        lambda: standard.rules.clear(),  # type: ignore[attr-defined]
        lambda: standard.measures.clear(),  # type: ignore[attr-defined]
        lambda: standard.collection.views.clear(),  # type: ignore[attr-defined]
        lambda: items["Episodes"]["PLACE"].codes.members.append(None),
    ]
    for change in changes:
        with pytest.raises((AttributeError, TypeError)):
            change()
    assert "DECOM" in standard.items["Episodes"] and standard.rules and standard.measures


def test_a_good_frame_passes_unchanged_in_a_pipeline_of_someone_else() -> None:
    standard = csc_data.standard("ssda903/2025-26")
    drawn = standard.collection.draw(standard, 20, 1)
    for name, schema in standard.tables.items():
        pd.testing.assert_frame_equal(schema.validate(drawn.tables[name]), drawn.tables[name])


def test_codes_groups_and_thresholds_follow_the_years() -> None:
    codes = Codes("x", {"A": "one", "B": "two"}).then("2024-25", add={"C": "three"}, drop=["A"])
    assert set(codes.at(Year("2023-24"))) == {"A", "B"}
    assert set(codes.at(Year("2024-25"))) == {"B", "C"}
    group = Group("g", "A B").then("2025-26", add="C", drop="A")
    assert set(group.at(Year("2026-27"))) == {"B", "C"}
    limit = Threshold(14).then("2023-24", 16)
    assert (limit.at(Year("2022-23")), limit.at(Year("2025-26"))) == (14, 16)


def collection(*rules: Any, **models: type[Table]) -> Collection:
    class Header(Table, key=["CHILD"]):
        """Children."""

        CHILD: Code = item("Child identifier", mandatory=True)
        DOB: Date = item("Date of birth", until="2023-24")

    module = types.ModuleType(__name__)
    for number, declared in enumerate(rules):
        setattr(module, f"rule_{number}", declared)

    class Made(Collection):
        def _modules(self, name: str) -> list[types.ModuleType]:
            return [module] if name == "rules" else []

    return Made(
        id="made", title="Made", owner="", legal_basis="", population="", frequency="", formats=("csv",),
        source="", subject=Subject("child", "children", "CHILD"), tables=(Header, *models.values()),
        package="made",
        calendar=yearly("2022-23", "2024-25", lambda year: (dt.date(year.opens, 4, 1), dt.date(year.closes, 3, 31))),
    )  # fmt: skip


def every_child(header: Rows) -> Mask:
    """Every child is wrong.

    Why: It is a test.
    Fix: Nothing.
    """
    return header.every


def test_codes_of_a_standard_may_be_written_in_any_letter_case() -> None:
    class Colours(Table, key=["CHILD"]):
        """Colours."""

        CHILD: Code = item("Child identifier", mandatory=True)
        COLOUR: Code = item("Colour", codes=Codes("colour", {"Red": "red", "BLUE": "blue"}))

    schema = collection(Colours=Colours).standard("2022-23").tables["Colours"]
    good = pd.DataFrame({"CHILD": ["a", "b", "c"], "COLOUR": ["red", " RED", "Blue"]})
    schema.validate(good)
    with pytest.raises(pandera.errors.SchemaError):
        schema.validate(good.assign(COLOUR=["red", "rod", "blue"]))


def test_a_sound_collection_passes() -> None:
    collection(rule("1", fields=["Header.CHILD"])(every_child)).check()


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: [rule("1", fields=["Header.DOB"])(every_child)], "2024-25"),
        (lambda: [rule("1", fields=["Header.NAME"])(every_child)], "Header.NAME"),
        (
            lambda: [rule("1", fields=["Header.CHILD"])(every_child), rule("1", fields=["Header.CHILD"])(every_child)],
            "1",
        ),
        (lambda: [rule("1", fields=["Header.CHILD"])(wrong_parameter)], "weather"),
    ],
)
def test_contradictions_are_found_when_it_is_loaded(declare: Callable[[], list[Any]], message: str) -> None:
    with pytest.raises(StandardError, match=message):
        collection(*declare()).check()


@pytest.mark.parametrize("statement", ["period_item", "year_item", "authority_item"])
def test_what_a_return_states_of_itself_must_exist(statement: str) -> None:
    with pytest.raises(StandardError, match=r"Header\.NAME, which says what the return is"):
        dataclasses.replace(collection(), **{statement: "Header.NAME"}).check()


def test_the_table_that_takes_the_place_of_another_must_exist() -> None:
    class Stays(Table, in_every_return=True, unless_all_in="Left"):
        """Stays in care."""

        CHILD: Code = item("Child identifier")

    with pytest.raises(StandardError, match="table Left, which takes the place of Stays"):
        collection(Stays=Stays).check()


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"key": ["CHILD", "NONE"]}, "table Stays: key names NONE, which is no item of it"),
        ({"key": ["CHILD"], "known_by": ["BEGAN", "NONE"]}, "table Stays: known_by names NONE, which is no item of it"),
        ({"key": ["CHILD"], "numbered": "NONE"}, "table Stays: numbered names NONE, which is no item of it"),
        ({"key": ["CHILD"], "known_by": ["CHILD"]}, "table Stays: known_by names CHILD, which is of its key"),
    ],
)
def test_items_by_which_rows_are_known_must_exist(keywords: dict[str, Any], message: str) -> None:
    class Sound(Table, key=["CHILD"], known_by=["BEGAN"]):
        """Stays in care."""

        CHILD: Code = item("Child identifier")
        BEGAN: Date = item("Day it began", until="2022-23")

    collection(Sound=Sound).check()

    class Stays(Table, **keywords):
        """Stays in care."""

        CHILD: Code = item("Child identifier")
        BEGAN: Date = item("Day it began")

    with pytest.raises(StandardError, match=message):
        collection(Stays=Stays).check()


def wrong_parameter(header: Rows, weather: Rows) -> Mask:
    """A parameter that nothing answers to.

    Why: It is a test.
    Fix: Nothing.
    """
    return header.none


def test_windows_of_one_code_may_follow_each_other() -> None:
    early = rule("1", fields=["Header.CHILD"], until="2022-23")(every_child)
    late = rule("1", fields=["Header.CHILD"], since="2023-24")(every_child)
    collection(early, late).check()


@pytest.mark.parametrize("missing", ["Why", "Fix"])
def test_a_rule_without_why_or_fix_is_refused(missing: str) -> None:
    def function(header: Rows) -> Mask:
        return header.none

    function.__doc__ = (every_child.__doc__ or "").replace(f"{missing}:", "Also:")
    with pytest.raises(StandardError, match="docstring"):
        rule("1", fields=["Header.CHILD"])(function)


def test_every_standard_is_sound() -> None:
    for collection in csc_data.collections().values():
        collection.check()
