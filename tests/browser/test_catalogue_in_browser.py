"""The catalogue in Chromium: found by typing, complete without JavaScript, and open to everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import csc_data
from csc_data.catalogue.site import write_site

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAGES = [
    "index.html", "search.html", "ssda903/index.html", "ssda903/items/index.html", "ssda903/items/Header.SEX.html",
    "ssda903/rules/SW10STG2.html", "ssda903/codes/placement-type.html", "ssda903/years/2025-26.html",
    "ssda903/differences/2024-25-to-2025-26.html", "concepts/index.html", "concepts/sex.html", "indicators/index.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    standards = [csc_data.standard("ssda903/2024-25"), csc_data.standard("ssda903/2025-26")]
    write_site(folder, standards, FIXTURES)
    return folder


@pytest.mark.parametrize("name", ["ssda903/items/index.html", "ssda903/items/Header.SEX.html", "concepts/index.html"])
def test_on_a_phone_no_page_is_wider_and_no_name_is_broken(name: str, chromium: Any, site: Path) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    page.goto((site / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    broken = page.evaluate(
        """[...document.querySelectorAll('.cat-table code')].filter(
            code => new Set([...code.getClientRects()].map(line => Math.round(line.top))).size > 1
        ).map(code => code.textContent)"""
    )
    assert broken == []
    page.close()


def shown(page: Any) -> list[str]:
    return [entry.inner_text() for entry in page.locator("#everything > li:visible a").all()]


def test_words_typed_on_any_page_find_items_rules_and_codes(chromium: Any, site: Path) -> None:
    page = chromium.new_page()
    page.goto((site / "ssda903/rules/142.html").as_uri())
    page.fill("#q", "placement type")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Episodes.PLACE Placement type" in shown(page)
    page.fill("#words", "k3 supported accommodation")
    assert "Placement type" in shown(page)
    page.fill("#words", "sw10stg2")
    assert len(shown(page)) == 1
    page.fill("#words", "")
    page.select_option("#kind", "Rule")
    assert len(shown(page)) == int(page.inner_text("#result").split()[0])
    page.close()


def test_the_list_of_everything_fits_a_phone(chromium: Any, tmp_path: Path) -> None:
    write_site(tmp_path, [csc_data.standard("cin/2025-26")], FIXTURES)
    page = chromium.new_page(viewport={"width": 390, "height": 740})
    page.goto((tmp_path / "search.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_everything_is_listed_without_javascript(chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "search.html").as_uri())
    assert not page.is_visible("#finder")
    assert page.locator("#everything > li:visible").count() == page.locator("#everything > li").count() > 500
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_pages_meet_the_accessibility_rules_that_a_machine_can_check(chromium: Any, site: Path, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = chromium.new_page()
    page.goto((site / path).as_uri())
    violations = Axe().run(page).response["violations"]
    assert [(entry["id"], [node["html"] for node in entry["nodes"]][:3]) for entry in violations] == []
    page.close()
