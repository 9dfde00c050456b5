"""The HTML report in Chromium: readable, workable by keyboard, silent on the network, and whole without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


class Opened:
    """A report opened from disk, with every request and complaint of the browser on record."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = file.as_uri()
        self.page.goto(self.address)

    def shown_rules(self) -> list[str]:
        """Codes of the rules in sight, in their order."""
        return self.page.eval_on_selector_all(
            "#rule-list > li", "all => all.filter(one => !one.hidden).map(one => one.dataset.code)"
        )


@pytest.fixture
def opened(chromium: Any, written: Path) -> Iterator[Opened]:
    visit = Opened(chromium, written / "report.html", viewport={"width": 1280, "height": 900})
    yield visit
    visit.context.close()


@pytest.fixture
def without_script(chromium: Any, written: Path) -> Iterator[Opened]:
    visit = Opened(chromium, written / "report.html", java_script_enabled=False)
    yield visit
    visit.context.close()


def test_the_verdict_is_in_sight_at_once(opened: Opened) -> None:
    title = opened.page.locator("h1")
    assert title.inner_text() == "Errors to correct before the return is submitted."
    box = title.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900


def test_the_verdict_is_in_sight_on_a_phone(chromium: Any, written: Path) -> None:
    visit = Opened(chromium, written / "report.html", viewport={"width": 390, "height": 740})
    box = visit.page.locator("h1").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 740
    visit.context.close()


def test_no_request_leaves_the_page_and_nothing_complains(opened: Opened) -> None:
    page = opened.page
    page.locator("#rule-list summary").first.click()
    page.locator("#rule-list-search").fill("episode")
    page.locator("nav a").last.click()
    page.wait_for_timeout(200)
    assert {request.partition("#")[0] for request in opened.requests} == {opened.address}
    assert opened.complaints == []


def test_filters(opened: Opened) -> None:
    page, everything = opened.page, opened.shown_rules()
    page.select_option("#rule-list-severity", "query")
    queries = opened.shown_rules()
    assert 0 < len(queries) < len(everything)
    assert page.locator("#rule-list [data-result]").count() == 0
    assert f"Showing {len(queries)} of {len(everything)} rules" in page.locator("#rules [data-result]").inner_text()
    page.get_by_role("button", name="Clear filters").first.click()
    assert opened.shown_rules() == everything
    page.select_option("#rule-list-table", "Reviews")
    page.locator("#rule-list-search").fill("date of birth")
    assert "INT17" in opened.shown_rules()
    page.locator("#rule-list-search").fill("no rule says this")
    assert opened.shown_rules() == []
    assert page.get_by_text("No rule fits these filters.").is_visible()


def test_sorting(opened: Opened) -> None:
    page = opened.page
    for key in ("rows", "children"):
        page.select_option("#rule-list-sort", f"{key}:desc")
        numbers = page.eval_on_selector_all("#rule-list > li", f"all => all.map(one => Number(one.dataset.{key}))")
        assert numbers == sorted(numbers, reverse=True)
    page.select_option("#rule-list-sort", "code:asc")
    codes = opened.shown_rules()
    assert codes.index("148") < codes.index("1000") if "1000" in codes else codes != sorted(codes, reverse=True)


def test_tables_of_figures_sort_by_their_heads(opened: Opened) -> None:
    page = opened.page
    page.get_by_text("The figures as a table").first.click()
    table = page.locator("#counts table[data-sortable]")
    table.get_by_role("button", name="Consistency").click()
    assert table.locator("th[aria-sort=ascending]").inner_text().startswith("Consistency")
    column = [head.strip() for head in table.locator("thead th").all_inner_texts()].index("Consistency")
    cells = table.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()
    numbers = [int(cell.replace(",", "")) for cell in cells]
    assert numbers == sorted(numbers)


def test_a_link_to_a_rule_opens_it(opened: Opened) -> None:
    page = opened.page
    page.locator("#child-list summary").first.click()
    link = page.locator("#child-list a").first
    code = link.inner_text()
    link.click()
    assert page.locator(f"[id='rule-{code}']").get_attribute("open") is not None


