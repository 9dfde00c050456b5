"""Nothing in a pseudonymised output, or in one without values, lets anybody test a guess without the key."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.report import Report
from csc_data.reporting.comparison import document
from csc_data.reporting.html.page import render
from csc_data.results.pseudonyms import Pseudonyms

KEY = b"0123456789abcdef0123456789abcdef"
STANDARDS = ["ssda903/2025-26", "cin/2025-26"]


def parts(report: Report, folder: Path, *, values: bool = True) -> Iterator[tuple[str, bytes]]:
    """Every part of every output of a report, by name; of a workbook the cells, as its own parts hold times."""
    report.to_csv(folder)
    report.to_parquet(folder)
    report.to_json(folder / "report.json", include_values=values)
    report.to_html(folder / "report.html", include_values=values)
    report.to_excel(folder / "report.xlsx", include_values=True)
    report.save(folder / "run.zip")
    for path in sorted(folder.iterdir()):
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                yield f"{path.name} {sheet.title}", repr(list(sheet.values)).encode()
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                yield from ((f"{path.name} {name}", packed.read(name)) for name in packed.namelist())
        else:
            yield path.name, path.read_bytes()


@pytest.mark.parametrize("standard_id", STANDARDS)
def test_pseudonymised_outputs_of_a_return_in_another_order_are_the_same_to_the_byte(
    standard_id: str, tmp_path: Path
) -> None:
    drawn, made = faulty(standard_id, 25), []
    for name in ("as_given", "shuffled"):
        tables, previous = (
            {
                table: rows if name == "as_given" else rows.sample(frac=1, random_state=1).reset_index(drop=True)
                for table, rows in given.items()
            }
            for given in (drawn.tables, drawn.previous)
        )
        report = check(drawn, csc_data.standard(standard_id), tables, previous=previous or None)
        (tmp_path / name).mkdir()
        made.append(dict(parts(report.pseudonymised(Pseudonyms(KEY)), tmp_path / name)))
    assert made[0].keys() == made[1].keys()
    assert not [name for name, content in made[0].items() if content != made[1][name]]


@pytest.fixture(scope="module")
def small_return(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return sorted by child, as case systems write it, with one file of one row, and rows and cells to note."""
    folder = tmp_path_factory.mktemp("given") / "Jo Bloggs QZ123"
    folder.mkdir()
    tables = dict(faulty(STANDARDS[0], 60).tables)
    header = tables["Header"].dropna(subset=["CHILD"]).sort_values("CHILD", ignore_index=True)
    header.loc[[3], "DOB"] = "2015-02-01"
    header["ETHNIC"] = "ZZZZ"
    for name, table in {**tables, "Header": header, "UASC": tables["UASC"].head(1)}.items():
        table.to_csv(folder / f"{name} of Jo Bloggs.csv", index=False)
    path = folder / "Header of Jo Bloggs.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:8], "a,b,c,d,e,f,g,h,i", "", *lines[8:]]) + "\n")
    (folder / "letter.docx").write_text("x")
    return folder


@pytest.fixture(scope="module")
def report(small_return: Path) -> Report:
    return csc_data.validate(small_return, STANDARDS[0], previous=small_return)


def fingerprints(folder: Path) -> set[str]:
    """The ways in which hashes of the files are usually written."""
    matches = set()
    for path in folder.iterdir():
        content = path.read_bytes()
        for name in ("md5", "sha1", "sha256", "blake2b"):
            matches.add(hashlib.new(name, content).hexdigest()[:12])
    return matches


def test_no_hash_or_size_of_a_file_is_in_a_pseudonymised_output(
    report: Report, small_return: Path, tmp_path: Path
) -> None:
    hidden = report.pseudonymised(Pseudonyms(KEY))
    for name, content in parts(hidden, tmp_path):
        text = content.decode("latin-1")
        assert not [fingerprint for fingerprint in fingerprints(small_return) if fingerprint in text], name
        assert "Bloggs" not in text and "QZ123" not in text and "letter.docx" not in text, name
    inputs = json.loads((tmp_path / "report.json").read_text())["inputs"]
    assert {entry["bytes"] for entry in inputs} == {None}
    assert (
        len({entry["sha256"] for entry in inputs if entry["return"] == "this year"})
        == len(list(small_return.iterdir())) - 1
    )


