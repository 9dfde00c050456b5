"""Collections of other kinds go through everything: a year of its own, dated versions, workers in place of children."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from lxml.html import document_fromstring
from support.other_kinds import PACKS, packs_installed
from test_engine_is_general import ENGINE, words_of_code

import csc_data
from csc_data.commands.cli import main
from csc_data.conversion.convert import convert
from csc_data.gaps import GapKind
from csc_data.reporting.burden import print_card
from csc_data.reporting.terminal import print_report
from csc_data.synthetic.synthesise import Synthetic, synthesise

LATEST = {"private_fostering": "2025-26", "plan_feed": "2025-11-03", "workforce": "2025-26"}
FAULTS = {"private_fostering": {"PF1": 2}, "plan_feed": {"P1": 2}, "workforce": {"W1": 2, "W4": 1, "S-CODE": 1}}

SHARED = re.compile(
    r"^(?:(?:R4\.|R7\.)?children|R16\.\w+_per_child|no children)$|Quality Data for Children in Care"
    r"|Children's social care data catalogue"
)
"""Identifiers of metrics and of kinds of gaps, which are the same for every collection, and titles."""


@pytest.fixture(autouse=True, scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with packs_installed(tmp_path_factory.mktemp("packs")):
        yield


def made(name: str, count: int = 30) -> Synthetic:
    return synthesise(f"{name}/{LATEST[name]}", children=count, seed=1, faults=FAULTS[name])


def checked(name: str) -> csc_data.Report:
    drawn = made(name)
    return csc_data.validate(
        drawn.tables, f"{name}/{LATEST[name]}", previous=drawn.previous or None, authority=drawn.authority
    )


@pytest.mark.parametrize("name", PACKS)
def test_the_pack_agrees_with_itself_and_every_version_has_its_schema(name: str) -> None:
    collection = csc_data.collections()[name]
    collection.check()
    for version in collection.versions:
        standard = csc_data.standard(f"{name}/{version}")
        assert standard.tables.keys() == standard.models.keys()
        assert standard.rules


@pytest.mark.parametrize("name", PACKS)
def test_invented_faults_are_found_and_nothing_else(name: str) -> None:
    drawn, report = made(name), checked(name)
    assert not drawn.impossible
    failed = report.rules[report.rules["status"] == "failed"]
    assert dict(zip(failed["rule"], failed["issues"], strict=True)) == FAULTS[name]
    assert set(report.rules["status"]) <= {"passed", "failed", "skipped", "not_applicable"}
    flagged = report.issues[report.issues["rule"].isin(FAULTS[name]) & report.issues["child"].notna()]
    assert set(drawn.faults["child"]) <= set(flagged["child"]) | {""} or name == "workforce"


def test_a_feed_is_about_the_six_months_up_to_the_day_that_it_states() -> None:
    report = checked("plan_feed")
    assert (report.ret.period.start, report.ret.period.end) == (dt.date(2025, 8, 1), dt.date(2026, 1, 31))
    assert report.ret.standard.previous is not None
    assert report.ret.standard.previous.version == "2025-08"
    assert "HELD_SINCE" not in report.ret.standard.previous.items["Plans"]


def test_a_year_is_the_one_the_pack_says() -> None:
    period = csc_data.standard("private_fostering/2025-26").period
    assert (period.start, period.end) == (dt.date(2025, 9, 1), dt.date(2026, 8, 31))


@pytest.mark.parametrize("name", PACKS)
def test_the_files_are_recognised_without_naming_the_standard(name: str, tmp_path: Path) -> None:
    made(name).write(tmp_path / "made")
    report = csc_data.validate(tmp_path / "made/this_year")
    assert report.ret.standard.collection.id == name


@pytest.mark.parametrize("name", ["private_fostering", "workforce"])
def test_a_return_goes_into_its_xml_form_and_back(name: str, tmp_path: Path) -> None:
    drawn, standard = made(name), f"{name}/{LATEST[name]}"
    into = convert(drawn.tables, standard, tmp_path / "xml", to="xml")
    assert into.lost.empty and into.issues.empty and into.added.empty
    back = convert(tmp_path / "xml", standard, tmp_path / "csv", to="csv")
    assert back.lost.empty and back.issues.empty and back.added.empty
    for table, frame in drawn.tables.items():
        read = pd.read_csv(tmp_path / f"csv/{table}.csv", dtype=str)
        assert len(read) == len(frame)


def test_a_form_that_a_collection_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(csc_data.UsageError, match="Feed of plans has no XML form"):
        convert(made("plan_feed").tables, "plan_feed/2025-11-03", tmp_path / "x", to="xml")


@pytest.mark.parametrize("name", PACKS)
def test_catalogue_items_and_rules_are_made(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standard = f"{name}/{LATEST[name]}"
    assert main(["catalogue", "html", "--out", str(tmp_path / "site"), "--standard", name]) == 0
    assert (tmp_path / "site/index.html").is_file()
    assert main(["catalogue", "schemas", "--out", str(tmp_path / "schemas"), "--standard", name]) == 0
    assert main(["catalogue", "tables", "--out", str(tmp_path / "tables"), "--standard", name]) == 0
    assert main(["standards", "show", standard]) == 0
    assert main(["rules", "list", "--standard", standard]) == 0
    assert main(["items", "--standard", standard]) == 0
    assert main(["burden", "standard", standard]) == 0
    before = csc_data.standard(standard).previous
    assert before is not None
    assert main(["standards", "diff", before.id, standard]) == 0
    assert main(["burden", "change", before.id, standard]) == 0
    assert next(iter(csc_data.standard(standard).models)) in capsys.readouterr().out


def test_no_word_of_theirs_stands_in_the_engine() -> None:
    standards = [
        version
        for name in PACKS
        for version in map(csc_data.collections()[name].standard, csc_data.collections()[name].versions)
    ]
    theirs = {
        *PACKS,
        *(word for standard in standards for table, items in standard.items.items() for word in (table, *items)),
    }
    named = {path.name: known for path in ENGINE.rglob("*.py") if (known := words_of_code(path) & theirs)}
    assert named == {"excel.py": {"Worker"}}, "the heading of a column; nothing else"


@pytest.mark.parametrize("name", PACKS)
def test_two_submissions_are_compared(name: str, tmp_path: Path) -> None:
    first, second = (
        checked(name),
        csc_data.validate(synthesise(f"{name}/{LATEST[name]}", children=30, seed=1).tables, f"{name}/{LATEST[name]}"),
    )
    first.save(tmp_path / "first.zip")
    changes = csc_data.compare(tmp_path / "first.zip", second)
    assert changes.rework.issues_resolved >= 1
    assert changes.subject == csc_data.collections()[name].subject


@pytest.mark.parametrize("name", PACKS)
def test_quality_and_burden_count_whom_the_return_is_about(name: str) -> None:
    report = checked(name)
    subject = report.ret.standard.subject
    measures = report.quality().measures
    assert f"{subject.plural} without an issue" in set(measures["measure"])
    card = report.burden()
    assert card.counts.set_index("metric").loc["children", ["name", "value"]].tolist() == [
        f"{subject.plural.capitalize()} in the return", 30.0,
    ]  # fmt: skip


# --- A return about workers never says child --------------------------------------------------------------------------


def texts(value: Any) -> Iterator[str]:
    """Every text of a JSON document but the names of its keys."""
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def says_child(said: Iterable[str]) -> list[str]:
    """The texts that speak of children, other than identifiers that all collections share and the title of a source."""
    return [text for text in said if re.search("child", SHARED.sub("", text), re.IGNORECASE)]


@pytest.fixture(scope="module")
def workforce(installed: None) -> csc_data.Report:
    """A census of workers in which there is something of everything to tell."""
    drawn = made("workforce")
    tables = {
        **drawn.tables,
        "Absence": drawn.tables["Absence"].assign(STAFF=lambda table: table["STAFF"].mask(table.index == 0)),
    }
    return csc_data.validate(tables, "workforce/2025-26", previous=drawn.previous, authority=drawn.authority)


def test_the_terminal_says_worker(workforce: csc_data.Report) -> None:
    output = io.StringIO()
    print_report(workforce, timings=True, files=dict.fromkeys(("html", "xlsx", "csv", "run"), "f"), file=output)
    print_card(workforce.burden(), file=output)
    assert re.search(r"of \d+ workers have an issue", output.getvalue())
    assert "R4.workers" in output.getvalue()
    assert not says_child(output.getvalue().splitlines())


@pytest.mark.parametrize("include_values", [False, True])
def test_the_page_says_worker(workforce: csc_data.Report, tmp_path: Path, include_values: bool) -> None:
    workforce.to_html(tmp_path / "page.html", include_values=include_values)
    page = document_fromstring((tmp_path / "page.html").read_text(encoding="utf-8"))
    for own in page.xpath("//style | //script"):
        own.drop_tree()
    attributes = [
        element.get(name)
        for element in page.iter()
        for name in ("aria-label", "data-what", "title", "placeholder", "content")
        if element.get(name)
    ]
    said = [html.unescape(text) for text in page.itertext()]
    assert any("Workers" in text for text in said)
    assert not says_child([*said, *attributes])


def test_json_and_exchange_say_worker(workforce: csc_data.Report, tmp_path: Path) -> None:
    workforce.to_exchange(tmp_path / "exchange.json")
    documents = [workforce.to_dict(include_values=True), json.loads((tmp_path / "exchange.json").read_text())]
    documents += [workforce.burden().to_dict()]
    for document in documents:
        assert not says_child(texts(document))


def test_the_workbook_says_worker(workforce: csc_data.Report, tmp_path: Path) -> None:
    workforce.to_excel(tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert "Workers" in book.sheetnames
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not says_child([*book.sheetnames, *cells])


def test_csv_says_worker_but_for_the_names_of_its_columns(workforce: csc_data.Report, tmp_path: Path) -> None:
    workforce.to_csv(tmp_path / "csv")
    for path in (tmp_path / "csv").iterdir():
        assert not says_child(path.read_text(encoding="utf-8-sig").splitlines()[1:])


def test_two_censuses_compared_say_worker(workforce: csc_data.Report, tmp_path: Path) -> None:
    from csc_data.reporting.comparison import print_comparison

    workforce.save(tmp_path / "run.zip")
    changes = csc_data.compare(tmp_path / "run.zip", checked("workforce"))
    output = io.StringIO()
    print_comparison(changes, file=output)
    assert not says_child(output.getvalue().splitlines())


def test_gaps_and_refusals_say_worker(tmp_path: Path) -> None:
    tables = made("workforce").tables
    nobody = csc_data.validate({name: table.assign(STAFF=None) for name, table in tables.items()}, "workforce/2025-26")
    (gap,) = [gap for gap in nobody.gaps if gap.kind is GapKind.NO_CHILDREN]
    assert gap.message.startswith("The return holds no worker: none of the ")
    assert gap.message.endswith(" rows of Worker has a STAFF, so nothing was checked of any.")
    unnamed = csc_data.validate(
        {"Worker": tables["Worker"], "Absence": tables["Absence"].drop(columns="STAFF")}, "workforce/2025-26"
    )
    assert any(gap.message.startswith("Nothing tells to which worker") for gap in unnamed.gaps)
    assert not says_child([gap.message + gap.advice for report in (nobody, unnamed) for gap in report.gaps])


def test_the_command_invents_workers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--standard", "workforce/2025-26", "--subjects", "7", "--faults", "W1:1", "--out", str(tmp_path / "made")]
    assert main(["synthesise", *given]) == 0
    output = capsys.readouterr().out
    assert "an invented return of 7 workers" in output
    assert "by 1 worker (" in output
    assert not (tmp_path / "made/providers.csv").exists()
    content = json.loads((tmp_path / "made/invented.json").read_text())["content"]
    assert content == "An invented return: no worker in it is real."


# --- A feed of dated versions never says last year ----------------------------------------------------------------------

CODES = {"this year", "last year", "last year's return", "no children", "children"}
"""Codes that stand in documents, the same for every collection."""


def says_year_or_child(said: Iterable[str]) -> list[str]:
    """The texts that speak of a year before, or of children, other than codes and identifiers that all collections share."""
    plain = (SHARED.sub("", text) for text in said if text not in CODES)
    return [text for text in plain if re.search("(last|this|previous) year|year before|child", text, re.IGNORECASE)]


def earlier_feed() -> dict[str, pd.DataFrame]:
    """The feed before: of the version before, with a young person who is gone since."""
    tables = synthesise("plan_feed/2025-08", children=30, seed=1).tables
    return {name: table.replace({"Y00003": "Y99999"}) for name, table in tables.items()}


def feed_after(previous: dict[str, pd.DataFrame], **tables: pd.DataFrame) -> csc_data.Report:
    return csc_data.validate({**made("plan_feed").tables, **tables}, "plan_feed/2025-11-03", previous=previous)


@pytest.fixture(scope="module")
def feeds(installed: None) -> list[csc_data.Report]:
    """Feeds beside the one before, which is right, or wrong in every way there is."""
    tables, before = made("plan_feed").tables, earlier_feed()
    people, plans = before["YoungPeople"], before["Plans"]
    others = {name: table.assign(YP_ID="X" + table["YP_ID"]) for name, table in before.items() if "YP_ID" in table}
    as_before = {name: table.drop(columns="HELD_SINCE", errors="ignore") for name, table in tables.items()}
    return [
        feed_after(before),
        feed_after(as_before, **as_before),
        feed_after({**before, **others}),
        feed_after({"Feed": before["Feed"], "YoungPeople": people}),
        feed_after({**before, "YoungPeople": people.head(0)}),
        feed_after({**before, "Plans": plans.drop(columns="YP_ID")}),
        feed_after({**before, "Plans": plans.drop(columns="PLAN")}),
        feed_after({**before, "Plans": plans.assign(MADE=plans["MADE"].str.replace("-", "/"))}),
        feed_after({**before, "Plans": plans.assign(YP_ID=plans["YP_ID"] + ".0")}),
        feed_after(before, Feed=tables["Feed"].assign(DRAWN=None)),
        csc_data.validate(tables, "plan_feed/2025-11-03"),
    ]


def test_every_gap_of_a_feed_names_the_earlier_return(feeds: list[csc_data.Report]) -> None:
    kinds = {gap.kind for report in feeds for gap in report.gaps}
    assert {GapKind.WRONG_PREVIOUS, GapKind.EMPTY_TABLE, GapKind.NO_IDENTIFIER, GapKind.OTHER_FORM} <= kinds
    said = [f"{gap.where} {gap.message} {gap.advice}" for report in feeds for gap in report.gaps]
    assert "The earlier return holds the same as this return." in " ".join(said)
    assert not says_year_or_child(said)
    assert not says_year_or_child(str(reason) for report in feeds for reason in report.rules["reason"])


def test_terminal_and_json_name_the_earlier_return(feeds: list[csc_data.Report]) -> None:
    output = io.StringIO()
    for report in feeds:
        print_report(report, timings=True, files=dict.fromkeys(("html", "xlsx", "csv", "run"), "f"), file=output)
        assert not says_year_or_child(texts(report.to_dict(include_values=True)))
    print_card(feeds[0].burden(), file=output)
    assert "3 of the earlier return" in output.getvalue()
    assert not says_year_or_child(output.getvalue().splitlines())


def test_page_and_workbook_name_the_earlier_return(feeds: list[csc_data.Report], tmp_path: Path) -> None:
    feeds[0].to_html(tmp_path / "page.html", include_values=True)
    page = document_fromstring((tmp_path / "page.html").read_text(encoding="utf-8"))
    for own in page.xpath("//style | //script"):
        own.drop_tree()
    attributes = [
        element.get(name) or "" for element in page.iter() for name in ("aria-label", "data-what", "title", "content")
    ]
    assert "Plans (the earlier return)" in " ".join(page.itertext())
    assert not says_year_or_child([*page.itertext(), *attributes])
    feeds[0].to_excel(tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "the earlier return" in cells
    assert not [text for text in cells if text in CODES] and not says_year_or_child([*book.sheetnames, *cells])


def test_a_comparison_names_the_earlier_return(tmp_path: Path) -> None:
    from csc_data.reporting.comparison import print_comparison

    made("plan_feed").write(tmp_path / "made")
    (tmp_path / "before").mkdir()
    for name, table in earlier_feed().items():
        table.to_csv(tmp_path / f"before/{name}.csv", index=False)
    feed = (tmp_path / "made/this_year", "plan_feed/2025-11-03")
    csc_data.validate(*feed, previous=tmp_path / "before").save(tmp_path / "run.zip")
    output = io.StringIO()
    print_comparison(csc_data.compare(tmp_path / "run.zip", csc_data.validate(*feed)), file=output)
    assert "The earlier return differs between the two runs" in " ".join(output.getvalue().split())
    assert not says_year_or_child(output.getvalue().splitlines())


def test_items_and_rules_of_a_feed_name_the_earlier_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "--standard", "plan_feed/2025-11-03"]) == 0
    assert main(["burden", "standard", "plan_feed/2025-11-03"]) == 0
    assert main(["catalogue", "html", "--out", str(tmp_path), "--standard", "plan_feed"]) == 0
    pages = [*(tmp_path / "plan_feed").rglob("*.html")]
    said = [text for page in pages for text in document_fromstring(page.read_text(encoding="utf-8")).body.itertext()]
    assert "(the earlier return)" in " ".join(" ".join(said).split())
    assert not says_year_or_child([*capsys.readouterr().out.splitlines(), *said])
