"""The template pack works from its wheel: its collection from file to report, its local rules apart from official ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.template_pack import TEMPLATE, Environment, install_template

RETURN = Path(__file__).parents[2] / "fixtures/ssda903/returns/2025-26/this_year"
FORMATS = "html,xlsx,csv,parquet,json,run"
VISITS = """ChildId,Visit start,Visit end,SeenAlone
A1,2026-05-01T10:00:00,2026-05-01T09:30:00,a) yes
A1,2026-05-02 10:00,02/05/2026 11:00,C) CHILD REFUSED
A1,2026-05-03 25:00,,d) Maybe
"""


@pytest.fixture(scope="module")
def plain() -> Environment:
    """The Python of the tests, in which no pack is installed."""
    return Environment(Path(sys.executable))


@pytest.fixture(scope="module")
def with_template(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment in which the template is installed."""
    return install_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return of the template's collection, its columns named by their aliases."""
    folder = tmp_path_factory.mktemp("visits")
    (folder / "Children.csv").write_text("Child Unique ID,DOB\nA1,01/02/2015\n")
    (folder / "Visits.csv").write_text(VISITS.replace("ChildId", "Child Unique ID"))
    return folder


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory, with_template: Environment, plain: Environment
) -> dict[str, tuple[Path, str, int]]:
    """One return checked with the local rules and without: folder of the reports, what was printed, exit code."""
    made = {}
    for name, environment in (("with", with_template), ("without", plain)):
        folder = tmp_path_factory.mktemp(name)
        words = ["validate", RETURN, "--standard", "ssda903/2025-26", "--out", folder, "--format", FORMATS]
        done = environment.run(folder, *words)
        assert done.stderr == ""
        made[name] = folder, done.stdout, done.returncode
    return made


def test_both_kinds_of_pack_are_listed(tmp_path: Path, with_template: Environment) -> None:
    listed = with_template.run(tmp_path, "standards", "list").stdout
    assert "visits/1.1           List of visits\n" in listed
    assert "with local rules of package csc-data-template-pack: 2\n" in listed


def test_the_examples_of_the_template_hold(tmp_path: Path, with_template: Environment) -> None:
    for collection in ("ssda903", "visits"):
        done = with_template.run(
            tmp_path, "rules", "examples", TEMPLATE / "examples" / collection, "--collection", collection
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "0 not as they say." in done.stdout
        assert "without an example" not in done.stdout


def test_an_example_that_does_not_hold_is_named(tmp_path: Path, with_template: Environment) -> None:
    example = TEMPLATE / "examples/visits/V10.txt"
    (tmp_path / "V10.txt").write_text(example.read_text().replace("10:45   |", "10:45   | x"))
    done = with_template.run(tmp_path, "rules", "examples", tmp_path, "--collection", "visits")
    assert done.returncode == 1
    assert "should flag Visits row 1, 2, and flags Visits row 2" in done.stdout


def test_its_collection_goes_from_file_to_report(tmp_path: Path, visits: Path, with_template: Environment) -> None:
    words = [
        "--standard",
        "visits/1.1",
        "--period",
        "2026-01-01",
        "2026-06-30",
        "--out",
        tmp_path,
        "--format",
        "csv,json",
    ]
    done = with_template.run(tmp_path, "validate", visits, *words)
    issues = pd.read_csv(tmp_path / "issues.csv")
    assert set(zip(issues["rule"], issues["line"], strict=True)) == {("V10", 2), ("V11", 3), ("V04", 4), ("V05", 4)}
    assert set(issues["origin"]) == {"official"}
    assert (done.returncode, done.stderr) == (1, "")


def test_its_collection_is_in_the_catalogue(tmp_path: Path, with_template: Environment) -> None:
    done = with_template.run(tmp_path, "catalogue", "schemas", "--out", tmp_path, "--standard", "visits/1.1")
    assert done.returncode == 0
    schemas = [json.loads(path.read_text()) for path in tmp_path.rglob("*Visits*.json")]
    started = next(schema["properties"]["Started"] for schema in schemas if "properties" in schema)
    assert "2[0-3]):[0-5]" in started["pattern"]


def test_local_rules_change_no_official_result(checked: dict[str, tuple[Path, str, int]]) -> None:
    (ours, _, exit_code), (plain, _, plain_code) = checked["with"], checked["without"]
    assert exit_code == plain_code
    for name in ("issues", "rules"):
        with_local, without = (pd.read_csv(folder / f"{name}.csv", dtype=str) for folder in (ours, plain))
        official = with_local[with_local["origin"] != "local"].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            *(entry.drop(columns="seconds", errors="ignore") for entry in (official, without))
        )
    for name in ("quality", "not_measured", "timeliness", "causes", "row_counts"):
        assert (ours / f"{name}.csv").read_bytes() == (plain / f"{name}.csv").read_bytes()
    documents = [json.loads((folder / "report.json").read_text()) for folder in (ours, plain)]
    for key in ("verdict", "gaps", "scope", "counts", "standard", "reference_data", "causes", "quality", "notes"):
        assert documents[0][key] == documents[1][key]


