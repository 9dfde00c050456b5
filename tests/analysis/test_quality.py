"""Measures of data quality: against values counted by hand, and what must hold for any return."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS, QUALITY_MEASURES
from csc_data.declare.slots import TableRef
from csc_data.errors import StandardError
from csc_data.results.rule_results import RAN, RuleResult
from csc_data.typed.columns import Mask

STANDARDS = ["ssda903/2022-23", "ssda903/2025-26", "cin/2022-23", "cin/2026-27"]
KEYS = ["level", "table", "item", "characteristic", "group", "dimension", "measure"]

HEADER = pd.DataFrame(
    [
        ["A", "M", "01/01/2015", "WBRI", "A123456789012", None, None],
        ["B", "F", "10/05/2012", "REFU", "A123456789012", "1", None],
        ["C", None, "31/02/2010", "ZZZZ", "UN1", None, None],
        ["D", "U", None, None, None, None, None],
    ],
    columns=["CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"],
)
REVIEWS = pd.DataFrame(
    [
        ["A", "01/01/2015", "01/05/2025", "PN1"],
        ["A", "02/01/2015", "03/06/2025", "PN1"],
        ["B", "10/05/2012", None, "PN1"],
        ["X", "10/05/2012", "04/06/2025", None],
    ],
    columns=["CHILD", "DOB", "REVIEW", "REVIEW_CODE"],
)


def by_hand(**options: Any) -> csc_data.Report:
    return csc_data.validate({"Header": HEADER, "Reviews": REVIEWS}, "ssda903/2025-26", **options)


def counts(measures: pd.DataFrame, **where: str) -> tuple[int, int]:
    """Numerator and denominator of the one measure that fits."""
    result = measures
    for name, value in where.items():
        result = result[result[name] == value]
    (row,) = result[["numerator", "denominator"]].itertuples(index=False)
    return int(row.numerator), int(row.denominator)


@pytest.mark.parametrize(
    ("field", "measure", "expected"),
    [
        ("Header.SEX", "filled", (3, 4)),
        ("Header.SEX", "filled where required", (3, 4)),
        ("Header.MOTHER", "filled", (1, 4)),
        ("Header.MC_DOB", "filled where required", (0, 1)),
        ("Header.SEX", "coded unknown", (1, 3)),
        ("Header.ETHNIC", "coded unknown", (1, 3)),
        ("Header.ETHNIC", "valid codes", (2, 3)),
        ("Header.DOB", "valid dates", (2, 3)),
        ("Header.UPN", "valid forms", (3, 3)),
        ("Header.UPN", "held by one child", (0, 2)),
        ("Reviews.DOB", "same as the child's record", (2, 3)),
        ("Reviews.REVIEW", "filled where required", (3, 4)),
        ("Reviews.REVIEW", "dates on the first of a month", (1, 3)),
        ("Header.DOB", "dates on 1 January", (1, 2)),
    ],
)
def test_measures_of_items(field: str, measure: str, expected: tuple[int, int]) -> None:
    table, _, item = field.partition(".")
    assert counts(by_hand().quality().measures, level="item", table=table, item=item, measure=measure) == expected


def test_measures_of_tables_and_of_the_return() -> None:
    measures = by_hand().quality().measures
    of_table = {"level": "table", "table": "Header"}
    assert counts(measures, **of_table, measure="filled") == (4 + 3 + 3 + 3 + 3 + 1 + 0, 28)
    assert counts(measures, level="return", measure="filled") == (17 + 4 + 4 + 3 + 3, 28 + 16)
    # B lacks her child's date of birth, C a sex, D a date of birth and an ethnicity.
    assert counts(measures, **of_table, measure="records with all required items") == (1, 4)
    assert counts(measures, **of_table, measure="unique records") == (4, 4)
    assert counts(measures, **of_table, dimension="uniqueness", measure="records without an issue") == (2, 4)
    covered = "expected elsewhere: children in Reviews with a record in Header"
    assert counts(measures, level="return", measure=covered) == (2, 3)
    assert counts(measures, level="return", dimension="uniqueness", measure="children without an issue") == (3, 5)


def test_children_alike_in_all_that_tells_them_apart_are_candidates() -> None:
    header = pd.DataFrame(
        {"CHILD": list("ABCDE"), "DOB": ["01/01/2015"] * 4 + ["02/01/2015"], "SEX": ["M", "M", "F", "M", "M"]}
    )
    homes = [("A", "AB1 2CD"), ("A", "ZZ9 9ZZ"), ("B", "ab12cd"), ("C", "AB1 2CD"), ("D", None), ("E", "AB1 2CD")]
    episodes = pd.DataFrame(homes, columns=["CHILD", "HOME_POST"])
    measures = csc_data.validate({"Header": header, "Episodes": episodes}, "ssda903/2025-26").quality().measures
    assert counts(measures, measure="no likely double") == (2, 4)
    (note,) = measures.loc[measures["measure"] == "no likely double", "note"]
    assert "Candidates only" in note
    assert "no likely double" not in set(by_hand().quality().measures["measure"])


def test_groups_of_children() -> None:
    measures = by_hand().quality().measures

    def of(characteristic: str, group: str, measure: str, dimension: str = "completeness") -> tuple[int, int]:
        where = {"characteristic": characteristic, "group": group, "measure": measure, "dimension": dimension}
        return counts(measures, level="group", **where)

    # On the last day A is 11 and B is 13; the child of the reviews alone has no record.
    assert of("age", "10 to 15", "children without an issue", "uniqueness") == (0, 2)
    assert of("age", "not a valid value", "children without an issue", "uniqueness") == (1, 1)
    assert of("sex", "not recorded", "children without an issue", "uniqueness") == (2, 2)
    assert of("ethnicity", "Refused to say", "filled") == (6 + 3, 7 + 4)
    assert of("sex", "", "characteristic recorded") == (3, 5)
    assert of("ethnicity", "", "characteristic recorded") == (2, 5)


def test_rows_judged_are_added_up_rule_by_rule() -> None:
    report = by_hand(only=["101", "102", "168"])
    measures = report.quality().measures
    # Rule 101 reports C, rule 102 reports C and D, rule 168 nobody.
    assert counts(measures, table="Header", dimension="validity", measure="checks passed") == (3 + 2 + 4, 12)


def test_a_rule_that_did_not_run_is_left_out_and_listed() -> None:
    quality = by_hand(skip=["102", "611"]).quality()
    measures, left_out = quality.measures, quality.not_measured
    birth = measures[(measures["table"] == "Header") & (measures["item"] == "DOB")]
    assert "valid dates" not in set(birth["measure"])
    assert "MC_DOB" not in set(measures[measures["measure"] == "filled where required"]["item"])
    reasons = dict(zip(left_out["rule"], left_out["reason"], strict=True))
    assert reasons["102"] == reasons["611"] == "switched off for this run"
    assert "table Episodes not supplied" in set(left_out["reason"])
    assert list(left_out.columns) == list(NOT_MEASURED_COLUMNS)


def test_a_missing_column_is_said_and_not_counted_as_blank() -> None:
    header = HEADER.drop(columns=["ETHNIC"])
    quality = csc_data.validate({"Header": header}, "ssda903/2025-26").quality()
    assert "ETHNIC" not in set(quality.measures["item"])
    assert "column ETHNIC of Header not supplied" in set(quality.not_measured["reason"])
    assert any("no groups by ethnicity" in reason for reason in quality.not_measured["reason"])


@cache
def of_faulty(standard_id: str) -> csc_data.Report:
    return check(faulty(standard_id), csc_data.standard(standard_id))


@pytest.mark.parametrize("standard_id", STANDARDS)
def test_what_holds_for_any_return(standard_id: str) -> None:
    quality = of_faulty(standard_id).quality()
    measures = quality.measures
    assert list(measures.columns) == list(QUALITY_COLUMNS)
    assert not measures.duplicated(KEYS).any()
    assert set(measures["measure"].str.partition(": ")[0]) <= set(QUALITY_MEASURES)
    assert measures["numerator"].between(0, measures["denominator"]).all()
    whole = measures["denominator"] > 0
    assert np.allclose(measures["share"][whole], (measures["numerator"] / measures["denominator"])[whole])
    assert measures["share"][~whole].isna().all()
    accuracy = measures[measures["dimension"] == "accuracy"]
    assert accuracy["note"].str.contains("cannot show how accurate").all()
    levels = set(measures["level"])
    assert levels == {"return", "table", "item", "group"}
    for entry in measures[measures["level"] == "group"]["characteristic"].unique():
        groups = measures[(measures["characteristic"] == entry) & (measures["measure"] == "children without an issue")]
        totals = groups.groupby("dimension")["denominator"].sum()
        assert totals.nunique() == 1, "every child is in one group"


@pytest.mark.parametrize("standard_id", STANDARDS)
def test_the_order_of_rows_changes_nothing(standard_id: str) -> None:
    standard, drawn = csc_data.standard(standard_id), faulty(standard_id)
    turned = {name: table.iloc[::-1] for name, table in drawn.tables.items()}
    again = check(drawn, standard, turned).quality().measures
    before = of_faulty(standard_id).quality().measures
    pd.testing.assert_frame_equal(
        before.sort_values(KEYS, ignore_index=True), again.sort_values(KEYS, ignore_index=True)
    )


@pytest.mark.parametrize("standard_id", STANDARDS)
def test_what_rules_ask_for(standard_id: str) -> None:
    """Blanking an item changes no other condition: where it is blank already, the rule reports the same rows."""
    report = of_faulty(standard_id)
    results = {result.rule.code: result for result in report.results if result.status in RAN}
    asked = [
        (results[code], field)
        for code, fields in report.ret.standard.collection.quality.required_by.items()
        if code in results
        for field in fields
    ]
    assert asked
    for result, field in asked:
        table, _, item = field.partition(".")
        if table not in report.typed.sources or not report.typed.sources[table].supplied(item):
            continue
        asked_for = report.engine.flagged_if_blank(result.rule, table, item)
        blank = ~report.typed.sources[table].encoded(item).filled
        assert (asked_for[blank] == reported(result, table, len(blank))[blank]).all(), (result.rule.code, field)


# Rules that report more rows when an item is blank, but do not ask for the item: a blank is none of the values they allow,
# takes the row out of an exception, or leaves a record open that they compare with the next.
COMPARED_ONLY = {
    "ssda903": {
        "193": "OC2.SUBSTANCE_MISUSE",
        "207": "Header.MOTHER",
        "208": "Header.UPN",
        "217": "Episodes.RNE",
        "219": "Episodes.PLACE",
        "224": "Episodes.PLACE_PROVIDER",
        "233": "Episodes.DEC",
        "357": "Episodes.RNE",
        "359": "Episodes.LS Episodes.PLACE",
        "390": "Episodes.PLACE",
        "408": "Episodes.LS",
        "432": "Episodes.RNE",
        "435": "Episodes.PLACE Episodes.PLACE_PROVIDER Episodes.PL_POST",
        "511": "AD1.SEX_ADOPTR",
        "520": "AD1.SEX_ADOPTR",
        "560": "PlacedAdoption.DATE_PLACED",
        "574": "Missing.MIS_END",
        "580": "Episodes.REC",
        "612": "Header.MOTHER",
        "624": "Header.MC_DOB",
        "SW12STG2": "Episodes.DEC",
        "SW17STG2": "SWEpisodes.SW_DECOM",
    },
    "cin": {
        "100": "Header.ReferenceDate",
        "2885": "CINdetails.DateOfInitialCPC Section47.DateOfInitialCPC",
        "4001": "CINplanDates.CINPlanEndDate ChildProtectionPlans.CPPendDate",
        "4004": "CINplanDates.CINPlanEndDate",
        "4014": "CINplanDates.CINPlanEndDate",
        "4016": "ChildProtectionPlans.CPPendDate",
        "4017": "CINplanDates.CINPlanEndDate",
        "8569Q": "CINdetails.ReferralNFA",
        "8670Q": "Assessments.AssessmentAuthorisationDate",
        "8675Q": "Section47.DateOfInitialCPC",
        "8736": "Assessments.AssessmentActualStartDate Assessments.AssessmentAuthorisationDate",
        "8750": "ChildIdentifiers.GenderCurrent ChildIdentifiers.PersonBirthDate ChildIdentifiers.Sex",
        "8772": "CINdetails.ReferralNFA",
        "8815": "CINdetails.CINclosureDate",
        "8820": "CINdetails.CINclosureDate",
        "8839": "Section47.DateOfInitialCPC Section47.ICPCnotRequired",
        "8863Q": "Assessments.AssessmentAuthorisationDate",
        "8873Q": "CINdetails.ReasonForClosure",
        "8890": "Section47.DateOfInitialCPC",
        "8896": "Assessments.AssessmentAuthorisationDate",
        "8935": "ChildProtectionPlans.CPPendDate",
        "8940": "ChildProtectionPlans.CPPendDate",
    },
}


def reported(result: RuleResult, table: str, rows: int) -> Mask:
    mask = np.zeros(rows, dtype=bool)
    for entry in result.flagged:
        mask[entry.rows if entry.table == table else []] = True
    return mask


@pytest.mark.parametrize("standard_id", STANDARDS)
def test_a_rule_that_reports_a_blank_asks_for_the_item_or_is_known_not_to(standard_id: str) -> None:
    report = of_faulty(standard_id)
    collection = report.ret.standard.collection
    asked, compared = collection.quality.required_by, COMPARED_ONLY[collection.id]
    reacting = set()
    for result in report.results:
        rule = result.rule
        for field in rule.fields if result.status in RAN and not rule.cells else ():
            table, _, item = field.partition(".")
            source = report.typed.sources.get(table)
            if not TableRef.of(table).of_this_return or source is None or not source.supplied(item):
                continue
            blanked = report.engine.flagged_if_blank(rule, table, item)
            if (blanked & ~reported(result, table, len(source))).any():
                reacting.add((rule.code, field))
    judged = {(code, field) for code, fields in asked.items() for field in fields}
    judged |= {(code, field) for code, fields in compared.items() for field in fields.split()}
    assert len(reacting) > 20
    assert reacting <= judged, "Name the item in required_by if the rule asks for it, here if it does not."


def test_an_item_is_asked_for_or_compared_not_both() -> None:
    for name, compared in COMPARED_ONLY.items():
        asked = csc_data.collections()[name].quality.required_by
        for code, fields in compared.items():
            assert not set(fields.split()) & set(asked.get(code, ()))


def test_items_asked_for_under_a_condition_are_found_where_they_are_filled() -> None:
    episodes = pd.DataFrame(
        {
            "CHILD": ["A", "B", "C"], "DECOM": ["01/05/2025"] * 3,
            "DEC": ["01/06/2025", "01/06/2025", None], "REC": ["X1", None, None],
        }
    )  # fmt: skip
    report = csc_data.validate({"Episodes": episodes}, "ssda903/2025-26", only=["148"])
    asked = report.analyses.required
    assert asked["Episodes.REC"].rows.tolist() == [True, True, False]
    assert asked["Episodes.DEC"].rows.tolist() == [True, False, False]
    assert asked["Episodes.REC"].rules == ("148",)


def test_a_standard_that_measures_what_it_does_not_have_is_refused() -> None:
    from dataclasses import replace

    from csc_data.declare import Coverage, QualityFacts

    collection = csc_data.standard("ssda903/2025-26").collection
    facts = QualityFacts(
        unknown={"Header.NONE": "X"}, required_by={"NONE": ("Header.SEX",)}, coverage=(Coverage("", "Header", ("No",)),)
    )
    with pytest.raises(StandardError) as error:
        replace(collection, quality=facts).check()
    for words in ("field Header.NONE", "rule NONE", "table No"):
        assert words in str(error.value)
