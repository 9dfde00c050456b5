"""A build holds what is tracked, all of it and nothing else, whatever lies about."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import csc_data
from csc_data.version import VERSION

ROOT = Path(__file__).parents[1]
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, sys.argv[1])(sys.argv[2])"


def tracked() -> list[str]:
    """The files under version control; those of the index, with what was changed in them."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and sdist of a tree in which earlier builds, of other modules, were left."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for name in tracked():
        if name.startswith(("csc_data/", "standards/")) or "/" not in name:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    left = [
        "build/lib/csc_data/gone.py",
        "build/lib/csc_data/standards/gone/__init__.py",
        "csc_data/__pycache__/gone.cpython-311.pyc",
        "notes/gone.py",
    ]
    for name in left:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("raise SystemExit\n", encoding="utf-8")
    manifest = tree / "csc_data.egg-info" / "SOURCES.txt"
    manifest.parent.mkdir()
    manifest.write_text("notes/gone.py\npyproject.toml\n", encoding="utf-8")
    for what in ("build_wheel", "build_sdist"):
        done = subprocess.run(
            [sys.executable, "-c", BUILD, what, str(out)], cwd=tree, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
    return out


def test_the_wheel_holds_the_tracked_files(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    wanted = {
        re.sub("^standards/", "csc_data/standards/", name)
        for name in tracked()
        if name.startswith(("csc_data/", "standards/"))
    }
    assert held == wanted


def test_the_sdist_takes_nothing_over(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "setup.py", "csc_data/report.py", "standards/__init__.py"} <= held
    assert not [name for name in held if "gone" in name]


def test_there_is_one_version(built: Path) -> None:
    assert [path.name.split("-")[1].removesuffix(".tar.gz") for path in sorted(built.iterdir())] == [VERSION, VERSION]
    assert csc_data.__version__ == VERSION
    done = subprocess.run([sys.executable, "-m", "csc_data", "--version"], capture_output=True, text=True, check=True)
    assert VERSION in done.stdout
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert "version" not in project
