"""What a type checker sees: programs and rule packs are checked strictly, with items of their own types."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pandas as pd
from typing_examples import client, rule_pack

import csc_data
from csc_data.declare.collection import Collection

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests/typing_examples"


def laid_out(folder: Path) -> Path:
    """The library as a wheel lays it out, without what is no Python."""
    sources = shutil.ignore_patterns("__pycache__", "snapshots", "data", "assets", "templates")
    shutil.copytree(ROOT / "csc_data", folder / "csc_data", ignore=sources)
    shutil.copytree(ROOT / "standards", folder / "csc_data/standards", ignore=sources)
    return folder


def test_standards_programs_and_rule_packs_are_strictly_typed(tmp_path: Path) -> None:
    """The standards and right lines pass, and each line with a mistake gives the error that it says it must give."""
    site = laid_out(tmp_path / "site")
    strictly = ["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}"]
    strictly += ["--no-warn-return-any"]  # == and != of two masks are typed as Any by numpy
    programs = [str(EXAMPLES / name) for name in ("client.py", "rule_pack.py")]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *strictly, *programs, str(site / "csc_data/standards")],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_library_says_that_it_is_typed() -> None:
    assert files("csc_data").joinpath("py.typed").is_file()


def test_the_program_runs() -> None:
    drawn = client.STANDARD.collection.draw(client.STANDARD, 20, 1)
    episodes = drawn.tables["Episodes"]
    assert client.still_open(episodes) == (episodes["DEC"].fillna("") == "").sum()
    assert client.faults_of(episodes) == []
    assert client.faults_of(episodes.assign(DECOM="31/02/2025")) == ["141"]
    assert client.errors_in(drawn.tables) == 0


class Pack(Collection):
    """The pack, with its module named: it is no installed package."""

    def _modules(self, name: str) -> list[ModuleType]:
        return [rule_pack] if name in ("rules", "views") else []


def test_rules_whose_parameters_are_annotated_with_tables_run() -> None:
    facts = {name: getattr(rule_pack.VISITS, name) for name in rule_pack.VISITS.__dataclass_fields__}
    standard = Pack(**facts).standard("2025-26")
    people = pd.DataFrame({"PERSON": ["a", "b"], "BORN": ["01/01/2000", "01/01/2026"]})
    visits = pd.DataFrame(
        {"PERSON": ["a", "a", "b"], "DAY": ["01/05/2025", "01/05/2026", "01/05/2025"], "MINUTES": ["10", "9", "500"]}
    )
    report = csc_data.validate({"People": people, "Visits": visits}, standard)
    flagged = report.issues.loc[report.issues["table"] == "Visits", ["rule", "row"]]
    assert set(flagged.itertuples(index=False, name=None)) == {("V1", 1), ("V2", 2), ("V4", 2)}
