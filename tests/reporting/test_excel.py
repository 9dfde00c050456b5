"""The workbook, opened again: complete, true to what was submitted, and nothing in it can run."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support.invented import check, faulty

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.reporting import excel
from csc_data.results.pseudonyms import Pseudonyms

STANDARD = csc_data.standard("ssda903/2025-26")
SHEETS = [
    "Summary", "Rules", "Issues", "Causes", "Children", "Item completeness", "Indicators", "For the figures", "Not run",
    "Unreadable",
]  # fmt: skip


@pytest.fixture(scope="module")
def report() -> csc_data.Report:
    return check(faulty(STANDARD.id), STANDARD, skip=["142"])


@pytest.fixture(scope="module")
def book(report: csc_data.Report, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    report.to_excel(path, include_values=True)
    assert [entry.name for entry in path.parent.iterdir()] == ["report.xlsx"], "no file is left behind"
    return openpyxl.load_workbook(path)


def table(sheet: Worksheet) -> pd.DataFrame:
    header, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=list(header), dtype=object)


def summary(sheet: Worksheet) -> dict[str, Any]:
    return {str(row[0]): row[1:] for row in sheet.iter_rows(values_only=True) if row[0]}


def written(tables: dict[str, pd.DataFrame], path: Path, *rules: str) -> openpyxl.Workbook:
    csc_data.validate(tables, STANDARD, only=rules).to_excel(path, include_values=True)
    return openpyxl.load_workbook(path)


def test_every_sheet_can_be_filtered_below_a_header_that_stays(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == SHEETS
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == {
            "Issues": "C2",
            "Item completeness": "C2",
            "Indicators": "C2",
            "Unreadable": "A2",
        }.get(sheet.title, "B2")
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(cell.font.bold for cell in sheet[1])
        assert all(
            sheet.column_dimensions[cell.column_letter].width > len(max(cell.value.split(), key=len))
            for cell in sheet[1]
        )


def test_one_row_an_issue_with_all_that_is_needed_to_put_it_right(
    report: csc_data.Report, book: openpyxl.Workbook
) -> None:
    shown, issues = table(book["Issues"]), report.issues
    assert len(shown) == len(issues)
    for header, name in {"Issue": "issue", "Rule": "rule", "Severity": "severity", "Table": "table",
                         "Line": "line"}.items():  # fmt: skip
        assert shown[header].tolist() == issues[name].tolist()
    assert shown["Child"].fillna("").tolist() == issues["child"].astype(object).fillna("").tolist()
    assert shown["Cause"].tolist() == report.root_causes().by_issue.loc[issues["issue"], "cause"].tolist()
    tables = report.ret.tables
    for entry in shown[~shown["Table"].str.endswith("_last")].iloc[::40].to_dict("records"):
        rule = STANDARD.rules[entry["Rule"]]
        assert (entry["What is wrong"], entry["How to fix it"]) == (rule.title, rule.fix)
        row = issues[
            (issues["issue"] == entry["Issue"])
            & (issues["table"] == entry["Table"])
            & (issues["line"] == entry["Line"])
        ]
        fields = [field for field in entry["Fields"].split(", ") if field in tables[entry["Table"]]]
        cells = tables[entry["Table"]].iloc[int(row["row"].iloc[0])]
        for field in fields:
            value = cells[field]
            assert f"{field}: {'(blank)' if pd.isna(value) else value}" in entry["Values"].split("; ")


def test_rules_children_and_causes_add_up(report: csc_data.Report, book: openpyxl.Workbook) -> None:
    rules, children, causes = table(book["Rules"]), table(book["Children"]), table(book["Causes"])
    assert rules["Rule"].tolist() == list(STANDARD.rules)
    assert rules["Issues"].tolist() == report.rules["issues"].tolist()
    issues = report.issues
    assert len(children) == issues["child"].nunique()
    assert children["Issues"].is_monotonic_decreasing
    assert (children["Errors"] + children["Queries"]).tolist() == children["Issues"].tolist()
    for row in children.iloc[::10].to_dict("records"):
        theirs = issues[issues["child"] == row["Child"]]
        assert (row["Issues"], row["Rows"]) == (theirs["issue"].nunique(), len(theirs))
        times = theirs.groupby("rule", observed=True)["issue"].nunique()
        assert row["Rules"] == ", ".join(
            f"{rule} ({count})" if count > 1 else str(rule) for rule, count in times.items()
        )
    assert causes["Issues"].sum() == issues["issue"].nunique()


def test_items_and_what_did_not_run(report: csc_data.Report, book: openpyxl.Workbook) -> None:
    items = table(book["Item completeness"]).set_index(["Table", "Item"])
    sex = items.loc[("Header", "SEX")]
    filled = report.ret.tables["Header"]["SEX"].notna()
    assert (sex["Rows"], sex["Filled"], sex["Required and filled"]) == (len(filled), filled.sum(), filled.sum())
    assert sex["Filled, %"] == round(100 * filled.mean(), 1)
    assert sex["Asked for by"] == "101"
    left_out = table(book["Not run"]).set_index("Rule")
    assert left_out.loc["142", "Why it did not run"] == "switched off for this run"
    assert set(report.rules.loc[report.rules["status"].isin(["skipped", "not_applicable"]), "rule"]) <= set(
        left_out.index
    )


def test_the_summary_says_what_was_checked_and_that_children_are_named(
    report: csc_data.Report, book: openpyxl.Workbook
) -> None:
    sheet = book["Summary"]
    assert sheet["A1"].value == "Errors to correct before the return is submitted."
    assert "identifiers of children" in sheet["A2"].value
    facts = summary(sheet)
    assert facts["Standard"][0].endswith("ssda903/2025-26")
    assert facts["Children with an issue"][0] == report.issues["child"].nunique()
    errors = report.issues[report.issues["severity"] == "error"]
    assert facts["Errors"][:4] == (
        errors["issue"].nunique(), errors["rule"].nunique(), len(errors), errors["child"].nunique(),
    )  # fmt: skip


def test_it_is_a_worklist_that_fits_the_width_of_a_laptop(report: csc_data.Report, book: openpyxl.Workbook) -> None:
    sheet = book["Issues"]
    columns = {cell.value: cell.column_letter for cell in sheet[1]}
    first = ["Rule", "Child", "What is wrong", "State", "Owner", "Note", "Explanation"]
    assert list(columns)[: len(first)] == first
    assert {"Worker", "File", "Line", "Values", "Key"} <= set(columns)
    until_line = list(columns)[: list(columns).index("Line") + 1]
    assert sum(sheet.column_dimensions[columns[name]].width for name in until_line) <= 185
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"to do,asked,corrected at source,explained"'
    assert str(choice.sqref) == f"{columns['State']}2:{columns['State']}{sheet.max_row}"
    shown = table(sheet)
    assert set(shown["State"]) == {"to do"}
    assert shown["File"].dropna().str.contains("[/\\\\]").sum() == 0, "tables given as such stand in no folder"
    workers = report.ret.tables["SWEpisodes"].dropna(subset=["SW_ID"]).groupby("CHILD")["SW_ID"].agg(set)
    named = shown.dropna(subset=["Worker", "Child"])
    assert len(named) > 20
    assert all(row["Worker"] in workers[row["Child"]] for row in named.iloc[::10].to_dict("records"))


def test_links_lead_from_rules_and_children_to_their_issues_and_back(book: openpyxl.Workbook) -> None:
    followed = set()
    for name, column in (("Rules", 0), ("Children", 0), ("Issues", 0), ("Issues", 1)):
        linked = [row[column] for row in book[name].iter_rows(min_row=2) if row[column].hyperlink]
        assert linked
        for cell in linked[::7]:
            target, _, position = cell.hyperlink.location.replace("'", "").partition("!")
            leads_to = [entry.value for entry in book[target][int(position[1:])]]
            assert cell.value in leads_to[:2]
            followed.add((name, target))
    assert followed == {("Rules", "Issues"), ("Children", "Issues"), ("Issues", "Rules"), ("Issues", "Children")}


def test_values_are_there_only_when_asked_for_and_no_folder_of_a_file(tmp_path: Path) -> None:
    for year in ("now", "before"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "Header.csv").write_text(f"CHILD,SEX,ETHNIC\nA,M,SECRET{year}\n")
    result = csc_data.validate(tmp_path / "now", STANDARD, previous=tmp_path / "before", only=["103"])
    result.to_excel(tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert "Values" not in [cell.value for cell in book["Issues"][1]]
    texts = [str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not [text for text in texts if "SECRET" in text or str(tmp_path) in text]
    assert {"now/Header.csv", "before/Header.csv"} <= set(texts)


def test_an_earlier_run_marks_what_is_new_and_lists_what_is_gone(tmp_path: Path) -> None:
    def checked(*wrong: str) -> csc_data.Report:
        sexes = ["X" if child in wrong else "M" for child in "ABC"]
        header = pd.DataFrame({"CHILD": list("ABC"), "SEX": sexes, "DOB": "01/01/2015", "ETHNIC": "WBRI"})
        return csc_data.validate({"Header": header}, STANDARD, only=["101"])

    checked("A", "B").save(tmp_path / "run.zip")
    checked("B", "C").to_excel(tmp_path / "report.xlsx", previous_run=tmp_path / "run.zip")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    shown = table(book["Issues"])
    assert dict(zip(shown["Child"], shown["New or remaining"], strict=True)) == {"B": "remaining", "C": "new"}
    assert table(book["Gone"])[["Rule", "Child"]].to_numpy().tolist() == [["101", "A"]]
    rule = table(book["Rules"]).set_index("Rule").loc["101"]
    assert (rule["New"], rule["Remaining"], rule["Gone"]) == (1, 1, 1)
    counted = {row[:2] for row in book["Summary"].iter_rows(values_only=True)}
    assert {("New", 1), ("Remaining", 1), ("Gone", 1)} <= counted


def test_no_note_is_asked_for_under_pseudonyms(report: csc_data.Report, tmp_path: Path) -> None:
    report.pseudonymised(Pseudonyms(b"0123456789abcdef0123456789abcdef")).to_excel(tmp_path / "report.xlsx")
    headers = [cell.value for cell in openpyxl.load_workbook(tmp_path / "report.xlsx")["Issues"][1]]
    assert not {"State", "Owner", "Note", "Explanation", "Key", "Values"} & set(headers)


HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.example","y")', "http://x.example", "01/02/2025", "007",
    "1e5", "TRUE", "#N/A", "<b>&\"'", " padded ", "é\U0001f600", "two\nlines",
]  # fmt: skip


def test_a_pseudonymised_workbook_holds_no_identifier(tmp_path: Path) -> None:
    children = [f"CHILDNUMBER{number:05}" for number in range(30)]
    numbers = [f"A{number:012}" for number in range(123_456_789_000, 123_456_789_030)]
    tables = {
        "Header": pd.DataFrame(
            {"CHILD": children, "UPN": [*numbers[:-1], numbers[0]], "SEX": "X", "DOB": "01/01/2040"}
        ),
        "SWEpisodes": pd.DataFrame({"CHILD": children, "SW_ID": [f"QQ{number:010}" for number in range(30)]}),
    }
    tables["Header"].loc[0, "UPN"] = "MISSHAPENNUMBER"
    plain = csc_data.validate(tables, STANDARD)
    secret = {*children, *tables["Header"]["UPN"], *tables["SWEpisodes"]["SW_ID"]}

    def texts(report: csc_data.Report, name: str) -> list[str]:
        report.to_excel(tmp_path / name, include_values=True)
        book = openpyxl.load_workbook(tmp_path / name)
        return [str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]

    def held(texts: list[str]) -> set[str]:
        return {entry for entry in secret if any(entry in text for text in texts)}

    assert {children[0], "MISSHAPENNUMBER", "QQ0000000000"} <= held(texts(plain, "plain.xlsx")), (
        "they are there otherwise"
    )
    hidden = texts(plain.pseudonymised(Pseudonyms(b"0123456789abcdef0123456789abcdef")), "hidden.xlsx")
    assert not held(hidden)
    assert any("01/01/2040" in text for text in hidden), "other values stay"


def test_what_was_submitted_stays_text_as_it_is(tmp_path: Path) -> None:
    header = pd.DataFrame({"CHILD": [f"C{number}" for number in range(len(HOSTILE))], "ETHNIC": HOSTILE})
    reviews = pd.DataFrame({"CHILD": HOSTILE[:2], "REVIEW": [None, None]})
    result = written({"Header": header, "Reviews": reviews}, tmp_path / "report.xlsx", "103", "INT08")
    shown = table(result["Issues"])
    assert shown[shown["Rule"] == "103"]["Values"].tolist() == [f"ETHNIC: {text}" for text in HOSTILE]
    assert shown[shown["Rule"] == "INT08"]["Child"].tolist() == HOSTILE[:2]
    with zipfile.ZipFile(tmp_path / "report.xlsx") as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
        assert not any(b"<f>" in sheet or b"<f " in sheet or b"r:id" in sheet for sheet in sheets)
        assert not any("_rels/sheet" in name for name in parts.namelist())
    child = next(row[1] for row in result["Issues"].iter_rows(min_row=2) if row[0].value == "INT08")
    assert (child.data_type, child.quotePrefix) == ("s", True)


def test_characters_and_lengths_that_excel_does_not_take(tmp_path: Path) -> None:
    texts = ["a\x01b", "_x0041_", "x" * 40_000, "\U0001f600" * 20_000]
    header = pd.DataFrame({"CHILD": list("ABCD"), "ETHNIC": texts})
    shown = table(written({"Header": header}, tmp_path / "report.xlsx", "103")["Issues"])["Values"].tolist()
    plain = [openpyxl.utils.escape.unescape(entry) for entry in shown]
    assert plain[0].endswith("a\x01b")
    assert plain[1].endswith("_x0041_")
    assert [len(entry.encode("utf-16-le")) // 2 for entry in plain[2:]] == [32_767, 32_766]


def test_more_rows_than_a_sheet_holds_are_said_to_be_missing(
    report: csc_data.Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 100)
    report.to_excel(tmp_path / "report.xlsx", complete_list="issues.csv")
    workbook = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert workbook["Issues"].max_row == 101
    lines = [str(row[0]) for row in workbook["Summary"].iter_rows(values_only=True)]
    said = f"The sheet Issues holds the first 100 of {len(report.issues):,} rows, as many as Excel can."
    assert f"{said} issues.csv holds all." in lines


def test_a_clean_return_and_one_with_unreadable_rows(tmp_path: Path) -> None:
    clean = STANDARD.collection.draw(STANDARD, 5, 1).tables
    sheets = written(clean, tmp_path / "clean.xlsx", "101")
    assert sheets["Summary"]["A1"].value == "No errors and no queries in the rules that ran."
    assert sheets["Issues"].max_row == sheets["Children"].max_row == 1
    (tmp_path / "Header.csv").write_text("CHILD,SEX,ETHNIC\nA,M,WBRI\nB,M,WBRI,too,many\n")
    report = csc_data.validate(tmp_path / "Header.csv", STANDARD, only=["101"])
    report.to_excel(tmp_path / "report.xlsx")
    unreadable = table(openpyxl.load_workbook(tmp_path / "report.xlsx")["Unreadable"])
    assert unreadable["Line"].tolist() == [entry.line for entry in report.ret.supplied.unreadable] == [3]


def test_a_place_that_cannot_be_written_is_told(report: csc_data.Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        report.to_excel(tmp_path / "file" / "report.xlsx")


def test_the_command_writes_it_when_asked(tmp_path: Path) -> None:
    pd.DataFrame({"CHILD": ["A"], "SEX": ["X"], "ETHNIC": ["WBRI"]}).to_csv(tmp_path / "Header.csv", index=False)
    given = [str(tmp_path / "Header.csv"), "--standard", STANDARD.id, "--quiet"]
    assert main(["validate", *given, "--out", str(tmp_path / "out"), "--format", "xlsx", "--include-values"]) == 3
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == "report.xlsx"
    assert table(openpyxl.load_workbook(made)["Issues"])["Values"].tolist()[0] == "SEX: X"
