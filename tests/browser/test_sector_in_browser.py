"""The page on many authorities in Chromium: readable on a screen and a phone, silent on the network, and accessible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.sectors import english, sector_of
from test_report_in_browser import Opened

from csc_data.reporting.sector import write_own, write_sector
from csc_data.sector.findings import findings
from csc_data.sector.own import own_position

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    codes, folder = english(40), tmp_path_factory.mktemp("sector")
    counts = {"101": [30 + number % 7 for number in range(40)], "142": [200, *[number % 3 * 6 for number in range(39)]]}
    earlier = sector_of(
        codes, {"101": [9] * 40}, [400] * 40, facts={"standard": ["ssda903/2024-25"] * 40, "version": ["2024-25"] * 40}
    )
    sector = sector_of(codes, counts, [400] * 40, hide=True, suppliers=["mosaic", "azeus"] * 20)
    found = findings(sector, earlier=[earlier])
    write_sector(found, folder, ["html"])
    mine = sector_of(codes[:1], {name: values[:1] for name, values in counts.items()}, [400])
    write_own(own_position(mine, sector, titles=found.titles), folder)
    return folder


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["sector.html", "own_position.html"])
def test_it_fits_is_silent_and_meets_the_accessibility_rules_that_a_machine_can_check(
    chromium: Any, pages: Path, name: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit = Opened(chromium, pages / name, viewport={"width": width, "height": 900})
    visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.requests == [visit.address]
    assert visit.complaints == []
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    violations = Axe().run(visit.page, options={"runOnly": {"type": "tag", "values": tags}})
    assert violations.violations_count == 0, violations.generate_report()
    visit.context.close()


def test_every_funnel_has_its_figures_as_a_table(chromium: Any, pages: Path) -> None:
    visit = Opened(chromium, pages / "sector.html", viewport={"width": 1280, "height": 900})
    pictures = visit.page.locator("#funnels figure")
    assert pictures.count() >= 1
    first = pictures.first
    first.locator("summary").click()
    assert first.locator("tbody tr").count() == 40
    assert first.locator("svg circle, svg path.csc-svg__outside").count() == 40
    visit.context.close()
