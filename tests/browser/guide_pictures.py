"""Makes the pictures of the guide for analysts: ``python -m tests.browser.guide_pictures docs/guide``.

Chromium is led through the app with the invented return of the fixtures, and the window is photographed on the way.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import sync_playwright

from csc_data.app.server import application
from csc_data.app.session import Session

GIVEN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26"
WIDTH, HEIGHT = 1280, 800
CHILD, TOKEN = "5265233", "token"


def lead(page: Any, address: str, folder: Path) -> None:
    """Lead the browser through a morning's work, and photograph it."""

    def photograph(name: str, height: int = HEIGHT) -> None:
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.screenshot(path=folder / f"{name}.png")

    page.goto(f"{address}/?token={TOKEN}")
    photograph("files")
    page.set_input_files("#this_year", sorted(map(str, (GIVEN / "this_year").glob("*.csv"))))
    page.set_input_files("#last_year", sorted(map(str, (GIVEN / "last_year").glob("*.csv"))))
    page.set_input_files("#providers", str(GIVEN / "providers.csv"))
    page.select_option("#authority", label="Barnet")
    page.click("text=Check the return")
    page.wait_for_url(f"{address}/results")
    photograph("result")
    page.click("nav >> text=Issues")
    photograph("issues")
    page.click("nav >> text=Children")
    page.click(f"table >> text={CHILD}")
    photograph("record", 860)
    card = page.locator(".app-card").nth(4)
    card.locator("summary").click()
    card.locator("select").select_option("explained")
    card.locator("[name=owner]").fill("Sam")
    card.locator("textarea").fill("The placement moved twice in one day; both moves are right.")
    card.scroll_into_view_if_needed()
    page.set_viewport_size({"width": WIDTH, "height": 700})
    card.screenshot(path=folder / "note.png")
    card.locator("text=Keep").click()
    page.wait_for_selector(".app-notice >> text=is kept")
    page.goto(f"{address}/work")
    photograph("work", 1300)


def main(folder: Path) -> int:
    """Make the pictures in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as listening, sync_playwright() as playwright:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = application(Session(), TOKEN, port, lambda: None)
        config = uvicorn.Config(app, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            lead(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), f"http://127.0.0.1:{port}", folder)
        finally:
            browser.close()
            server.should_exit = True
            thread.join()
            app.end()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    sys.exit(main(parser.parse_args().folder))
