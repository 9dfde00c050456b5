"""Checks the types of the library and of the standards, laid out as a wheel lays them out: ``python .ci/types.py``.

Where they lie in the clone, mypy finds no package ``csc_data.standards``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
NO_PYTHON = shutil.ignore_patterns("__pycache__", "snapshots", "data", "assets", "templates")


def lay_out(folder: Path) -> Path:
    """Copy the library and the standards into a folder, without what is no Python."""
    shutil.copytree(ROOT / "csc_data", folder / "csc_data", ignore=NO_PYTHON)
    shutil.copytree(ROOT / "standards", folder / "csc_data/standards", ignore=NO_PYTHON)
    return folder


def main() -> int:
    """Run mypy as ``pyproject.toml`` has it."""
    with tempfile.TemporaryDirectory() as made:
        settings = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
        mypy = [sys.executable, "-m", "mypy", "--python-executable", sys.executable]
        return subprocess.run([*mypy, *settings], cwd=lay_out(Path(made)), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
