"""Every limit of the readers is documented with its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc_data.files import limits

PAGE = (Path(__file__).parents[2] / "docs/reading.md").read_text(encoding="utf-8")
OF_MESSAGES = {"MIB", "NAMED_CELLS", "NAMED_FAULTS"}
"""What bounds messages alone."""

LIMITS = sorted({name for name in vars(limits) if name.isupper()} - OF_MESSAGES)


@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_is_documented(name: str) -> None:
    value = getattr(limits, name)
    shown = f"{value // limits.MIB:,} MiB" if name.endswith("_BYTES") and value % limits.MIB == 0 else f"{value:,}"
    assert f"| `{name}` | {shown} |" in PAGE


def test_no_limit_is_documented_that_is_none() -> None:
    documented = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `") and line.count("|") == 4}
    assert documented == {*LIMITS}