def test_everything_is_reached_by_keyboard(opened: Opened) -> None:
    page, reached = opened.page, []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
        if "csc-rule__summary" in reached[-1]:
            break
    assert reached[0] == "govuk-skip-link"
    for control in ("search", "severity", "dimension", "table", "sort"):
        assert f"rule-list-{control}" in reached
    page.keyboard.press("Enter")
    assert page.locator("#rule-list details").first.get_attribute("open") is not None
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_it_is_whole_without_javascript(without_script: Opened) -> None:
    page = without_script.page
    assert page.locator("h1").is_visible()
    assert not page.locator("#rules form").is_visible()
    rule = page.locator("#rule-list > li").first
    rule.locator("summary").first.click()
    assert rule.get_by_text("How to fix it").is_visible()
    rule.locator(".csc-rows summary").click()
    assert rule.locator("tbody tr").first.is_visible()


@pytest.mark.parametrize(("name", "width"), [("small.html", 1280), ("confidential.html", 360)])
def test_axe_finds_nothing(chromium: Any, written: Path, name: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit = Opened(chromium, written / name, viewport={"width": width, "height": 900})
    visit.page.evaluate(
        """() => { for (const part of document.querySelectorAll("section"))
            [...part.querySelectorAll("details")].slice(0, 6).forEach(one => one.open = true) }"""
    )
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    violations = Axe().run(visit.page, options={"runOnly": {"type": "tag", "values": tags}})
    assert violations.violations_count == 0, violations.generate_report()
    visit.context.close()


def test_figures_on_shaded_tiles_can_be_read(opened: Opened) -> None:
    """axe does not judge text within pictures."""
    pairs = opened.page.eval_on_selector_all(
        "g.csc-tile",
        """tiles => tiles.flatMap(tile => [...tile.querySelectorAll("text")].map(text =>
            [getComputedStyle(text).fill, getComputedStyle(tile.querySelector("rect")).fill]))""",
    )
    distinct = {(text, tile) for text, tile in pairs}
    assert len({tile for _, tile in distinct}) >= 4
    assert [pair for pair in distinct if contrast(*pair) < 4.5] == []


def contrast(first: str, other: str) -> float:
    """Contrast of two colours "rgb(r, g, b)", as WCAG 2.2 defines it."""
    lights = sorted(luminance([int(part) for part in re.findall(r"\d+", colour)]) for colour in (first, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: list[int]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_phone_scrolls_one_way(chromium: Any, written: Path) -> None:
    visit = Opened(chromium, written / "report.html", viewport={"width": 360, "height": 740})
    visit.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    visit.context.close()


def test_paper_has_every_rule_and_no_controls(opened: Opened) -> None:
    page = opened.page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#rule-list .csc-meaning").first.is_visible()
    assert page.locator("#rule-list .csc-meaning").last.is_visible()
    assert page.locator("#rule-list details[open]").count() == len(opened.shown_rules())
    assert not page.locator("#rules form").is_visible()
    assert not page.locator("#rule-list tbody").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#rule-list details[open]").count() == 0


def test_the_confidential_report_says_so_in_sight(chromium: Any, written: Path) -> None:
    visit = Opened(chromium, written / "confidential.html")
    assert visit.page.get_by_role("region", name="Confidential").is_visible()
    visit.context.close()


def test_nothing_in_a_hostile_return_acts(chromium: Any, tmp_path: Path) -> None:
    from support.hostile_texts import hostile_report

    hostile_report().to_html(tmp_path / "report.html", include_values=True)
    context = chromium.new_context()
    page = context.new_page()
    dialogs, requests, complaints = [], [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.locator("#rule-list-search").fill("<img src=x onerror=alert(1)>")
    page.mouse.move(400, 400)
    page.evaluate("location.hash = '#\"><img src=x onerror=alert(1)>'")
    page.wait_for_timeout(300)
    assert (dialogs, complaints) == ([], [])
    assert {request.partition("#")[0] for request in requests} == {(tmp_path / "report.html").as_uri()}
    assert page.locator("img, iframe, object, embed, base, link").count() == 0
    assert page.locator("script").count() == 1
    assert "<script>alert(1)</script>" in (page.locator("main").text_content() or "")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    context.close()


def test_the_policy_of_the_page_stops_what_is_put_into_it(opened: Opened) -> None:
    """Should a text slip through after all: neither its script runs nor is anything fetched."""
    page, refused, answered = opened.page, [], []
    page.on("requestfailed", lambda request: refused.append(request.failure))
    page.on("requestfinished", lambda request: answered.append(request.url))
    page.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend", '<img src="https://example.org/x.png" onerror="window.hit = 1">');
          const script = document.createElement("script");
          script.textContent = "window.hit = 1";
          document.body.append(script);
          fetch("https://example.org/").catch(() => null);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert answered == []
    assert set(refused) <= {"csp"}
    assert len([complaint for complaint in opened.complaints if "Content Security Policy" in complaint]) >= 3