@pytest.mark.parametrize("pseudonymised", [False, True])
def test_outputs_without_values_hold_neither_hash_nor_size(
    report: Report, small_return: Path, tmp_path: Path, pseudonymised: bool
) -> None:
    shown = report.pseudonymised(Pseudonyms(KEY)) if pseudonymised else report
    shown.save(tmp_path / "run.zip")
    shown.to_json(tmp_path / "report.json")
    shown.to_exchange(tmp_path / "exchange.json")
    comparison = document(csc_data.compare(tmp_path / "run.zip", tmp_path / "run.zip"))
    texts = {
        "report.json": (tmp_path / "report.json").read_text(),
        "report.html": render(shown, shown.analyses),
        "exchange.json": (tmp_path / "exchange.json").read_text(),
        "comparison.json": json.dumps(comparison),
        "summary": json.dumps(shown.summary()),
    }
    keyed = {entry["sha256"] for entry in report.pseudonymised(Pseudonyms(KEY)).summary(fingerprints=True)["inputs"]}
    for name, text in texts.items():
        assert not [fingerprint for fingerprint in fingerprints(small_return) | keyed if fingerprint in text], name
    for summary in (json.loads(texts["report.json"]), comparison["before"], comparison["after"], shown.summary()):
        assert {(entry["bytes"], entry["sha256"]) for entry in summary["inputs"]} == {(None, None)}


def test_a_list_of_identifiers_in_the_order_of_the_file_tells_nobody_apart(report: Report, tmp_path: Path) -> None:
    """Neither the order of records nor a line or number beside them leads from a pseudonym to a place in the list."""
    pseudonyms = Pseudonyms(KEY)
    hidden = report.pseudonymised(pseudonyms)
    hidden.save(tmp_path / "run.zip")
    hidden.to_csv(tmp_path)
    hidden.to_excel(tmp_path / "report.xlsx", include_values=True)
    known = sorted(set(report.ret.tables["Header"]["CHILD"].dropna()))
    position = {pseudonyms.of([entry])[entry]: number for number, entry in enumerate(known)}
    with zipfile.ZipFile(tmp_path / "run.zip") as packed:
        records = pd.read_parquet(io.BytesIO(packed.read("records/Header.parquet")))
        dictionary = pd.read_parquet(io.BytesIO(packed.read("issues.parquet")))["child"].dropna().unique()
    issues = pd.read_csv(tmp_path / "issues.csv")
    issues = issues[issues["table"] == "Header"].dropna(subset=["child"])
    sheet = pd.read_excel(tmp_path / "report.xlsx", sheet_name="Issues")
    sheet = sheet[sheet["Table"] == "Header"].dropna(subset=["Child"])
    tried = 0
    for children, numbers in (
        (records["child"], records["line"]),
        (dictionary, range(len(dictionary))),
        (issues["child"], issues["line"]),
        (issues["child"], issues["row"]),
        (issues["child"], issues["issue"]),
        (sheet["Child"], sheet["Line"]),
        (sheet["Child"], range(len(sheet))),
    ):
        pairs = pd.DataFrame({"place": pd.Series(list(children)).map(position), "number": list(numbers)}).dropna()
        pairs = pairs.drop_duplicates("place")
        assert len(pairs) > 30
        assert abs(np.corrcoef(pairs["place"], pairs["number"])[0, 1]) < 0.5
        tried += 1
    assert tried == 7


def test_no_line_of_a_file_is_told_beside_pseudonyms(report: Report, tmp_path: Path) -> None:
    plain, hidden = report.summary(), report.pseudonymised(Pseudonyms(KEY)).summary()
    line_numbers = re.compile(r"\b(?:lines?|rows?) \d")
    assert any(line_numbers.search(note["message"]) for note in plain["notes"])
    assert any(entry["line"] for entry in plain["unreadable"])
    assert len(hidden["notes"]) == len(plain["notes"]) and len(hidden["unreadable"]) == len(plain["unreadable"])
    assert not line_numbers.search(json.dumps(hidden))
    assert {entry["line"] for entry in hidden["unreadable"]} == {None}
    assert [gap["kind"] for gap in hidden["gaps"]] == [gap["kind"] for gap in plain["gaps"]]
    report.pseudonymised(Pseudonyms(KEY)).to_csv(tmp_path)
    with (tmp_path / "unreadable.csv").open() as file:
        assert {entry["line"] for entry in csv.DictReader(file)} == {""}


def test_runs_of_one_key_still_tell_whether_last_year_is_the_same(
    report: Report, small_return: Path, tmp_path: Path
) -> None:
    for name, key, shown in (
        ("one", KEY, report),
        ("again", KEY, csc_data.validate(small_return, STANDARDS[0], previous=small_return)),
        ("other", KEY, csc_data.validate(small_return, STANDARDS[0])),
    ):
        shown.pseudonymised(Pseudonyms(key)).save(tmp_path / name)
    same = csc_data.compare(tmp_path / "one", tmp_path / "again")
    assert same.warnings == [] and same.records.empty and not same.rules[["resolved", "new"]].to_numpy().any()
    assert any(
        "Last year's return differs" in warning
        for warning in csc_data.compare(tmp_path / "one", tmp_path / "other").warnings
    )
