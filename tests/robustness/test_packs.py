"""Rules are programs: they come from installed packages, never from the folder of a return."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import openpyxl
import pytest

from csc_data.metadata import packs
from csc_data.metadata.installed import GROUP
from csc_data.metadata.packs import RULES

RETURN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26/this_year"
COMMAND = Path(sys.executable).with_name("csc-data")
LEFT_BEHIND = "open('ran.txt', 'w').close()\n"


def run(folder: Path, *words: str | Path, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder; ``packages`` holds packages that are installed beside csc-data."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if packages:
        environment["PYTHONPATH"] = str(packages)
    return subprocess.run(list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True)


def put_pack(folder: Path, package: str, name: str, code: str, attribute: str = ":PACK", group: str = GROUP) -> None:
    """Lay out a package that offers a collection, or rules, as an installation would."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(code)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {package}{attribute}\n")


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


LOCAL_COLLECTION = """
from csc_data.declare import Code, Collection, Subject, Table, dated_versions, item

class People(Table, key=["ID"]):
    \"\"\"People.\"\"\"

    ID: Code = item("Identifier", mandatory=True)

PACK = Collection(
    id="local", title="Local", owner="", legal_basis="", population="", frequency="", formats=("csv",), source="",
    subject=Subject("person", "persons", "ID"), tables=(People,),
    calendar=dated_versions("1", months=6, day="run"), package="planted", {more}
)
"""
RULE = """
from csc_data.declare import rule

@rule("{code}", fields=["{field}"])
def wrong(header):
    \"\"\"Wrong.

    Why: It is.
    Fix: Do.
    \"\"\"
    return header.every
"""


def listed_with(folder: Path) -> str:
    """What ``standards list`` says with the packages of a folder; everything official must still be there."""
    done = run(folder, COMMAND, "standards", "list", packages=folder / "packages")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ssda903/2025-26" in done.stdout and "cin/2025-26" in done.stdout
    return done.stdout


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("ssda903", "PACK = None", "csc-data has a collection of that name. Uninstall it."),
        ("local", "raise ValueError('Jane')", "it cannot be loaded (ValueError)."),
        ("local", "import sys; sys.exit(5)", "it cannot be loaded (SystemExit)."),
        ("local", "", "it cannot be loaded (AttributeError)."),
        ("local", "PACK = None", "it is no collection of that name. Uninstall it."),
        ("local", "from csc_data.standards.cin.collection import CIN as PACK", "it is no collection of that name."),
        (
            "local",
            LOCAL_COLLECTION.format(more="period_item='People.LAST'"),
            "local contradicts itself: field People.LAST, which says what the return is, does not exist in 1.",
        ),
    ],
    ids=["clash", "fails", "exits", "empty", "none", "other name", "contradicts itself"],
)
def test_a_collection_that_does_not_fit_is_set_aside_and_named(
    tmp_path: Path, name: str, code: str, expected: str
) -> None:
    put_pack(tmp_path / "packages", "planted", name, code)
    listed = listed_with(tmp_path)
    assert f"\nCollection '{name}' of package planted is set aside: {expected}" in listed
    assert "Jane" not in listed and "Traceback" not in listed


def test_the_collections_of_a_clone_are_there_in_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    clone = Path(__file__).parents[2]
    own = EntryPoint("ssda903", "csc_data.standards.ssda903.collection:SSDA903", GROUP)
    own = own._for(Distribution.at(clone / "csc_data.egg-info"))  # type: ignore[attr-defined]  # as Python makes it
    monkeypatch.chdir(clone)
    assert packs._is_installed(own)
    monkeypatch.setattr(packs, "__file__", "/elsewhere/csc_data/metadata/packs.py")
    assert not packs._is_installed(own)


def test_a_collection_that_fits_is_used(tmp_path: Path) -> None:
    put_pack(tmp_path / "packages", "planted", "local", LOCAL_COLLECTION.format(more=""))
    assert "local/1 " in listed_with(tmp_path)


