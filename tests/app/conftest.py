"""Clients of the app for its tests."""

from __future__ import annotations

import pytest
from support.app_client import Client


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
    one.check()
    return one
