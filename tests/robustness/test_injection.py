"""No text of a return, a file name or an argument does anything but be shown, in any output."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pandas as pd
import pytest
from rich.console import Console
from support.hostile_texts import CHILDREN, HOSTILE, STANDARD, hostile_report
from support.runs import RETURN

import csc_data
from csc_data.analysis.burden import change_case
from csc_data.catalogue.site import write_site
from csc_data.commands.cli import main
from csc_data.conversion.convert import convert
from csc_data.metadata.draft import draft
from csc_data.reporting.burden import print_card, print_markdown
from csc_data.reporting.change_case import markdown
from csc_data.reporting.comparison import print_comparison
from csc_data.reporting.progress import progress_bar
from csc_data.reporting.terminal import print_report
from csc_data.visible import FORMULA_STARTS, visible

ENDINGS = [
    "=1+1", "\x1b[2J", "\x9b31m", "\u202ex", "\u2028x", "\rx", "\nno errors", "[bold red]x", "<img src=x onerror=alert(1)>",
]  # fmt: skip
"""Hostile texts that a name of a file can hold."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every output of a hostile return."""
    folder, report = tmp_path_factory.mktemp("written"), hostile_report()
    report.to_html(folder / "report.html", include_values=True)
    report.to_excel(folder / "report.xlsx", include_values=True)
    report.to_csv(folder)
    report.to_parquet(folder)
    report.to_json(folder / "report.json", include_values=True)
    report.save(folder / "run.zip")
    comparison = csc_data.compare(report, report)
    comparison.to_csv(folder)
    comparison.to_json(folder / "comparison.json", include_values=True)
    report.to_exchange(folder / "exchange.json")
    return folder


def unseen(text: str) -> set[str]:
    """Characters of a text that are not seen, ends of lines apart."""
    return {
        character
        for character in text
        if not character.isprintable() and character != "\n" and unicodedata.category(character) != "Zs"
    }


def test_the_return_is_hostile_and_found_out() -> None:
    report = hostile_report()
    assert report.issues["issue"].nunique() > 1000
    assert "crashed" not in set(report.rules["status"])
    shown = set(report.cells()["value"].dropna())
    assert set(HOSTILE) <= shown