def test_of_two_packs_with_one_collection_neither_is_used(tmp_path: Path) -> None:
    for package in ("planted", "other"):
        put_pack(tmp_path / "packages", package, "local", LOCAL_COLLECTION.format(more=""))
    assert (
        listed_with(tmp_path).count("package other and package planted offer it. Uninstall all but one of them.") == 2
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("[child_identifier]\nidentical.local = ['People.NONE']", "local has no item People.NONE in any year"),
        ("[child_identifier\n", "concepts.toml"),
        ("[child_identifier]\ntitle = 'Another'", "is said already, and otherwise"),
        ("child_identifier = 5", "is said already, and otherwise"),
    ],
    ids=["no such item", "no TOML", "contradicts ours", "other form"],
)
def test_a_pack_with_broken_facts_is_set_aside(tmp_path: Path, facts: str, expected: str) -> None:
    folder = tmp_path / "packages"
    put_pack(folder, "planted", "local", LOCAL_COLLECTION.format(more=""))
    (folder / "planted" / "concepts.toml").write_text(facts)
    listed = listed_with(tmp_path)
    assert "Collection 'local' of package planted is set aside: its facts are wrong:" in listed
    assert expected in listed
    done = run(tmp_path, COMMAND, "items", "--standard", "ssda903/2025-26", packages=folder)
    assert done.returncode == 0
    assert done.stderr.count("set aside") == 1


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("ssda903", "raise ValueError('Jane')", "it cannot be loaded (ValueError)."),
        ("ssda903", "", "it does not fit the collection: it declares no rule."),
        ("none", "", "there is no collection 'none'."),
        (
            "ssda903",
            RULE.format(code="sw01stg1", field="Header.CHILD"),
            "rule sw01stg1 has the code of a rule of ssda903; give it one of its own.",
        ),
        ("ssda903", RULE.format(code="LOCAL", field="Header.NONE"), "field Header.NONE does not exist (and "),
    ],
    ids=["fails", "empty", "no collection", "official code", "no such item"],
)
def test_local_rules_that_do_not_fit_are_set_aside_and_named(
    tmp_path: Path, name: str, code: str, expected: str
) -> None:
    put_pack(tmp_path / "packages", "planted", name, code, attribute="", group=RULES)
    listed = listed_with(tmp_path)
    assert f"\nRule pack '{name}' of package planted is set aside: " in listed
    assert expected in listed
    assert "Jane" not in listed and "with local rules" not in listed


def test_of_two_packs_with_one_local_code_neither_is_used(tmp_path: Path) -> None:
    for package in ("planted", "other"):
        code = RULE.format(code="LOCAL", field="Header.CHILD")
        put_pack(tmp_path / "packages", package, "ssda903", code, attribute="", group=RULES)
    listed = listed_with(tmp_path)
    assert "of package planted is set aside: rule LOCAL is one of package other, too." in listed
    assert "of package other is set aside: rule LOCAL is one of package planted, too." in listed


def test_every_report_says_what_was_set_aside(tmp_path: Path) -> None:
    put_pack(tmp_path / "packages", "planted", "local", "raise ValueError")
    words = [RETURN, "--standard", "ssda903/2025-26", "--out", tmp_path / "out", "--format", "html,xlsx,json"]
    done = run(tmp_path, COMMAND, "validate", *words, packages=tmp_path / "packages")
    said = "Collection 'local' of package planted is set aside: it cannot be loaded (ValueError)."
    assert (done.returncode, done.stderr, done.stdout.count(said)) == (1, "", 1)
    assert said in html.unescape((tmp_path / "out" / "report.html").read_text())
    assert json.loads((tmp_path / "out" / "report.json").read_text())["set_aside"][0]["message"].startswith(said)
    summary = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")["Summary"]
    assert any(str(row[1]).startswith(said) for row in summary.iter_rows(values_only=True))


def test_a_standard_that_was_set_aside_says_so_when_it_is_asked_for(tmp_path: Path) -> None:
    put_pack(tmp_path / "packages", "planted", "local", "raise ValueError")
    done = run(tmp_path, COMMAND, "rules", "list", "--standard", "local/1", packages=tmp_path / "packages")
    assert done.returncode == 2
    assert "Collection 'local' of package planted is set aside" in done.stderr


def test_an_installed_collection_outranks_what_the_facts_say_of_one_of_that_name(tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    put_pack(folder, "planted", "annex_a", LOCAL_COLLECTION.format(more="").replace('"local"', '"annex_a"'))
    program = (
        "import csc_data as csc\n"
        "known = csc.concepts()\n"
        "print('annex_a' in known.other_collections, len(known.held_by('annex_a')), len(csc.indicators()) > 0)\n"
    )
    done = run(tmp_path, sys.executable, "-c", program, packages=folder)
    assert (done.stdout, done.stderr) == ("False 0 True\n", "")
