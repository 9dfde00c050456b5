"""What people noted about issues: known again in another extract, carried over, and never lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import InputError, UsageError
from csc_data.files.identity import IDENTITY_COLUMNS
from csc_data.reporting import json_report
from csc_data.results.issue_keys import IssueKey
from csc_data.results.work import Entry, State, Work, schema
from csc_data.results.worklist import WORK_COLUMNS

FIXTURES = Path(__file__).parents[2] / "fixtures"
GIVEN = FIXTURES / "ssda903/returns/2025-26/this_year"
STANDARD = "ssda903/2025-26"
RULES = ["388", "INT17", "433"]


def tables() -> dict[str, pd.DataFrame]:
    return csc_data.read(GIVEN, STANDARD).tables


def check(given: Any, work: Work | None = None, **options: Any) -> csc_data.Report:
    return csc_data.validate(given, STANDARD, only=RULES, authority="Barnet", work=work, **options)


@pytest.fixture(scope="module")
def report() -> csc_data.Report:
    return check(tables())


def explained(report: csc_data.Report, rule: str = "388") -> Work:
    """Work in which the first issue of a rule is explained."""
    work = Work.on(report.ret)
    keyed = report.worklist.keys.keyed(rule, int(report.issues.loc[report.issues["rule"] == rule, "issue"].iloc[0]))
    work.set_issue(keyed.key, Entry(State.EXPLAINED, "Pat", "rang the team", "They moved twice.", values=keyed.values))
    return work


def standings(report: csc_data.Report) -> list[str]:
    return sorted(standing.words for standing in report.worklist.standings().values())


def test_a_note_is_known_again_in_another_extract(report: csc_data.Report) -> None:
    given = tables()
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in given.items()}
    child = next(iter(explained(report).issues)).subject
    others = given["Episodes"]["CHILD"].ne(child)
    shuffled["Episodes"] = shuffled["Episodes"].copy()
    shuffled["Episodes"].loc[others, "PLACE"] = "U1"
    again = check(shuffled, explained(report))
    assert standings(again) == ["explained earlier"]
    [(rule, who)] = {(key.rule, key.subject) for key in explained(report).issues}
    shown = again.worklist.table
    assert set(shown.loc[shown["standing"] == "explained earlier", "child"]) == {who} and rule == "388"


def keys(report: csc_data.Report) -> set[IssueKey]:
    return {key for rule in report.issues["rule"].unique() for key in report.worklist.keys.of_rule(str(rule)).values()}


def test_episodes_of_the_census_are_known_again_with_another_before_them(tmp_path: Path) -> None:
    """They have but running numbers there: one more at the top, and each has another number and position."""
    given = FIXTURES / "cin/returns/2025-26/census.xml"
    days = "<CINreferralDate>2019-05-01</CINreferralDate><CINclosureDate>2019-06-01</CINclosureDate>"
    earlier = f"<CINdetails>{days}</CINdetails>"
    longer = re.sub("(<Child>.*?)(?=<CINdetails>)", rf"\1{earlier}", given.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "census.xml").write_text(longer, encoding="utf-8")
    reports = [csc_data.validate(path, "cin/2025-26") for path in (given, tmp_path / "census.xml")]
    before, after = map(keys, reports)
    assert sum(bool(key.row) for key in before) > 50
    assert before <= after
    compared = csc_data.compare(*reports)
    assert (compared.rework.issues_resolved, compared.rework.records_changed, compared.rework.records_removed) == (
        0,
        0,
        0,
    )
    assert compared.rework.issues_introduced == len(after) - len(before), "what was there is not new"
    assert compared.rework.records_added == longer.count(earlier)


def test_an_episode_that_is_added_before_others_moves_no_note(report: csc_data.Report) -> None:
    given = tables()
    flagged = given["Episodes"][given["Episodes"]["CHILD"].isin(report.issues["child"])]
    earlier = flagged.drop_duplicates("CHILD").assign(DECOM="01/04/2014", DEC="02/04/2014")
    given["Episodes"] = pd.concat([earlier, given["Episodes"]])
    rows = {key for key in keys(report) if key.table == "Episodes"}
    assert rows and rows <= keys(check(given))


def test_the_same_issue_has_the_same_key_in_csv_and_in_xml(tmp_path: Path) -> None:
    census = FIXTURES / "cin/returns/2025-26"
    source = next(census.glob("*.xml"))
    assert main(["convert", str(source), "--standard", "cin/2025-26", "--to", "csv", "--out", str(tmp_path)]) in (0, 1)
    one, other = (csc_data.validate(given, "cin/2025-26") for given in (source, tmp_path))
    keys = [set(each.worklist.table["key"]) for each in (one, other)]
    assert len(keys[0]) > 20
    assert keys[0] == keys[1]


def test_an_explanation_of_other_values_explains_nothing(report: csc_data.Report) -> None:
    given, work = tables(), explained(report, "INT17")
    [key] = work.issues
    flagged = given[key.table] = given[key.table].copy()
    flagged.loc[flagged["CHILD"] == key.subject, "DOB"] = "01/01/2001"
    again = check(given, work)
    assert key in again.worklist.keys.of_rule("INT17").values(), "the issue is still there"
    assert standings(again) == ["to do: the values have changed since it was explained"]


def test_a_note_on_a_rule_holds_for_issues_without_one_of_their_own(report: csc_data.Report) -> None:
    work = explained(report, "INT17")
    work.set_rule("INT17", Entry(State.ASKED, owner="Sam"))
    count = report.issues.loc[report.issues["rule"] == "INT17", "issue"].nunique()
    assert standings(check(tables(), work)) == ["asked"] * (count - 1) + ["explained earlier"]


def test_work_bears_neither_on_the_verdict_nor_on_what_is_found(report: csc_data.Report) -> None:
    work = Work.on(report.ret)
    for rule in RULES:
        work.set_rule(rule, Entry(State.EXPLAINED, explanation="as it is"))
    again = check(tables(), work)
    told, before = again.summary(), report.summary()
    assert {**told, "run": None} == {**before, "run": None}
    assert told["run"]["id"] == before["run"]["id"]


def test_a_file_comes_back_as_it_was_and_fits_its_schema(report: csc_data.Report, tmp_path: Path) -> None:
    work = explained(report)
    work.set_rule("433", Entry(State.ASKED, note='"quoted"\n\u202eturned'))
    work.save(tmp_path / "work.json")
    assert Work.read(tmp_path / "work.json") == work
    document = json.loads((tmp_path / "work.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema())
    assert Draft202012Validator(schema()).is_valid(document)
    assert document["contains_child_level_values"] is True
    assert [one.name for one in tmp_path.iterdir()] == ["work.json"]
    work.set_rule("433", Entry())
    assert "433" not in work.rules, "what says nothing is taken out"


def test_another_file_is_never_written_over(report: csc_data.Report, tmp_path: Path) -> None:
    letter = tmp_path / "letter.json"
    letter.write_text('{"format": "a letter"}', encoding="utf-8")
    with pytest.raises(UsageError, match="not written over"):
        explained(report).save(letter)
    assert letter.read_text(encoding="utf-8") == '{"format": "a letter"}'


def test_what_a_colleague_saved_meanwhile_is_not_written_over(report: csc_data.Report, tmp_path: Path) -> None:
    path = tmp_path / "work.json"
    explained(report).save(path)
    mine, theirs = Work.read(path), Work.read(path)
    theirs.set_rule("433", Entry(State.ASKED))
    theirs.save(path)
    mine.set_rule("433", Entry(State.EXPLAINED))
    with pytest.raises(UsageError, match="changed by somebody else"):
        mine.save(path)
    assert Work.read(path) == theirs


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is no work file"),
        ("[]", "is no work file"),
        ('{"format": "csc-data work 9"}', "another version"),
        ('{"format": "csc-data work 1", "standard": "s", "rules": []}', "lacks issues"),
        ('{"format": "csc-data work 1", "standard": "s", "rules": [], "issues": [{"rule": "1", "state": "SECRET"}]}',
         "issues, number 1, state is none of: to do, asked"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_words(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "work.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message) as refused:
        Work.read(path)
    assert "SECRET" not in str(refused.value)


def test_the_work_of_another_return_is_refused(report: csc_data.Report) -> None:
    for other in ("cin/2025-26", STANDARD):
        work = Work(other, "E09000007")
        with pytest.raises(UsageError, match="the return is another"):
            check(tables(), work)


def test_texts_to_paste_say_each_explanation_once(report: csc_data.Report) -> None:
    work = explained(report)
    [(key, entry)] = work.issues.items()
    work.set_issue(replace(key, row=("2020-01-01",)), replace(entry, values=""))
    work.set_rule("388", Entry(explanation="As agreed."))
    assert work.text_for_rule("388") == f"As agreed.\n{key.subject}: They moved twice."
    assert work.text_for_subject(key.subject) == "388: They moved twice."


def test_the_census_offers_its_set_notes() -> None:
    standard = csc_data.standard("cin/2025-26")
    offered = {rule.code for rule in standard.rules.values() if rule.set_note}
    year_on_year = {f"YonY{number:02}" for number in range(1, 8)}
    assert offered == {"2991Q", "8530Q", "8535Q", "8670Q", "8675Q", "8775Q", "8825Q"} | year_on_year
    assert offered == set(standard.collection.burden.noted), "what one note explains is counted as explained by one"


def test_from_check_to_workbook_to_work_file_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["validate", str(GIVEN), "--only", ",".join(RULES), "--authority", "Barnet", "--out", str(tmp_path / "out")]
    main([*call, "--format", "xlsx"])
    path = tmp_path / "out/report.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Issues"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    mine = next(row for row in sheet.iter_rows(min_row=2) if row[columns["Rule"] - 1].value == "388")
    mine[columns["State"] - 1].value, mine[columns["Explanation"] - 1].value = "Explained", "'=They moved."
    other = next(row for row in sheet.iter_rows(min_row=2) if row[columns["Rule"] - 1].value == "433")
    other[columns["State"] - 1].value = "finished"
    book.save(path)
    work = tmp_path / "work.json"
    assert main(["work", "import", str(path), "--work", str(work)]) == 1
    told = capsys.readouterr()
    assert "1 issue changed" in told.out
    assert "the state is none of to do, asked" in told.err
    assert [entry.explanation for entry in Work.read(work).issues.values()] == ["=They moved."]
    assert Work.read(work).standard == STANDARD
    main([*call, "--format", "csv,html,xlsx", "--work", str(work)])
    assert "1 explained earlier" in capsys.readouterr().out
    assert "1 explained earlier" in (tmp_path / "out/report.html").read_text(encoding="utf-8")
    listed = pd.read_csv(tmp_path / "out/worklist.csv", dtype=str)
    assert list(listed.columns) == list(WORK_COLUMNS)
    assert "'=They moved." in set(listed["explanation"].dropna())
    assert main(["work", "import", str(tmp_path / "out/worklist.csv"), "--work", str(work)]) == 0
    assert "0 issues changed" in capsys.readouterr().out
    assert main(["work", "export", str(work), "--out", str(tmp_path / "entries.csv")]) == 0
    assert main(["work", "text", str(work), "--rule", "388"]) == 0
    assert "=They moved." in capsys.readouterr().out


@pytest.mark.parametrize("values", [False, True])
def test_states_stand_in_json_and_html_and_what_people_wrote_only_with_values(values: bool, tmp_path: Path) -> None:
    work = explained(check(tables()))
    work.set_rule("433", Entry(State.ASKED, "Sam"))
    report = check(tables(), work)
    document = report.to_dict(include_values=values)
    jsonschema.validate(document, json_report.schema())
    noted = {entry["issue"]: entry for entry in document["work"]}
    rules = {entry["issue"]: entry["rule"] for entry in document["issues"]}
    assert [(rules[issue], entry["state"], entry["for_rule"]) for issue, entry in noted.items()] == [
        ("388", "explained", False),
        *[("433", "asked", True)] * 4,
    ]
    report.to_html(tmp_path / "report.html", include_values=values)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    rows = page[page.index("Rows flagged by rule 388") :]
    rows = rows[: rows.index("</table>")]
    assert rows.count("<td>Explained earlier") == 1 and rows.count("<td>To do") == 3
    for text in ("Pat", "rang the team", "They moved twice."):
        assert (text in json.dumps(document)) is values
    assert ("Pat" in page) is values
    plain = check(tables())
    assert "work" not in plain.to_dict()
    plain.to_html(tmp_path / "plain.html")
    assert ">State</th>" in page and ">State</th>" not in (tmp_path / "plain.html").read_text(encoding="utf-8")


def test_the_worklist_is_written_as_parquet_beside_the_issues(tmp_path: Path) -> None:
    work, out = tmp_path / "work.json", tmp_path / "out"
    explained(check(tables())).save(work)
    call = ["validate", str(GIVEN), "--only", ",".join(RULES), "--authority", "Barnet", "--out", str(out)]
    main([*call, "--format", "parquet", "--work", str(work), "--quiet"])
    listed, issues = (pd.read_parquet(out / f"{name}.parquet") for name in ("worklist", "issues"))
    assert list(listed.columns) == [*WORK_COLUMNS, *IDENTITY_COLUMNS]
    assert listed["issue"].tolist() == issues["issue"].tolist() and listed["run"].tolist() == issues["run"].tolist()
    assert set(listed.loc[listed["state"] == "explained", "owner"]) == {"Pat"}


def test_work_does_not_go_with_pseudonyms(report: csc_data.Report, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdefghijklmnopqrstuvwxyz", encoding="utf-8")
    assert check(tables(), explained(report)).pseudonymised(key).work is None
    work = tmp_path / "work.json"
    explained(report).save(work)
    assert main(["validate", str(GIVEN), "--work", str(work), "--pseudonymise", str(key)]) == 2
