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
    """Folder of the reports: report.html, and confidential.html with identifiers and values."""
    from support.invented import check, faulty

    import csc_data

    standard = csc_data.standard("ssda903/2025-26")
    report = check(faulty(standard.id), standard)
    folder = tmp_path_factory.mktemp("reports")
    report.to_html(folder / "report.html")
    report.to_html(folder / "confidential.html", include_values=True)
    return folder
