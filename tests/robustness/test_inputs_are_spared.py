"""No command writes over what it reads, however its output is aimed at it, nor over another return's data."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.analysis.quality import NOT_MEASURED_COLUMNS, QUALITY_COLUMNS
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS
from csc_data.analysis.timeliness import TIMELINESS_COLUMNS
from csc_data.commands import cli
from csc_data.conversion.convert import convert
from csc_data.errors import UsageError
from csc_data.files.inputs import Inputs
from csc_data.files.own_outputs import is_own_file
from csc_data.files.writing import ensure_writable, replacing, sparing
from csc_data.reporting.tables import UNREADABLE_COLUMNS
from csc_data.results.issues import ISSUE_COLUMNS, RULE_COLUMNS
from csc_data.results.summary import ROW_COUNT_COLUMNS
from csc_data.results.work import Work
from csc_data.store.layout import Store
from csc_data.synthetic.synthesise import synthesise

ID = "ssda903/2025-26"
STANDARD = ["--standard", ID]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small return in every form, a saved run of it, and what else commands read."""
    folder = tmp_path_factory.mktemp("made")
    invented = synthesise(ID, children=4, seed=3)
    invented.write(folder / "synthesised")
    shutil.copytree(folder / "synthesised" / "this_year", folder / "return")
    (folder / "return" / "notes.txt.bak").write_text("the only copy of a note")
    with zipfile.ZipFile(folder / "return.zip", "w") as packed:
        for path in (folder / "return").glob("*.csv"):
            packed.write(path, path.name)
    with pd.ExcelWriter(folder / "return.xlsx", engine="xlsxwriter") as book:
        for name, table in invented.tables.items():
            table.to_excel(book, sheet_name=name, index=False)
    convert(folder / "return", ID, folder, to="xml").files[0].rename(folder / "return.xml")
    csc_data.validate(folder / "return", ID).save(folder / "saved.zip")
    (folder / "key").write_text("0123456789abcdef0123456789abcdef")
    (folder / "own.toml").write_text("")
    synthesise("csc_api/1.0.1", children=3, seed=1).write(folder / "feed")
    shutil.copyfile(folder / "feed" / "payload.jsonl", folder / "payload.jsonl")
    Work(ID).save(folder / "work.json")
    Store.make(folder / "store")
    return folder


