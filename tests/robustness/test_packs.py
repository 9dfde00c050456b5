"""Rules are programs: they come from installed packages, never from the folder of a return."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest

from csc_data.metadata import installed
from csc_data.metadata.installed import GROUP

RETURN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26/this_year"
COMMAND = Path(sys.executable).with_name("csc-data")
LEFT_BEHIND = "open('ran.txt', 'w').close()\n"


def run(folder: Path, *words: str | Path, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder; ``packages`` holds packages that are installed beside csc-data."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if packages:
        environment["PYTHONPATH"] = str(packages)
    return subprocess.run(list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True)


def put_pack(folder: Path, package: str, name: str, code: str, attribute: str = "PACK") -> None:
    """Lay out a package that offers a collection, as an installation would."""
    folder.mkdir(exist_ok=True)
    (folder / f"{package}.py").write_text(code)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {package}:{attribute}\n")


@pytest.mark.parametrize("name", ["ssda903", "local"])
@pytest.mark.parametrize(
    "program", [[COMMAND], [sys.executable, "-m", "csc_data.commands.cli"]], ids=["command", "module"]
)
def test_a_pack_in_the_folder_of_the_return_is_not_run(tmp_path: Path, name: str, program: list[str]) -> None:
    put_pack(tmp_path, "planted", name, LEFT_BEHIND)
    done = run(tmp_path, *program, "validate", RETURN, "--standard", "ssda903/2025-26", "--quiet")
    assert (done.returncode, done.stderr) == (1, "")
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize("module", ["csc_data", "pandas", "json", "sitecustomize"])
def test_the_command_takes_no_module_from_the_current_folder(tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").write_text(LEFT_BEHIND)
    done = run(tmp_path, COMMAND, "validate", RETURN, "--standard", "ssda903/2025-26", "--quiet")
    assert (done.returncode, done.stderr) == (1, "")
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("ssda903", "PACK = None", "Collection 'ssda903' is offered by package csc-data and package planted."),
        ("local", "raise ValueError('Jane')", "Collection 'local' of package planted cannot be loaded (ValueError)."),
        ("local", "", "Collection 'local' of package planted cannot be loaded (AttributeError)."),
        ("local", "PACK = None", "What package planted offers as 'local' is no collection of that name."),
        ("local", "from csc_data.standards.cin.collection import CIN as PACK", "no collection of that name"),
    ],
    ids=["clash", "fails", "empty", "none", "other name"],
)
def test_an_installed_pack_that_does_not_fit_is_named(tmp_path: Path, name: str, code: str, expected: str) -> None:
    put_pack(tmp_path / "packages", "planted", name, code)
    done = run(tmp_path, COMMAND, "standards", "list", packages=tmp_path / "packages")
    assert done.returncode == 3
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert "Jane" not in done.stderr
    assert done.stdout == ""


def test_the_collections_of_a_clone_are_there_in_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    clone = Path(__file__).parents[2]
    own = EntryPoint("ssda903", "csc_data.standards.ssda903.collection:SSDA903", GROUP)
    own = own._for(Distribution.at(clone / "csc_data.egg-info"))  # type: ignore[attr-defined]  # as Python makes it
    monkeypatch.chdir(clone)
    assert installed._is_installed(own)
    monkeypatch.setattr(installed, "__file__", "/elsewhere/csc_data/metadata/installed.py")
    assert not installed._is_installed(own)