def test_the_exchange_file_and_the_standard_know_nothing_of_local_rules(
    tmp_path: Path, with_template: Environment, plain: Environment
) -> None:
    program = (
        "import csc_data as csc, sys\n"
        f"report = csc.validate({str(RETURN)!r}, 'ssda903/2025-26')\n"
        "report.to_exchange(sys.argv[1])\n"
        "print(report.ret.standard.id, len(report.ret.standard.rules), csc.read(sys.argv[2]).standard.id)\n"
    )
    (tmp_path / "program.py").write_text(program)
    texts = [
        environment.run(tmp_path, tmp_path / f"{name}.json", RETURN, python="program").stdout
        for name, environment in (("ours", with_template), ("plain", plain))
    ]
    assert texts[0] == texts[1] != ""
    ours, without_rules = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("ours", "plain"))
    for made in (ours, without_rules):
        del made["run"]["time"]
    assert ours == without_rules


def test_local_rules_stand_apart_in_every_report(checked: dict[str, tuple[Path, str, int]]) -> None:
    folder, printed, _ = checked["with"]
    sentence = "Rules of csc-data-template-pack 1.0.0, which are no part of the standard and do not bear on the verdict"
    assert sentence in " ".join(printed.split())
    page = (folder / "report.html").read_text()
    assert '<section id="local"' in page and 'id="local-rule-LOCAL01"' in page and 'id="rule-LOCAL01"' not in page
    book = openpyxl.load_workbook(folder / "report.xlsx")
    assert {row[0] for row in book["Local rules"].iter_rows(min_row=2, values_only=True)} == {"LOCAL01", "LOCAL02"}
    assert "LOCAL01" not in {row[0] for row in book["Rules"].iter_rows(values_only=True)}
    headings, *issues_shown = book["Local issues"].iter_rows(values_only=True)
    assert {row[headings.index("Rule")] for row in issues_shown} == {"LOCAL01", "LOCAL02"}
    for issues in (pd.read_csv(folder / "issues.csv"), pd.read_parquet(folder / "issues.parquet")):
        assert set(issues.loc[issues["origin"] == "local", "rule"]) == {"LOCAL01", "LOCAL02"}
    document = json.loads((folder / "report.json").read_text())
    assert {rule["rule"]: rule["origin"] for rule in document["rules"]}["LOCAL01"] == "local"
    assert document["local"]["packages"] == [{"name": "csc-data-template-pack", "version": "1.0.0"}]
    assert document["local"]["rules"] == {"failed": 2}


def test_local_rules_stand_apart_in_the_catalogue(tmp_path: Path, with_template: Environment) -> None:
    words = ["--standard", "ssda903/2025-26", "--out", tmp_path]
    with_template.run(tmp_path, "catalogue", "tables", *words, "--format", "csv")
    rules = pd.read_csv(tmp_path / "rules.csv").set_index("rule")
    assert set(rules.index[rules["origin"] == "local"]) == {"LOCAL01", "LOCAL02"}
    with_template.run(tmp_path, "catalogue", "html", *words)
    pages = [path.read_text() for path in tmp_path.rglob("*.html")]
    assert sum("Local rules of package csc-data-template-pack" in page for page in pages) == 1


def test_a_report_with_local_rules_goes_to_another_process(tmp_path: Path, with_template: Environment) -> None:
    program = (
        "import pickle, sys, csc_data as csc\n"
        "if len(sys.argv) == 2:\n"
        f"    pickle.dump(csc.validate({str(RETURN)!r}, 'ssda903/2025-26', only=['LOCAL02']), open('kept', 'wb'))\n"
        "else:\n"
        "    report = pickle.load(open('kept', 'rb'))\n"
        "    print(set(report.issues['rule']), set(report.official.issues['rule']))\n"
    )
    (tmp_path / "program.py").write_text(program)
    with_template.run(tmp_path, "write", python="program")
    assert with_template.run(tmp_path, python="program").stdout == "{'LOCAL02'} set()\n"
