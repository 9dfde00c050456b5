"""Letters and digits of other scripts, and spaces of other kinds, in codes, numbers and dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from support.hostile import ALL_STANDARDS, ARABIC, check, is_date

import csc_data
from csc_data.declare import JsonForm
from csc_data.declare.json_form import is_day
from csc_data.declare.tables import cell_checks
from csc_data.typed.kinds import Encoded, PostcodeKind
from csc_data.typed.texts import Texts
from csc_data.versions import Year

FULL_WIDTH = "".join(chr(0xFF10 + digit) for digit in range(10))


def foreign(text: str) -> set[str]:
    """The text with its digits in other scripts, all of them and the last one alone."""
    plain = "0123456789"
    arabic, wide = ARABIC[9] + ARABIC[:9], FULL_WIDTH
    everywhere = {text.translate(str.maketrans(plain, digits)) for digits in (arabic, wide)}
    return everywhere | {text[:-1] + text[-1].translate(str.maketrans(plain, arabic))} - {text}


@pytest.mark.parametrize("name", ALL_STANDARDS)
def test_only_0_to_9_are_digits(name: str) -> None:
    """Every check of a date, number, code or form that asks for digits refuses those of other scripts."""
    standard = csc_data.standard(name)
    start = standard.period.start
    good = ["A123456789012", "1234567", "SC123456", "E12345678", "123", "2024", "0", "1", "12",
            *(start.strftime(form) for form in ("%d/%m/%Y", "%Y-%m-%d"))]  # fmt: skip
    tried = 0
    for items in standard.items.values():
        for item in items.values():
            digits_matter = is_date(item) or item.kind.noun == "number" or item.codes or "[0-9]" in (item.form or "")
            for cell_check in cell_checks(item, standard.version):
                if cell_check.fault == "blank" or not digits_matter:
                    continue
                given = [text for text in good if cell_check.good(Texts(pa.array([text])))[0]]
                spoilt = sorted(other for text in given for other in foreign(text))
                assert not cell_check.good(Texts(pa.array(spoilt, pa.string()))).any(), item.field
                tried += len(spoilt)
    if standard.collection.form(JsonForm):  # the days of a payload are checked by its form
        assert is_day("2025-01-01")
        assert not any(map(is_day, foreign("2025-01-01")))
    else:
        assert tried > 50


def test_a_pupil_number_in_other_digits_is_found_by_the_rules_on_its_form() -> None:
    standard = csc_data.standard("cin/2026-27")
    frame = pd.DataFrame({"LAchildID": ["a", "b"], "UPN": ["A" + ARABIC, "A12345678901" + ARABIC[1]]})
    issues = check(standard, {"ChildIdentifiers": frame}).issues
    by_row = {row: set(issues["rule"].astype(str)) for row, issues in issues.groupby("row")}
    assert by_row[0] >= {"1530", "1540", "1550"}
    assert "1550" in by_row[1]


def test_partly_known_dates_are_written_in_0_to_9() -> None:
    standard = csc_data.standard("ssda903/2026-27")
    written = ["ZZ/02/2023", f"ZZ/0{ARABIC[1]}/2023"]
    frame = pd.DataFrame({"CHILD": ["a", "b"], "DOB": "01/01/2015", "PREV_PERM": "P1", "LA_PERM": "E09000027",
                          "DATE_PERM": written})  # fmt: skip
    episodes = pd.DataFrame({"CHILD": ["a", "b"], "DECOM": "01/05/2026", "RNE": "S"})
    issues = check(standard, {"PrevPerm": frame, "Episodes": episodes}).issues
    assert set(issues.loc[issues["rule"].eq("632"), "row"]) == {1}


def test_a_dotless_i_and_a_long_s_are_no_capitals() -> None:
    """Upper-casing turns them into the plain letters, so they would pass for codes and for other children."""
    texts = Texts(pa.array(["\u0131", "\u017f", "i", "s", "\u00e9", "\u00df", None, "a\u0131"]))
    assert texts.words.to_pylist() == ["\u0131", "\u017f", "I", "S", "\u00c9", "\u1e9e", None, "A\u0131"]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u3000", "\t", "\u202f"])
def test_any_space_inside_a_postcode_is_left_out(space: str) -> None:
    texts = Encoded.of(pa.chunked_array([[f"sw1a{space}1aa", f"{space}SW1A{space}{space}1AA{space}"]]))
    column = PostcodeKind().column(texts, Year("2025-26"))  # type: ignore[call-arg]
    assert column.vocabulary == ["SW1A1AA"]
    assert np.array_equal(column.codes, [0, 0])
