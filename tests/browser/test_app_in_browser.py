"""The app in Chromium: a Monday morning from dropping the files to the last explained query, by mouse and by keyboard."""

from __future__ import annotations

import csv
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from csc_data.app.server import application
from csc_data.app.session import Session

pytestmark = pytest.mark.browser

GIVEN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26"
CHILD = "5265233"
TOKEN = "a-token-for-tests"


@pytest.fixture
def served() -> Iterator[tuple[str, Session]]:
    """The address of a running app, and the session behind it."""
    session = Session()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        app = application(session, TOKEN, port, lambda: None)
        config = uvicorn.Config(app, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{port}", session
        server.should_exit = True
        thread.join()
        app.end()


class Opened:
    """A page of the app, with every request and complaint of the browser on record."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = address
        self.page.goto(f"{address}/?token={TOKEN}")

    def choose(self, folder: Path = GIVEN / "this_year", *, last_year: bool = True) -> None:
        """Choose the files and the authority."""
        self.page.set_input_files("#this_year", sorted(map(str, folder.glob("*.csv"))))
        if last_year:
            self.page.set_input_files("#last_year", sorted(map(str, (GIVEN / "last_year").glob("*.csv"))))
            self.page.set_input_files("#providers", str(GIVEN / "providers.csv"))
        self.page.select_option("#authority", label="Barnet")

    def at(self, path: str) -> None:
        """Wait until a page is there."""
        self.page.wait_for_url(f"{self.address}{path}", timeout=20_000)


def focused(page: Any) -> str:
    """What the element with the focus says, or its label."""
    words: str = page.evaluate(
        "(document.activeElement.labels?.[0] || document.activeElement).textContent.replace(/\\s+/g, ' ').trim()"
    )
    return words


def tab_to(page: Any, words: str, most: int = 300) -> None:
    """Press Tab until what has the focus says these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page).startswith(words):
            return
    raise AssertionError(f"{words} is not reached with the keyboard")


@pytest.mark.parametrize("width", [1280, 390])
def test_monday_morning_by_mouse(chromium: Any, served: tuple[str, Session], width: int, tmp_path: Path) -> None:
    address, session = served
    opened = Opened(chromium, address, viewport={"width": width, "height": 800}, accept_downloads=True)
    page = opened.page
    opened.choose()
    page.click("text=Check the return")
    opened.at("/results")
    assert page.inner_text("h1") == "Errors to correct before the return is submitted."
    # Find a child, and read the record.
    page.click("nav >> text=Children")
    page.fill("#words", CHILD)
    page.click("main >> text=Show")
    page.click(f"table >> text={CHILD}")
    assert page.inner_text("h1") == CHILD
    marked = page.locator(".csc-mark", has_text="X1").first
    assert "388" in marked.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Explain two issues, each on its own.
    for number, words in ((0, "They moved twice in one day."), (1, "The order was made that day.")):
        card = page.locator(".app-card").nth(number)
        card.locator("summary").click()
        card.locator("select").select_option("explained")
        card.locator("textarea").fill(words)
        card.locator("text=Keep").click()
        page.wait_for_selector(f"text={words}")
    # Correct a file, and check again.
    corrected = tmp_path / "corrected"
    corrected.mkdir()
    for file in (GIVEN / "this_year").glob("*.csv"):
        (corrected / file.name).write_text(file.read_text().replace("31/02/2024", "01/02/2024"))
    page.click("nav >> text=Files")
    opened.choose(corrected, last_year=False)
    page.click("text=Check the return")
    opened.at("/results")
    assert "2 explained earlier" in page.inner_text(".csc-verdict")
    assert "102" not in session.checked.issues.rules
    assert "New since the last check" in page.inner_text(".app-tiles")
    # Save the worklist.
    page.click("nav >> text=Work")
    with page.expect_download() as download:
        page.click("text=The whole worklist as CSV")
    with Path(download.value.path()).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["explanation"] for row in rows if row["state"] == "explained"} == {
        "They moved twice in one day.",
        "The order was made that day.",
    }
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.complaints == []
    assert {request.split("/")[2] for request in opened.requests if request.startswith("http")} == {
        address.split("/")[2]
    }
    assert not [request for request in opened.requests if not request.startswith(("http", "data:", "blob:"))]
    opened.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_same_by_keyboard_alone(chromium: Any, served: tuple[str, Session], width: int, tmp_path: Path) -> None:
    address, session = served
    given = tmp_path / "this_year"
    shutil.copytree(GIVEN / "this_year", given)
    opened = Opened(chromium, address, viewport={"width": width, "height": 800}, accept_downloads=True)
    page = opened.page

    def press(words: str, path: str = "") -> None:
        tab_to(page, words)
        page.keyboard.press("Enter")
        if path:
            opened.at(path)

    def write(words: str, text: str) -> None:
        tab_to(page, words)
        page.keyboard.type(text)

    # Give both years and the lists by their paths, and check.
    write("Or the path of a folder", str(given))
    write("Or the path of a folder", str(GIVEN / "last_year"))
    write("Or the path of a folder", str(GIVEN / "providers.csv"))
    write("Local authority", "Barnet")
    press("Check the return", "/results")
    # Find a child, and read the record.
    press("Children", "/children")
    write("Part of an identifier", CHILD)
    page.keyboard.press("Enter")
    opened.at("/children?find=0")
    press(CHILD)
    page.wait_for_selector(f"h1:has-text('{CHILD}')")
    tab_to(page, "388")
    why = page.evaluate("getComputedStyle(document.activeElement.querySelector('.csc-mark__why')).display")
    assert why == "block", "the rule is told to whoever has no mouse"
    page.keyboard.press("Enter")
    assert "#issue-" in page.url
    # Explain two issues, the one after the other.
    for number, words in ((1, "As it was."), (2, "So was this.")):
        press(f"Note, state and explanation of issue {number},")
        write("State", "Explained")
        write("Explanation", words)
        press("Keep")
        page.wait_for_selector(f".app-card >> text={words}")
        page.wait_for_load_state()
        assert focused(page).startswith(f"Note, state and explanation of issue {number},"), "the place is not lost"
    assert sorted(entry.explanation for entry in session.worklist.work.issues.values()) == [
        "As it was.",
        "So was this.",
    ]
    # Correct a file, and check again.
    for file in given.glob("*.csv"):
        file.write_text(file.read_text().replace("31/02/2024", "01/02/2024"))
    press("Check again", "/children")
    press("Result", "/results")
    assert "2 explained earlier" in page.inner_text(".csc-verdict")
    assert "102" not in session.checked.issues.rules
    # Save the worklist.
    press("Work", "/work")
    with page.expect_download() as download:
        press("The whole worklist as CSV")
    with Path(download.value.path()).open(encoding="utf-8") as saved:
        rows = list(csv.DictReader(saved))
    assert {row["explanation"] for row in rows if row["state"] == "explained"} == {"As it was.", "So was this."}
    opened.context.close()


