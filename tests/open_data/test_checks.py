"""Every check of the catalogue finds the file that breaks it, and nothing else in it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from csc_data.commands.cli import main
from csc_data.open_data.checks import CATALOGUE, FINDING_COLUMNS, codes, findings
from csc_data.open_data.layout import DataFile, read_data_file

FIXTURES = Path(__file__).parents[2] / "fixtures" / "open_data"
TOO_MANY = "EES-FILTER-ITEM-LIMIT"
"""A filter of 25,001 categories is made here, in place of a file of 25,001 rows."""

ALSO = {
    "EES-COL-TO-ROWS": {"EES-META-COL-NAME-DUPLICATE"},
    "EES-COL-NAMES-SPACES": {"EES-META-COL-NAME-SPACES"},
}
"""What a file that breaks one check cannot help breaking as well."""


def pair(name: str) -> tuple[DataFile, DataFile]:
    """The files of a fixture."""
    (meta,) = (FIXTURES / name).glob("*.meta.csv")
    (data,) = (path for path in (FIXTURES / name).glob("*.csv") if path != meta)
    return read_data_file(data), read_data_file(meta)


def test_every_check_has_a_file_that_breaks_it() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {*CATALOGUE, "valid"} - {TOO_MANY}
    assert len({check.screener for check in CATALOGUE.values()}) == len(CATALOGUE) >= 78


def test_the_valid_pair_breaks_nothing() -> None:
    assert findings(*pair("valid")).empty


DICTIONARY = "EES-API-DICT-COL-NAMES"


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code != TOO_MANY])
def test_a_file_that_breaks_one_check_breaks_no_other(code: str) -> None:
    table = findings(*pair(code))
    assert list(table.columns) == list(FINDING_COLUMNS)
    # A column under another name is in no dictionary, which is a note of its own.
    assert set(codes(table)) - {DICTIONARY} == ({code, *ALSO.get(code, ())} - {DICTIONARY})
    assert code in set(table["check"])


def test_more_categories_than_a_filter_may_have_are_counted() -> None:
    cells = pd.DataFrame({"placement": [f"placement {number}" for number in range(25_001)], "children_count": "9"})
    table = findings(DataFile(Path("many.csv"), cells))
    assert TOO_MANY in set(table["check"])
    assert TOO_MANY not in set(findings(DataFile(Path("many.csv"), cells.iloc[1:].reset_index(drop=True)))["check"])


def test_the_command_says_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["open-data", "check", str(FIXTURES / "valid" / "children.csv")]) == 0
    assert "Nothing stands against the file" in capsys.readouterr().out
    broken = str(FIXTURES / "EES-IND-INVALID-ENTRY" / "children.csv")
    assert main(["open-data", "check", broken]) == 1
    said = capsys.readouterr().out
    assert "EES-IND-INVALID-ENTRY (refused) children_count line 5: " in said
    assert "1,200" not in said
    assert main(["open-data", "check", broken, "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["column"], found["line"], found["rows"]) == ("children_count", 5, 1)


def test_a_warning_alone_does_not_refuse_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["open-data", "check", str(FIXTURES / "EES-IND-OBSOLETE-SYMBOLS" / "children.csv")]) == 0
    assert "(warning)" in capsys.readouterr().out


def test_a_data_file_alone_is_checked_as_far_as_that_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = tmp_path / "children.csv"
    alone.write_bytes((FIXTURES / "valid" / "children.csv").read_bytes())
    assert main(["open-data", "check", str(alone)]) == 0
    assert "Without its metadata file" in capsys.readouterr().out


def test_the_page_lists_every_check() -> None:
    page = (Path(__file__).parents[2] / "docs" / "open_data.md").read_text(encoding="utf-8")
    for check in CATALOGUE.values():
        row = f"| {check.code} | `{check.screener}` | {check.effect} | {check.file} | {check.what} | {check.fix} |\n"
        assert row in page, check.code
