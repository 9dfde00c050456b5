"""What convert says was kept was kept: every cell, and what every rule finds. The rest is listed, with the reason."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from robustness.conversions import try_one

import csc_data
from csc_data.commands.cli import main
from csc_data.conversion.convert import Conversion, convert

SSDA903, CENSUS = "ssda903/2025-26", "cin/2025-26"


@pytest.mark.parametrize("number", [1, 2])
def test_nothing_differs_unsaid_in_an_invented_faulty_return(number: int, tmp_path: Path) -> None:
    try_one(number, tmp_path)


def header(children: list[str], **columns: str | list[str]) -> pd.DataFrame:
    facts = {"SEX": "M", "DOB": "03/12/2010", "ETHNIC": "WBRI", "UPN": "UN4", **columns}
    return pd.DataFrame({"CHILD": children, **facts})


def details(children: list[str], **columns: str | list[str]) -> dict[str, pd.DataFrame]:
    """A census of some children, each with one episode of need."""
    size = len(children)
    numbers = [str(number) for number in range(1, size + 1)]
    return {
        "ChildIdentifiers": pd.DataFrame(
            {"LAchildID": children, "PersonBirthDate": "2015-05-05", "GenderCurrent": "2"}
        ),
        "CINdetails": pd.DataFrame(
            {"LAchildID": children, "CINdetailsID": numbers, "CINreferralDate": "2025-06-14", **columns}
        ),
    }


def write(tables: dict[str, pd.DataFrame], standard: str, folder: Path) -> None:
    """Write a return with every table and column of its standard, most of them without rows."""
    folder.mkdir()
    for name, items in csc_data.standard(standard).items.items():
        table, needed = (
            tables.get(name, pd.DataFrame()),
            [declared.name for declared in items.values() if not declared.derived],
        )
        columns = [*needed, *(item for item in table if item not in needed)]
        left_out = [] if name not in tables else [item for item in needed if item.endswith("ID") and item not in table]
        table.reindex(columns=columns).drop(columns=left_out).to_csv(folder / f"{name}.csv", index=False)


def converted(tables: dict[str, pd.DataFrame], standard: str, tmp_path: Path, to: str) -> tuple[Conversion, Path]:
    given = tmp_path / "given"
    write(tables, standard, given)
    return convert(given, standard, tmp_path / to, to=to), given  # type: ignore[arg-type]


def reasons(done: Conversion) -> list[tuple[str, int, str]]:
    return list(done.lost[["table", "line", "reason"]].itertuples(index=False, name=None))


def issues(path: Path, standard: str) -> list[tuple[str, ...]]:
    issues = csc_data.validate(path, standard).issues
    return sorted(issues[["rule", "table", "child", "fields"]].astype(str).itertuples(index=False, name=None))


@pytest.mark.parametrize("written", ["14/06/2025", "14-06-2025", "2025-06-14T00:00:00", " 2025-06-14 "])
def test_a_date_is_written_as_the_form_has_it(written: str, tmp_path: Path) -> None:
    done, given = converted(details(["1001"], CINreferralDate=written), CENSUS, tmp_path, "xml")
    assert done.whole
    assert issues(done.files[0], CENSUS) == issues(given, CENSUS)
    again = "T" in written or written.startswith(" ")  # XML reads these as they are
    assert done.rewritten["item"].tolist() == ([] if again else ["CINreferralDate"])
    assert (b"<CINreferralDate>2025-06-14</CINreferralDate>" in done.files[0].read_bytes()) == (not again)


def test_a_date_that_only_the_other_form_would_read_is_listed(tmp_path: Path) -> None:
    """In XML it is unreadable, and a fault; in CSV the fault would be gone."""
    made, _ = converted(details(["1001"]), CENSUS, tmp_path, "xml")
    path = tmp_path / "census.xml"
    path.write_bytes(made.files[0].read_bytes().replace(b"<CINreferralDate>2025-06-14", b"<CINreferralDate>14/06/2025"))
    done = convert(path, CENSUS, tmp_path / "csv", to="csv")
    assert not done.whole
    ((table, _, reason),) = reasons(done)
    assert (table, reason) == ("CINdetails", "CINreferralDate would be read differently in csv")


def test_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    """Other forms of dates, words for nothing, leading zeros: whatever the rules make of them, they make of both forms."""
    children = ["0070415", "7041529.0", " 7041530", "7E+06", "5"]
    days = ["2010-12-03", "3/12/2010", "03/12/2010 00:00", "NULL", "31/02/2010"]
    done, given = converted({"Header": header(children, DOB=days)}, SSDA903, tmp_path, "xml")
    assert done.whole
    assert len(done.rewritten) == 0
    assert issues(done.files[0], SSDA903) == issues(given, SSDA903)
    back = convert(done.files[0], SSDA903, tmp_path / "csv", to="csv")
    assert back.whole
    assert issues(tmp_path / "csv", SSDA903) == issues(given, SSDA903)


def test_two_records_of_one_child_are_kept(tmp_path: Path) -> None:
    done, given = converted({"Header": header(["1", "1"], SEX=["M", "F"])}, SSDA903, tmp_path, "xml")
    assert done.whole
    assert issues(done.files[0], SSDA903) == issues(given, SSDA903)


def test_the_reason_is_given_for_every_row_that_is_not_kept(tmp_path: Path) -> None:
    tables = {
        "Header": header(["1", "2"], ETHNIC=["WBRI", "W\x01BRI"]),
        "Reviews": pd.DataFrame(
            {"CHILD": ["1", "9", None], "DOB": ["04/12/2010", "", ""], "REVIEW": "01/06/2025", "REVIEW_CODE": "PN1"}
        ),
        "OC3": pd.DataFrame(
            {
                "CHILD": ["1", "1", "2"],
                "DOB": "03/12/2010",
                "IN_TOUCH": ["YES", "NO", None],
                "ACTIV": ["F2", "F4", None],
            }
        ),
    }
    done, _ = converted(tables, SSDA903, tmp_path, "xml")
    assert not done.whole
    assert reasons(done) == [
        ("Header", 3, "ETHNIC holds characters that XML cannot"),
        ("Reviews", 2, "DOB is not as in Header, and XML holds it once"),
        ("Reviews", 3, "Header has no row of its CHILD, and XML holds everything of a child within that record"),
        ("Reviews", 4, "it has no CHILD, so it cannot be put into the record of a child"),
        ("OC3", 3, "XML holds one row of OC3 for each record of a child, and there are 2"),
        ("OC3", 4, "nothing is filled in but what XML holds elsewhere, so there is nothing to make a row of"),
    ]


def test_rows_without_the_number_of_their_record_are_listed_and_their_records_kept(tmp_path: Path) -> None:
    tables = details(["1001", "1001"], CINreferralDate=["2025-06-14", "2025-01-14"])
    tables["CINdetails"] = tables["CINdetails"].drop(columns="CINdetailsID")
    tables["ChildIdentifiers"] = tables["ChildIdentifiers"].head(1)
    tables["CINplanDates"] = pd.DataFrame({"LAchildID": ["1001"], "CINPlanStartDate": ["2025-07-01"]})
    done, _ = converted(tables, CENSUS, tmp_path, "xml")
    assert done.files[0].read_bytes().count(b"<CINdetails>") == 2
    assert [(table, line) for table, line, _ in reasons(done)] == [("CINplanDates", 2)]
    assert reasons(done)[0][2].startswith("it does not say to which row of CINdetails it belongs")


def test_running_numbers_of_any_kind_are_kept_in_what_they_link(tmp_path: Path) -> None:
    tables = details(["1001", "1002", "1002"], CINdetailsID=["B7", "007", "A"])
    tables["ChildIdentifiers"] = tables["ChildIdentifiers"].head(2)
    tables["CINplanDates"] = pd.DataFrame(
        {"LAchildID": ["1002", "1002", "1001"], "CINdetailsID": ["A", "007", "B7"], "CINPlanStartDate": "2025-07-01"}
    )
    done, given = converted(tables, CENSUS, tmp_path, "xml")
    assert done.whole
    assert issues(done.files[0], CENSUS) == issues(given, CENSUS)
    compared = csc_data.compare(csc_data.validate(given, CENSUS), csc_data.validate(done.files[0], CENSUS))
    assert compared.records.empty


def test_a_record_that_hangs_on_another_is_a_change(tmp_path: Path) -> None:
    """Positions of records are compared, so that moving a row from one to the other is still seen."""
    tables = details(["1", "1"], CINreferralDate=["2025-06-14", "2025-01-14"])
    plan = pd.DataFrame({"LAchildID": ["1"], "CINdetailsID": ["1"], "CINPlanStartDate": "2025-07-01"})
    runs = [
        csc_data.validate({**tables, "CINplanDates": plan.assign(CINdetailsID=identifier)}, CENSUS)
        for identifier in ("1", "2")
    ]
    assert csc_data.compare(*runs).records["items"].tolist() == ["CINdetailsID"]


def test_an_episode_more_does_not_change_those_of_other_children(tmp_path: Path) -> None:
    """The numbers of XML are counted through the file: all that come after the new one are others."""
    before = converted(details(["1", "2", "3"]), CENSUS, tmp_path, "xml")[0].files[0]
    more = tmp_path / "more.xml"
    own = b"<LAchildID>1</LAchildID>"
    new = b"<Child><ChildIdentifiers><LAchildID>0</LAchildID></ChildIdentifiers><CINdetails/></Child>"
    text = before.read_bytes()
    assert own in text
    more.write_bytes(text.replace(b"<Children>", b"<Children>" + new))
    changes = csc_data.compare(csc_data.validate(before, CENSUS), csc_data.validate(more, CENSUS)).records
    assert set(changes["change"]) == {"added"}


def test_what_is_passed_over_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write({"Header": header(["1"], NOTES="the only copy")}, SSDA903, tmp_path / "given")
    arguments = [
        "convert",
        str(tmp_path / "given"),
        "--standard",
        SSDA903,
        "--to",
        "xml",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "Header.csv: not part of Header, passed over: column 8" in said
    assert "NOTES" not in said, "a heading that is no item's name may be a value"
    assert "Nothing that belongs to the return was lost" in said


def test_a_return_and_its_other_form_are_no_change(tmp_path: Path) -> None:
    """A column that one form has not is not compared, and said; no cell was edited."""
    tables = {"Header": header(["1", "2"]), "UASC": header(["1"], DUC="01/02/2026").drop(columns=["ETHNIC", "UPN"])}
    done, given = converted(tables, SSDA903, tmp_path, "xml")
    assert done.whole
    comparison = csc_data.compare(csc_data.validate(done.files[0], SSDA903), csc_data.validate(given, SSDA903))
    assert (comparison.rework.cells_edited, len(comparison.records)) == (0, 0)
    assert set(comparison.issues["outcome"]) <= {"remaining"}
    assert [warning for warning in comparison.warnings if "only one has them" in warning]


def test_a_column_that_was_taken_away_is_still_a_change_in_one_form(tmp_path: Path) -> None:
    before = csc_data.validate({"Header": header(["1"])}, SSDA903)
    after = csc_data.validate({"Header": header(["1"]).drop(columns="UPN")}, SSDA903)
    assert csc_data.compare(before, after).rework.cells_removed == 1