AIMED: dict[str, tuple[dict[str, str], list[str], int]] = {
    "validate a workbook": (
        {"report.xlsx": "return.xlsx"}, ["validate", "report.xlsx", *STANDARD, "--out", ".", "--format", "xlsx"], 2),
    "validate a workbook of the folder": (
        {"report.xlsx": "return.xlsx"}, ["validate", ".", *STANDARD, "--out", ".", "--format", "xlsx"], 2),
    "feed delta": (
        {"send-001.json": "payload.jsonl", "today.jsonl": "payload.jsonl"},
        ["feed", "delta", "send-001.json", "today.jsonl", "--out", "."], 2),
    "feed split": ({"batch-001.json": "payload.jsonl"}, ["feed", "split", "batch-001.json", "--out", "."], 2),
    "feed replay": ({"held.json": "payload.jsonl"}, ["feed", "replay", "held.json", "--out", "."], 2),
    "open-data write": (
        {"now.zip": "return.zip"},
        ["open-data", "write", "now.zip", "--spec", "cla_on_31_march", "--authority", "Barnet", "--out", "."], 0),
    "validate a zip": (
        {"run.zip": "return.zip"}, ["validate", "run.zip", *STANDARD, "--out", ".", "--format", "run"], 2),
    "validate XML": (
        {"report.html": "return.xml"}, ["validate", "report.html", *STANDARD, "--out", ".", "--format", "html"], 2),
    "validate a table": (
        {"timeliness.csv": "return/Episodes.csv"}, ["validate", "timeliness.csv", *STANDARD, "--out", "."], 2),
    "last year's return": (
        {"now.zip": "return.zip", "report.xlsx": "return.xlsx"},
        ["validate", "now.zip", *STANDARD, "--previous", "report.xlsx", "--out", ".", "--format", "xlsx"], 2),
    "a list of providers": (
        {"now.zip": "return.zip", "rules.csv": "synthesised/providers.csv"},
        ["validate", "now.zip", *STANDARD, "--providers", "rules.csv", "--out", ".", "--format", "csv"], 2),
    "a key": (
        {"now.zip": "return.zip", "report.json": "key"},
        ["validate", "now.zip", *STANDARD, "--pseudonymise", "report.json", "--out", ".", "--format", "json"], 2),
    "an earlier run": (
        {"now.zip": "return.zip", "run.zip": "saved.zip"},
        ["validate", "now.zip", *STANDARD, "--previous-run", "run.zip", "--out", ".", "--format", "html,run"], 2),
    "compare": (
        {"comparison.json": "saved.zip", "b.zip": "saved.zip"}, ["compare", "b.zip", "comparison.json", "--out", "."], 2),
    "indicators": (
        {"indicators_internal.csv": "return/Episodes.csv"},
        ["indicators", "indicators_internal.csv", *STANDARD, "--out", "."], 2),
    "indicators of another collection": (
        {"now.zip": "return.zip", "indicators_internal.parquet": "return.xlsx"},
        ["indicators", "now.zip", *STANDARD, "--with", "cin=indicators_internal.parquet", "--out", "."], 2),
    "what comes back, with a population": (
        {"now.zip": "return.zip", "benefit_internal.csv": "key"},
        ["benefit", "now.zip", *STANDARD, "--population", "benefit_internal.csv", "--out", "."], 2),
    "exchange of JSON": (
        {"r.json": "return.xlsx"}, ["burden", "exchange", "r.json", *STANDARD, "--out", "r.json"], 2),
    "exchange over what was sent": (
        {"now.zip": "return.zip", "sent.json": "own.toml"},
        ["burden", "exchange", "now.zip", *STANDARD, "--sent", "sent.json", "--out", "sent.json"], 2),
    "sector over the groups": (
        {"one.json": "own.toml", "authorities.csv": "own.toml"},
        ["sector", "one.json", "--group", "authorities.csv", "--out", "."], 2),
    "sector over those it is laid beside": (
        {"one.json": "own.toml", "own_position.csv": "own.toml"},
        ["sector", "one.json", "--against", "own_position.csv", "--out", "."], 2),
    "exchange over own values": (
        {"now.zip": "return.zip", "own.json": "own.toml"},
        ["burden", "exchange", "now.zip", *STANDARD, "--assumptions", "own.json", "--out", "own"], 2),
    "convert the folder": (
        {"Header.csv": "return/Header.csv", "Episodes.csv": "return/Episodes.csv"},
        ["convert", ".", *STANDARD, "--to", "csv", "--out", "."], 2),
    "convert the folder into its other form": (
        {"Header.csv": "return/Header.csv"}, ["convert", ".", *STANDARD, "--to", "xml", "--out", "."], 2),
    "convert a file of another letter case": (
        {"HEADER.CSV": "return/Header.csv"}, ["convert", "HEADER.CSV", *STANDARD, "--to", "csv", "--out", "."], 2),
    "convert XML": (
        {"ssda903_2025-26.xml": "return.xml"},
        ["convert", "ssda903_2025-26.xml", *STANDARD, "--to", "xml", "--out", "."], 2),
    "convert a zip beside it": (
        {"return.zip": "return.zip"}, ["convert", "return.zip", *STANDARD, "--to", "csv", "--out", "."], 0),
    "synthesise": (
        {"Header.csv": "return/Header.csv"}, ["synthesise", *STANDARD, "--children", "2", "--out", "."], 2),
    "synthesise over a year": (
        {"this_year/Header.csv": "return/Header.csv"}, ["synthesise", *STANDARD, "--children", "2", "--out", "."], 2),
    "history": ({"store.json": "store/store.json"}, ["history", "latest", "--store", ".", "--out", "store.json"], 2),
    "history beside own values": (
        {"own.json": "own.toml", "kept/store.json": "store/store.json"},
        ["history", "burden", "--store", "kept", "--assumptions", "own.json", "--out", "own.json"], 2),
    "work export": ({"work.json": "work.json"}, ["work", "export", "work.json", "--out", "work.json"], 2),
    "app": ({"report.xlsx": "return.xlsx"}, ["app", "report.xlsx", "--no-browser", "--work", "report.xlsx"], 3),
    "work import": (
        {"report.xlsx": "return.xlsx"}, ["work", "import", "report.xlsx", *STANDARD, "--work", "report.xlsx"], 3),
    "rerun": (
        {"differences.csv": "key"}, ["rerun", "--store", "store", "--key", "differences.csv", "--out", "."], 2),
    "rerun into the store": ({"a/store.json": "key"}, ["rerun", "--store", "a", "--out", "a/b"], 2),
    "catalogue html": (
        {"ssda903/rules/101.txt": "key"},
        ["catalogue", "html", "--standard", ID, "--examples", ".", "--out", "."], 3),
    "catalogue tables": ({}, ["catalogue", "tables", "--standard", ID, "--out", "."], 0),
    "catalogue schemas": ({}, ["catalogue", "schemas", "--standard", ID, "--out", "."], 0),
}  # fmt: skip
"""For each command and kind of input: the files that are there, the call, and how it ends."""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lay_out(made: Path, files: dict[str, str], folder: Path) -> None:
    for name, source in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made / source, folder / name)


