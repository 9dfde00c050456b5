"""Shared pieces of the tests."""

import compileall
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS))

# How fast examples are drawn says something of the machine, and nothing of what is tested.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the project once, in the process that starts the others.

    Where ``PYTHONDONTWRITEBYTECODE`` is set, as in containers, each of the hundreds of processes that the tests start would
    compile it again. Where nothing may be written, nothing is.
    """
    if not hasattr(config, "workerinput"):
        for package in ("csc_data", "standards"):
            compileall.compile_dir(TESTS.parent / package, quiet=2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each file of tests to one worker, so that what its tests share is made once; other ways when asked for."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log) if config.getoption("dist") == "load" else None