def test_a_whole_folder_is_chosen_without_what_stands_in_folders_within_it(
    chromium: Any, served: tuple[str, Session], tmp_path: Path
) -> None:
    address, session = served
    folder = tmp_path / "this year"
    shutil.copytree(GIVEN / "this_year", folder)
    shutil.copytree(GIVEN / "last_year", folder / "last year")
    (folder / ".hidden").touch()
    opened = Opened(chromium, address)
    page = opened.page
    page.set_input_files("#this_year-folder", str(folder))
    count = len(list((GIVEN / "this_year").iterdir()))
    page.wait_for_selector(f"text={count} files of the folder this year chosen.")
    page.select_option("#authority", label="Barnet")
    page.click("text=Check the return")
    opened.at("/results")
    assert set(session.this_year.files) == {file.name for file in (GIVEN / "this_year").iterdir()}
    opened.context.close()


def test_a_folder_is_dropped_without_what_stands_in_folders_within_it(
    chromium: Any, served: tuple[str, Session], tmp_path: Path
) -> None:
    address, session = served
    folder = tmp_path / "this year"
    shutil.copytree(GIVEN / "this_year", folder)
    shutil.copytree(GIVEN / "last_year", folder / "last year")
    opened = Opened(chromium, address, viewport={"width": 1280, "height": 800})
    page = opened.page
    drop(page, "#this_year", folder)
    count = len(list((GIVEN / "this_year").iterdir()))
    page.wait_for_selector(f"text={count} files of the folder this year chosen.")
    drop(page, "#last_year", *sorted((GIVEN / "last_year").glob("*.csv")))
    page.select_option("#authority", label="Barnet")
    page.click("text=Check the return")
    opened.at("/results")
    for supply, name in ((session.this_year, "this_year"), (session.last_year, "last_year")):
        assert supply.files == {file.name: file.read_bytes() for file in (GIVEN / name).iterdir()}
    assert opened.complaints == []
    opened.context.close()


def drop(page: Any, target: str, *paths: Path) -> None:
    """Drop files or folders onto an element, as a person would from a window of the desktop."""
    box = page.locator(target).bounding_box()
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    events = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        events.send(
            "Input.dispatchDragEvent",
            {"type": kind, "x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data},
        )


def test_all_of_it_works_without_javascript(chromium: Any, served: tuple[str, Session]) -> None:
    address, _ = served
    opened = Opened(chromium, address, java_script_enabled=False)
    page = opened.page
    opened.choose()
    page.click("text=Check the return")
    opened.at("/results")
    page.goto(f"{address}/issues")
    page.select_option("#rule", "388")
    page.click("main >> text=Show")
    assert "4 of" in page.inner_text(".app-count")
    page.locator(".app-issues__child a").first.click()
    assert page.locator(".csc-mark").count() > 5
    page.locator(".app-card summary").first.click()
    page.locator(".app-card select").first.select_option("asked")
    page.locator(".app-card >> text=Keep").first.click()
    assert "is kept" in page.inner_text(".app-notice")
    opened.context.close()


def test_pages_fit_a_phone_and_meet_the_accessibility_rules_that_a_machine_can_check(
    chromium: Any, served: tuple[str, Session]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    address, session = served
    opened = Opened(chromium, address, viewport={"width": 1280, "height": 800})
    found: dict[tuple[str, str], list[str]] = {}

    def examine(path: str) -> None:
        opened.page.goto(f"{address}{path}")
        for each in Axe().run(opened.page).response["violations"]:
            found[path, each["id"]] = [node["html"] for node in each["nodes"]][:3]
        opened.page.set_viewport_size({"width": 390, "height": 740})
        if (width := opened.page.evaluate("document.documentElement.scrollWidth")) > 390:
            found[path, "wider than a phone"] = [str(width)]
        opened.page.set_viewport_size({"width": 1280, "height": 800})

    examine("/")
    opened.choose()
    opened.page.click("text=Check the return")
    opened.at("/results")
    session.problem, record = "Something was wrong.", session.checked.numbers[CHILD]
    for path in (
        "/results",
        "/rules?status=failed",
        "/issues",
        "/children",
        "/work",
        "/rule?code=388",
        f"/record?number={record}",
    ):
        examine(path)
    assert found == {}
    opened.context.close()