@pytest.mark.parametrize("name", AIMED)
def test_output_aimed_at_its_own_input(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files, arguments, expected = AIMED[name]
    lay_out(made, files, tmp_path)
    before = contents(tmp_path)
    monkeypatch.chdir(tmp_path)
    code = cli.main(arguments)
    said = capsys.readouterr().err
    after = contents(tmp_path)
    assert {path: after.get(path) for path in before} == before
    assert code == expected, said
    if code == 2:
        assert after == before, "something was written"
        assert "Choose another" in said or "Give " in said, said


FILES = (
    *("PATH", "FILE", "RUN", "RUN1", "RUN2", "KEYFILE", "ID|DRAFT", "YESTERDAY", "TODAY", "REQUEST", "PAYLOAD"),
    *("DATA", "META", "EARLIER"),
)
"""What help calls an argument that names a file."""


WRITTEN_TO = {"key": {"file"}, "batch": {"store"}, "store index": {"store"}, "store forget": {"store"}}
"""Of commands that write to other places than ``--out``, the arguments that name them."""


def _leaves(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield name, parser
    for subparsers in below:
        for word, child in subparsers.choices.items():
            yield from _leaves(child, f"{name} {word}".strip())


def test_every_command_that_writes_is_tried_above_and_says_what_it_reads() -> None:
    """Options that name files are told by their metavar; a new one must be among what is spared."""
    leaves = dict(_leaves(cli._parser()))
    written = {"out", "work"}
    writing = {
        name
        for name, parser in leaves.items()
        if any(action.dest in written - set(parser._defaults.get("reads", ())) for action in parser._actions)
    }
    assert writing == {name for name in leaves if any(arguments[: len(name.split())] == name.split() for _, arguments, _
                                                      in AIMED.values())}  # fmt: skip
    for name, parser in leaves.items():
        named = {
            action.dest
            for action in parser._actions
            if action.metavar in FILES or (action.metavar == "DIR" and action.dest != "out")
        }
        assert named - WRITTEN_TO.get(name, {"out"}) == set(parser._defaults.get("reads", ())), name


def _link(target: Path, path: Path) -> Path:
    path.symlink_to(target)
    return path


def _hard_link(target: Path, path: Path) -> Path:
    os.link(target, path)
    return path


def _other_case(target: Path, path: Path) -> Path:
    other = target.with_name(target.name.swapcase())
    if not other.exists():
        pytest.skip("this file system tells letters of different case apart")
    return other


WAYS: dict[str, Callable[[Path, Path], Path]] = {
    "as it is": lambda target, _: target,
    "another way round": lambda target, _: target.parent / ".." / target.parent.name / target.name,
    "a link": _link,
    "a hard link": _hard_link,
    "letters of another case": _other_case,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("as_input", [False, True])
def test_a_file_is_the_same_by_whatever_way_it_is_named(way: str, as_input: bool, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.csv").write_text("data")
    other = WAYS[way](folder / "a.csv", tmp_path / "b.csv")
    given, target = (other, folder / "a.csv") if as_input else (folder / "a.csv", other)
    for inputs in (Inputs.of(given), Inputs.of([str(given)], None, {"frames": 1})):
        with sparing(inputs):
            with pytest.raises(UsageError, match=r"would be written over.*Choose another folder or name"):
                ensure_writable([target])
            with pytest.raises(UsageError, match="is a file that is read"), replacing(target):
                pass
    with sparing(Inputs.of(folder)), pytest.raises(UsageError), replacing(target):
        pass
    assert (folder / "a.csv").read_text() == "data"


def test_an_input_given_by_a_relative_path_is_known_after_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("data")
    monkeypatch.chdir(tmp_path)
    inputs = Inputs.of("a.csv")
    monkeypatch.chdir("/")
    assert inputs.at(tmp_path / "a.csv") == tmp_path / "a.csv"


def test_reports_spare_what_they_are_about(made: Path, tmp_path: Path) -> None:
    """From Python, too, and when the report is pseudonymised, or the standard worked out."""
    shutil.copyfile(made / "return.xlsx", tmp_path / "a.xlsx")
    (tmp_path / "Episodes.csv").write_bytes((made / "return" / "Episodes.csv").read_bytes())
    before = contents(tmp_path)
    report = csc_data.validate(tmp_path / "a.xlsx", previous=tmp_path / "Episodes.csv")
    for chosen in (report, report.pseudonymised(made / "key")):
        for write in (chosen.to_excel, chosen.to_html, chosen.to_json, chosen.save):
            with pytest.raises(UsageError, match="is a file that is read"):
                write(tmp_path / "a.xlsx")
    report.save(tmp_path / "run.zip")
    run = (tmp_path / "run.zip").read_bytes()
    with pytest.raises(UsageError, match="is a file that is read"):
        csc_data.compare(tmp_path / "run.zip", report).to_json(tmp_path / "run.zip")
    assert contents(tmp_path) == {**before, "run.zip": run}


# --- What another return left -----------------------------------------------------------------------------------------


def test_what_is_converted_takes_the_place_of_nothing(made: Path, tmp_path: Path) -> None:
    for name in ("header.CSV", "Missing.csv"):  # of another letter case; and of a table that this return has not
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text("of another return")
        with pytest.raises(UsageError, match="already holds"):
            convert(made / "return" / "Episodes.csv", ID, folder, to="csv")
        assert contents(folder) == {name: b"of another return"}


def test_an_exchange_file_is_replaced_only_by_one_of_the_same_return(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = csc_data.validate(made / "return", ID, authority="Barnet")
    report.to_exchange(tmp_path / "pooled.json")
    report.to_exchange(tmp_path / "pooled.json")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="exchange file of another return"):
        csc_data.validate(made / "return", ID, authority="Camden").to_exchange(tmp_path / "pooled.json")
    (tmp_path / "document.json").write_text("{}")
    with pytest.raises(UsageError, match="is no exchange file"):
        report.to_exchange(tmp_path / "document.json")
    (tmp_path / "document.json").unlink()
    assert contents(tmp_path) == before


def test_an_invented_return_replaces_an_invented_return_alone(tmp_path: Path) -> None:
    few, more = synthesise(ID, children=2, seed=1), synthesise(ID, children=3, seed=2)
    few.write(tmp_path)
    assert "no child in it is real" in json.loads((tmp_path / "invented.json").read_text())["content"]
    more.write(tmp_path)
    csc_data.validate(tmp_path / "this_year", ID)
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="has no counterpart"):
        synthesise("cin/2025-26", children=2, seed=1).write(tmp_path)
    for name, said in (("this_year/Header.csv", "was changed"), ("mine.txt", "is not of a return that was invented")):
        whole = (tmp_path / name).read_bytes() if name in before else None
        (tmp_path / name).write_text("mine")
        with pytest.raises(UsageError, match=said):
            few.write(tmp_path)
        assert (tmp_path / name).read_text() == "mine"
        (tmp_path / name).unlink()
        if whole is not None:
            (tmp_path / name).write_bytes(whole)
    assert contents(tmp_path) == before


def test_what_a_report_left_in_the_folder_of_the_return_is_replaced(made: Path, tmp_path: Path) -> None:
    """Own outputs are no part of what is read; tables of a return are, whatever their name."""
    report = csc_data.validate(made / "return", ID)
    report.to_csv(tmp_path)
    report.to_excel(tmp_path / "report.xlsx")
    report.to_html(tmp_path / "report.html")
    report.to_json(tmp_path / "report.json")
    report.to_parquet(tmp_path)
    report.save(tmp_path / "run.zip")
    inputs = Inputs.of(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not is_own_file(path) or inputs.at(path)] == []
    foreign = ["return/Header.csv", "return.zip", "return.xlsx", "return.xml", "key", "synthesised/faults.csv"]
    assert [name for name in foreign if is_own_file(made / name)] == []


def test_the_tables_of_a_report_are_known_by_their_columns(made: Path, tmp_path: Path) -> None:
    tables = (
        ISSUE_COLUMNS, RULE_COLUMNS, UNREADABLE_COLUMNS, ROW_COUNT_COLUMNS, ROOT_CAUSE_COLUMNS, QUALITY_COLUMNS,
        NOT_MEASURED_COLUMNS, TIMELINESS_COLUMNS,
    )  # fmt: skip
    for columns in tables:
        (tmp_path / "a.csv").write_text(",".join(f'"{column}"' for column in columns) + "\n")
        assert is_own_file(tmp_path / "a.csv"), list(columns)
