"""The published validators: each in an environment of its own from the package index, used as a black box."""

from __future__ import annotations

import json
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENVIRONMENTS = Path.home() / ".cache" / "csc-data-benchmarks"
RUNNER = Path(__file__).with_name("run_other.py")


@dataclass(frozen=True)
class Other:
    """A published validator: the collection it checks, its package, and what else it needs."""

    collection: str
    package: str
    needs: tuple[str, ...] = ()

    def python(self, environments: Path = ENVIRONMENTS) -> Path:
        """The Python of its environment, made if it is not there."""
        folder = environments / self.package
        python = folder / "bin" / "python"
        if not python.exists():
            venv.create(folder, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", self.package, *self.needs], check=True)
        return python

    def run(self, python: Path, now: Path, before: Path | None, year: str, authority: str, out: Path) -> dict[str, Any]:
        """What it flags, how long it took from files to its table of issues, and how much memory its process took."""
        subprocess.run(
            [python, RUNNER, self.collection, now, before or "", year, authority, out],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(out.read_text())
        return result


OTHERS = {
    "ssda903": Other("ssda903", "csc-validator-be-903"),
    "cin": Other("cin", "csc-validator-be-cin", ("numpy<2",)),
}
