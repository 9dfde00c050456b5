"""Chromium for the tests that open the HTML report as a person would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

# The report itself asks for nothing; these keep the browser from doing so on its own account.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

FEW_RULES = ["148", "203", "444", "INT17"]
"""Some that find much and some that find little: what takes long to examine is examined on these."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A browser. Where there is none the tests fail, so that they cannot be missed unseen."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.fail('Chromium is not installed. Install it, or leave these tests out with -m "not browser".')
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the reports: report.html; and, of few children and rules, small.html and confidential.html with values."""
    from support.invented import check, faulty

    import csc_data

    standard = csc_data.standard("ssda903/2025-26")
    folder = tmp_path_factory.mktemp("reports")
    check(faulty(standard.id), standard).to_html(folder / "report.html")
    small = check(faulty(standard.id, children=40), standard, only=FEW_RULES)
    small.to_html(folder / "small.html")
    small.to_html(folder / "confidential.html", include_values=True)
    return folder
