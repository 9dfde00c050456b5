"""The catalogue as a web site: everything has its page, every link leads somewhere, and nothing comes from the network."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest

import csc_data
from csc_data.catalogue import links
from csc_data.catalogue.described import describe
from csc_data.catalogue.site import render, write_site
from csc_data.commands.cli import main
from csc_data.metadata.code_sets import code_sets
from csc_data.metadata.installed import standards

FIXTURES = Path(__file__).parents[2] / "fixtures"
EVERYTHING = standards()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, EVERYTHING, FIXTURES)
    return folder


def text(path: Path) -> str:
    return " ".join(lxml.html.parse(str(path), lxml.html.HTMLParser(encoding="utf-8")).getroot().text_content().split())


@pytest.mark.parametrize("standard", EVERYTHING, ids=lambda standard: standard.id)
def test_every_item_code_set_and_rule_of_every_year_has_its_page(site: Path, standard: csc_data.Standard) -> None:
    home = standard.collection.id
    items = [entry for some in standard.items.values() for entry in some.values()]
    paths = [links.item_path(home, item.field) for item in items]
    paths += [links.rule_path(home, code) for code in standard.rules]
    paths += [links.codes_path(home, name) for name in code_sets(items)]
    assert [path for path in paths if not (site / path).is_file()] == []
    year = (site / links.year_path(home, standard.version)).read_text(encoding="utf-8")
    assert [path for path in paths if f'../{path}"' not in year] == []


def test_every_code_stands_on_the_page_of_its_set(site: Path) -> None:
    for described in describe(EVERYTHING, None):
        for name, entry in described.code_sets.items():
            page = lxml.html.parse(str(site / links.codes_path(described.id, name))).getroot()
            shown = {cell.text_content().strip() for cell in page.findall(".//tbody/tr/th")}
            assert shown == {member.code for member in entry.codes.members}, name


def test_every_link_leads_to_a_page_and_none_out_of_the_catalogue(site: Path) -> None:
    broken, files = [], {path for path in site.rglob("*") if path.is_file()}
    reached = {site / "index.html"}
    for path in sorted(files):
        if path.suffix != ".html":
            continue
        page = path.read_text(encoding="utf-8")
        for target in re.findall(r'(?:href|src|action)="([^"]*)"', page):
            position, _, anchor = unquote(target).partition("#")
            result = (path.parent / position).resolve() if position else path
            reached.add(result)
            if result not in files or (anchor and f'id="{anchor}"' not in result.read_text(encoding="utf-8")):
                broken.append((path.name, target))
    assert broken == []
    assert files - reached == set()
    assert len({str(path).lower() for path in files}) == len(files)


def test_pages_are_the_same_every_time(site: Path) -> None:
    again = {site / page.path: text for page, text in render(describe(EVERYTHING, FIXTURES))}
    assert len(again) > 1000
    assert [path for path, text in again.items() if path.read_bytes().decode() != text] == []


def test_an_item_without_a_reason_says_so_and_one_in_doubt_too(site: Path) -> None:
    assert "Why No justification recorded." in text(site / "ssda903/items/Episodes.DECOM.html")
    reasons = text(site / "ssda903/items/Header.SEX.html")
    assert "No justification recorded" not in reasons
    assert "Inferred or in doubt. Number inferred from the children in need census" in reasons
    assert "Children in need census (CIN) ChildIdentifiers.Sex, ChildIdentifiers.GenderCurrent identical" in reasons


def test_a_rule_shows_its_versions_changes_and_examples(site: Path) -> None:
    page = text(site / "ssda903/rules/SW10STG2.html")
    assert "begins more than 7 days before the previous one ended" in page
    assert "begins more than 7 days before or after the previous one ended" in page
    assert "2024-25: title" in page
    assert "Flagged" in page
    assert "Accepted" in page


def test_without_examples_the_pages_say_so(tmp_path: Path) -> None:
    write_site(tmp_path, [csc_data.standard("cin/2025-26")])
    assert "The examples were not at hand" in text(tmp_path / "cin/rules/100.html")
    assert not (tmp_path / "ssda903").exists()
    assert list((tmp_path / "cin" / "years").iterdir()) == [tmp_path / "cin" / "years" / "2025-26.html"]


def test_the_command_writes_a_site_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "html", "--standard", "cin/2025-26", "--out", str(tmp_path / "site")]) == 0
    output = capsys.readouterr().out
    assert str(FIXTURES) in output
    assert (tmp_path / "site" / "index.html").is_file()
    assert main(["catalogue", "html", "--examples", str(tmp_path / "none"), "--out", str(tmp_path)]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_the_page_of_a_year_holds_its_burden_with_counts_and_ranges_apart(site: Path) -> None:
    standard = csc_data.standard("ssda903/2025-26")
    text = (site / "ssda903/years/2025-26.html").read_text(encoding="utf-8")
    burden = text[text.index('id="burden"') :]
    counted, estimated = (
        burden[: burden.index("Estimated, as a range")],
        burden[burden.index("Estimated, as a range") :],
    )
    official = sum(rule.origin == "official" for rule in standard.rules.values())
    assert f"{official} rules" in counted
    assert "Published cost to all authorities in a year" in estimated
    assert "1,400,000" in estimated
    assert "is not recorded" in burden
