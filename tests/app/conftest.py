"""Clients of the app for its tests."""

from __future__ import annotations

import pytest
from support.app_client import Client

from csc_data.app.session import Check


@pytest.fixture(autouse=True)
def unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is worked out beside the pages, so that nobody waits, would take longer than the tests themselves."""
    monkeypatch.setattr(Check, "prepare", lambda check: iter(()))


@pytest.fixture
def client() -> Client:
    """A client that has entered."""
    one = Client()
    one.enter()
    return one


@pytest.fixture(scope="module")
def checked() -> Client:
    """A client that has checked the fixture; tests that share it change nothing that others look at."""
    one = Client()
    one.enter()
    one.check(previous=True)
    return one
