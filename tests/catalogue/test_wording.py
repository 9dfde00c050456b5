"""What the catalogue says of the form of a value, and of an item whose reason nobody recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html

import csc_data
from csc_data.catalogue.site import write_site
from csc_data.metadata.wording import pattern_in_words


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\S{1,20}", "1 to 20 characters without a space"),
        (r"SC\d{6}|\d{7}", "SC then 6 digits, or 7 digits"),
        (
            r"(?![IOS])[A-Z](\d{12}|\d{11}[A-Z])",
            "a capital letter other than I, O and S then either 12 digits or 11 digits then a capital letter",
        ),
        (r".{13}", "13 characters"),
        (r"A\d+|B\d{2,}", "A then 1 or more digits, or B then 2 or more digits"),
        (r"\d{3}\d*", "3 digits then any number of digits"),
        (r"(\d\d)?x", r"of the form (\d\d)?x"),
        (r"ab*", "of the form ab*"),
    ],
)
def test_a_form_is_said_in_words_or_as_it_is(pattern: str, words: str) -> None:
    assert pattern_in_words(pattern) == words


def test_every_form_of_the_standards_is_said_in_words() -> None:
    items = [
        item
        for collection in csc_data.collections().values()
        for table in collection.standard(collection.versions[-1]).items.values()
        for item in table.values()
    ]
    assert not [item.field for item in items if item.pattern and "of the form" in pattern_in_words(item.pattern)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, [csc_data.standard("ssda903/2025-26")], None)
    return folder


def test_an_item_without_a_recorded_reason_says_what_it_is_used_for(site: Path) -> None:
    page = html.parse(str(site / "ssda903/items/Header.CHILD.html"))
    why = " ".join(page.xpath("//dt[.='Why']/following-sibling::dd")[0].text_content().split())
    assert why.startswith("No justification recorded. It is used for: ")
    listed = page.xpath("//h2[@id='indicators']/following-sibling::ul[1]/li/a/text()")
    assert all(indicator in why for indicator in listed)


def test_long_pages_have_contents_that_lead_somewhere(site: Path) -> None:
    for name in ("ssda903/items/index.html", "indicators/index.html", "concepts/index.html"):
        page = html.parse(str(site / name))
        links = page.xpath("//nav[@aria-label='Contents']//a/@href")
        assert len(links) > 3, name
        assert {link.removeprefix("#") for link in links} <= set(page.xpath("//@id"))
