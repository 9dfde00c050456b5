"""The template pack of the documentation, built into a wheel and installed in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "docs" / "template_pack"
WHEEL = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv[1])"


@dataclass(frozen=True)
class Environment:
    """A Python with csc-data, and perhaps a pack."""

    python: Path

    def run(self, folder: Path, *words: str | Path, python: str = "csc_data") -> subprocess.CompletedProcess[str]:
        """Run ``csc-data`` (or another module) in a folder."""
        command = [self.python, "-m", python, *words]
        return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)


def install_template(folder: Path) -> Environment:
    """A fresh environment with the template's wheel, beside the packages of the Python of the tests. No network is used."""
    shutil.copytree(TEMPLATE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    quiet = {"check": True, "capture_output": True}
    subprocess.run([sys.executable, "-c", WHEEL, folder], cwd=folder / "source", **quiet)  # type: ignore[call-overload]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "environment"], **quiet)  # type: ignore[call-overload]
    paths = sysconfig.get_paths(vars={"base": str(folder / "environment"), "platbase": str(folder / "environment")})
    ours = sysconfig.get_path("purelib")
    Path(paths["purelib"], "base.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    made = Environment(Path(paths["scripts"]) / Path(sys.executable).name)
    wheel = next(folder.glob("*.whl"))
    pip = [sys.executable, "-m", "pip", "--python", made.python]
    subprocess.run([*pip, "install", "--no-index", "--no-deps", wheel], **quiet)  # type: ignore[call-overload]
    return made
