"""A client of the app that holds the cookie, as a browser does after the first address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from csc_data.app.server import application
from csc_data.app.session import Session

PORT = 8123
ADDRESS = f"http://127.0.0.1:{PORT}"
TOKEN = "a token that nobody guesses"
GIVEN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26"


def files(kind: str, folder: str) -> list[tuple[str, tuple[str, bytes]]]:
    """The files of a folder as a form sends them."""
    return [(kind, (one.name, one.read_bytes())) for one in sorted((GIVEN / folder).glob("*.csv"))]


class Client:
    """A browser of one user, and the session behind it."""

    def __init__(self) -> None:
        self.session, self.closed = Session(), False
        self.app = application(self.session, TOKEN, PORT, self._close)
        self.http = TestClient(self.app, base_url=ADDRESS, headers={"origin": ADDRESS})

    def _close(self) -> None:
        self.closed = True

    def enter(self) -> None:
        self.http.get("/", params={"token": TOKEN})

    def check(self, *, previous: bool = False) -> str:
        """Hand over the files of the fixture, and wait for the result."""
        sent = files("this_year", "this_year") + (files("last_year", "last_year") if previous else [])
        return self.give(files=sent, data={"authority": "E09000003", "standard": ""}).text

    def give(self, **form: Any) -> Response:
        """Send the form of files, and wait for the page that follows the check."""
        return self.settled(self.http.post("/check", **form))

    def settled(self, answer: Response) -> Response:
        """The page that follows a check, once it is done."""
        while answer.url.path == "/checking":
            answer = self.http.get("/checking")
        return answer
