"""The packs of ``tests/packs``, installed for as long as a test needs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csc_data.metadata import installed

PACKS = ("private_fostering", "plan_feed", "workforce")
_TESTS = Path(__file__).parents[1]


@contextmanager
def packs_installed(folder: Path) -> Iterator[None]:
    """Have the packs announced as installed packages are, from a folder that holds nothing else."""
    facts = folder / "other_kinds-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: other-kinds\nVersion: 1\n")
    announced = "\n".join(f"{name} = packs.{name}.collection:PACK" for name in PACKS)
    (facts / "entry_points.txt").write_text(f"[{installed.GROUP}]\n{announced}\n")
    added = [str(folder), str(_TESTS)]
    sys.path[:0] = added
    _look_again()
    try:
        yield
    finally:
        for name in added:
            sys.path.remove(name)
        _look_again()


def _look_again() -> None:
    importlib.invalidate_caches()
    for remembered in (installed._installed, installed.concepts, installed.indicators):
        remembered.cache_clear()