def policy_of(page: Any) -> dict[str, str]:
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def assert_inert(page: Any) -> None:
    """Nothing but our own script and style can act in a page, and nothing is fetched."""
    scripts, policy = page.xpath("//script"), policy_of(page)
    assert policy["default-src"] == "'none'"
    assert all(hashed(script.text) == policy["script-src"] for script in scripts)
    assert len(scripts) <= 1
    assert not page.xpath("//img|//iframe|//object|//embed|//base|//video|//audio|//source|//applet|//frame")
    assert not [
        node for node in page.xpath("//@*") if node.attrname.lower().startswith("on") or node.attrname == "style"
    ]
    assert not page.xpath("//@src|//@srcset|//@action[contains(., ':')]|//@formaction")
    assert not [node for node in page.xpath("//@href") if re.match(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*:|//", node)]


def test_html(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    page = lxml.html.fromstring(text)
    assert_inert(page)
    assert policy_of(page)["style-src"] == hashed(page.xpath("//style")[0].text)
    assert {node for node in page.xpath("//@href") if not node.startswith("#")} == set()
    assert unseen(text) <= {"\t"}
    read = " ".join(page.text_content().split())
    assert "<script>alert(1)</script>" in read
    assert "{{7*7}}" in read
    assert "\\u202egnp.exe" in read


def test_workbook(written: Path) -> None:
    book = openpyxl.load_workbook(written / "report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    links = {cell.hyperlink.location for cell in cells if cell.hyperlink}
    assert all(re.fullmatch(r"'(Rules|Issues|Children)'!A\d+", link) for link in links)
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]
    with zipfile.ZipFile(written / "report.xlsx") as parts:
        assert not [
            name for name in parts.namelist() if re.search("external|macro|vba|connection", name, re.IGNORECASE)
        ]
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b'TargetMode="External"' not in parts.read(name)
    values = "\n".join(str(cell.value) for row in book["Issues"].iter_rows(min_row=2) for cell in row[10:])
    assert "=cmd|'/C calc'!A0" in values
    assert any(str(row[0].value).startswith("=CMD|") for row in book["Children"].iter_rows(min_row=2))


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_csv(written: Path) -> None:
    for path in written.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not is_number(cell)] == [], path.name
    children = pd.read_csv(written / "issues.csv", dtype=str, keep_default_na=False)["child"]
    assert "'=CMD|'/C CALC'!A0 0" in set(children)


def test_parquet_and_json_hold_the_texts_as_they_are(written: Path) -> None:
    children = {f"{HOSTILE[position % len(HOSTILE)]} {position}".strip().upper() for position in range(CHILDREN)}
    identifiers = set(hostile_report().issues["child"].dropna())
    assert len(identifiers & children) > 90
    assert set(pd.read_parquet(written / "issues.parquet")["child"].dropna()) == identifiers
    text = (written / "report.json").read_text(encoding="utf-8")
    assert {entry["child"] for entry in json.loads(text)["issues"]} - {None} == identifiers
    assert set(HOSTILE) <= {entry["value"] for entry in json.loads(text)["cells"]}
    for name in ("report.json", "comparison.json", "exchange.json"):
        assert unseen((written / name).read_text(encoding="utf-8")) == set()
    run = csc_data.read_run(written / "run.zip")
    assert set(run.issues["child"].dropna()) == identifiers
    with zipfile.ZipFile(written / "run.zip") as parts:
        assert unseen(parts.read("run.json").decode()) == set()


def test_terminal() -> None:
    report, screen = hostile_report(), io.StringIO()
    print_report(report, timings=True, files={"html": "out/\x1b[2J[bold red]x\nNo errors./report.html"}, file=screen)
    print_comparison(csc_data.compare(report, report), file=screen)
    print_card(report.burden(), file=screen)
    assert unseen(screen.getvalue()) == set()
    assert "out/\\x1b[2J[bold red]x\\nNo errors./report.html" in screen.getvalue()


def test_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csc_data.reporting.progress.PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm")

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    with progress_bar(screen) as tell:
        for step in range(40):
            tell(step, 40, "\x1b]0;pwned\x07[bold red]\u202e")
            Console(file=io.StringIO()).print("")
            __import__("time").sleep(0.01)
    assert "\\x1b]0;pwned\\x07[bold red]\\u202e" in screen.getvalue()
    assert "\x1b]0" not in screen.getvalue()


@pytest.mark.parametrize("ending", ENDINGS)
def test_names_of_files_tables_and_arguments(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of files, columns, zip members and folders, and what an argument says, in results and in complaints."""
    given = tmp_path / f"given {ending.replace('/', '_')}"
    given.mkdir()
    name = f"Header {ending.replace('/', '_')}.csv"
    drawn = csc_data.standard(STANDARD).collection.draw(csc_data.standard(STANDARD), 3, 1)
    header = drawn.tables["Header"].assign(**{ending: "x"})
    others = {f"{table}.csv": data.to_csv(index=False) for table, data in drawn.tables.items() if table != "Header"}
    header.to_csv(given / name, index=False)
    for other, content in others.items():
        (given / other).write_text(content)
    (given / f"other {ending.replace('/', '_')}.csv").write_text("a,b\n1,2\n")
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as parts:
        parts.write(given / f"other {ending.replace('/', '_')}.csv", f"folder {ending}/other {ending}.csv")
        parts.writestr(f"Header {ending}.csv", header.to_csv(index=False))
        for other, content in others.items():
            parts.writestr(other, content)
    # A line end in a name that nobody quotes cuts the row of names in two.
    checked = {3} if "\r" in ending else {0, 1}
    calls = [
        (["validate", str(given), "--standard", STANDARD, "--out", str(given / "out"), "--format", "html,json"], checked),
        (["validate", str(tmp_path / "given.zip"), "--standard", STANDARD, "--out", str(tmp_path / "zip")], checked),
        (["convert", str(given), "--standard", STANDARD, "--to", "csv", "--out", str(given / "csv")], {0, 1}),
        (["validate", str(given / f"nothing {ending}")], {3}),
        (["validate", str(given), "--standard", ending], {2}),
        (["validate", str(given), "--standard", STANDARD, "--authority", ending], {2}),
        (["validate", str(given), "--standard", STANDARD, "--only", ending], {2}),
        (["validate", str(given), "--standard", STANDARD, "--previous", ending], {3}),
        (["validate", str(given), "--standard", STANDARD, "--providers", ending], {3}),
        (["validate", str(given), "--standard", STANDARD, "--pseudonymise", ending], {2}),
        (["validate", str(given), "--standard", STANDARD, "--out", str(given / name)], {2}),
        (["compare", ending, ending], {3}),
        (["rules", "show", ending, "--standard", STANDARD], {2}),
        (["burden", "change", ending], {2, 3}),
    ]  # fmt: skip
    for arguments, codes in calls:
        assert main(arguments) in codes, arguments
    assert main(["validate", str(given), f"--unknown{ending.replace(' ', '')}"]) == 2
    assert main([f"nothing{ending}"]) == 2
    out, err = capsys.readouterr()
    assert unseen(out + err) == set()
    assert "\nno errors" not in out + err
    if "x1b" in visible(ending):
        assert visible(ending) in out + err
    for page in (given / "out" / "report.html", tmp_path / "zip" / "report.html"):
        text = page.read_text(encoding="utf-8")
        assert unseen(text) <= {"\t"}
        assert_inert(lxml.html.fromstring(text))


def test_sheets_elements_and_attributes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    for name in ("=1+1", "<script>", "[bold red]x", "\u202ex"):
        sheet = book.create_sheet(name.translate(str.maketrans("[]", "()")))
        sheet.append(["CHILD", "SEX", "DOB", name])
        sheet.append([name, name, name, name])
    book.save(tmp_path / "sheets.xlsx")
    census = (RETURN.parents[2] / "cin" / "returns" / "2025-26" / "census.xml").read_text(encoding="utf-8")
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;\u202e\x85[bold red]"
    census = census.replace("<Child>", f'<Child onload="{hostile}"><\u0130x a="{hostile}">{hostile}</\u0130x>', 3)
    census = re.sub("<LAchildID>[^<]*", f"<LAchildID>{hostile}", census, count=3)
    (tmp_path / "census.xml").write_text(census, encoding="utf-8")
    for given, standard in (("sheets.xlsx", STANDARD), ("census.xml", "cin/2025-26")):
        out = tmp_path / f"out of {given}"
        chosen = ["--standard", standard, "--out", str(out), "--format", "html,xlsx,csv,json", "--include-values"]
        assert main(["validate", str(tmp_path / given), *chosen]) in (1, 3)
        if out.exists():
            text = (out / "report.html").read_text(encoding="utf-8")
            assert_inert(lxml.html.fromstring(text))
            assert unseen(text) <= {"\t"}
    assert (tmp_path / "out of census.xml").exists()
    out, err = capsys.readouterr()
    assert unseen(out + err) == set()


def test_names_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name in bytes that are no UTF-8, as Linux allows."""
    name = b"Header \xff\xfe.csv".decode("utf-8", "surrogateescape")
    drawn = csc_data.standard(STANDARD).collection.draw(csc_data.standard(STANDARD), 3, 1)
    for table, data in (drawn.tables | {"Header": drawn.tables["Header"].assign(SEX="9")}).items():
        data.to_csv(tmp_path / (name if table == "Header" else f"{table}.csv"), index=False)
    formats = "html,xlsx,csv,parquet,json,run"
    arguments = ["validate", str(tmp_path), "--standard", STANDARD, "--out", str(tmp_path / "out"), "--format", formats]
    assert main(arguments) == 1
    files = pd.read_csv(tmp_path / "out" / "issues.csv").query("table == 'Header'")["file"]
    assert len(files) and files.str.endswith("Header \\xff\\xfe.csv").all()
    assert main(["validate", str(tmp_path / "\udcff")]) == 3
    assert unseen(capsys.readouterr().err) == set()


def test_a_converted_return_is_the_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is for upload: a cell that looks like a formula stays what it is, and the command says so."""
    folder = tmp_path / "given"
    folder.mkdir()
    cells = [text for text in HOSTILE if not set(text) & set("\t\r\n\ufeff\u2028\u2029\x08\x7f\x1b\x9b")]
    header = pd.DataFrame({"CHILD": cells, "SEX": "1", "DOB": "01/01/2015", "ETHNIC": "WBRI", "UPN": cells})
    header.to_csv(folder / "Header.csv", index=False)
    assert main(["convert", str(folder), "--standard", STANDARD, "--to", "csv", "--out", str(tmp_path / "csv")]) == 0
    out, _ = capsys.readouterr()
    starting = 2 * sum(cell.startswith(FORMULA_STARTS) for cell in cells)
    assert f"{starting} cells begin as a formula does and were written as submitted" in out
    again = pd.read_csv(tmp_path / "csv" / "Header.csv", dtype=str)
    assert again[["CHILD", "UPN"]].to_numpy().tolist() == [[cell, cell] for cell in cells]


def test_what_cannot_be_read_again_is_not_kept(tmp_path: Path) -> None:
    header = pd.DataFrame({"CHILD": ["\x00" * 50], "SEX": ["1"], "DOB": ["01/01/2015"]})
    with pytest.raises(csc_data.InputError, match="could not be read again"):
        convert({"Header": header}, STANDARD, tmp_path / "csv", to="csv")
    assert not (tmp_path / "csv").exists()


def test_the_case_for_a_draft_holds_no_markup_of_the_draft() -> None:
    words = (
        "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://example.org/z.png) \\[z](https://example.org)"
    )
    made = draft({
        "title": f"{words}\x1b[2J\u202e", "base": "ssda903/2026-27", "year": "2027-28",
        "need": words, "use": words, "remove": {"items": ["OC2.TEETH_CHECK"]},
    })  # fmt: skip
    text = markdown(change_case(made.base, made))
    assert "<" not in text
    assert not re.search(r"\[.*\]\(", text)
    assert unseen(text) == set()
    screen = io.StringIO()
    print_markdown(text, file=screen)
    assert unseen(screen.getvalue()) == set()
    assert "<script>alert(1)</script>" in screen.getvalue()


def test_the_catalogue_lets_nothing_act_but_its_own_script(tmp_path: Path) -> None:
    write_site(tmp_path, [csc_data.standard("ssda903/2025-26")])
    for path in tmp_path.rglob("*.html"):
        assert_inert(lxml.html.fromstring(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "seen"),
    [("\x1b[2J", "\\x1b[2J"), ("a\u202eb", "a\\u202eb"), ("\U000e0041", "\\U000e0041"), ("\ud800", "\\ud800"),
     ("é 李 \u00a0", "é 李 \u00a0"), ("\n", "\\n")],
)  # fmt: skip
def test_what_is_not_seen_is_written_out(text: str, seen: str) -> None:
    assert visible(text) == seen
