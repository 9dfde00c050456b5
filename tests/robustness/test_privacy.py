"""No value of a record is in anything that is written or printed, but for the outputs documented to name children."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import io
import os
import re
import shutil
import stat
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from support.canaries import Canaries, unfolded, write_csv
from support.packs import install_pack
from support.watched import Watched, watch

import csc_data
import csc_data.returns.given
from csc_data.commands.validate import FORMATS
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare import XmlForm
from csc_data.reference.postcodes import Postcodes, cache_folder

ALL = ",".join(FORMATS)
KEY = "keycanary9d4f0b7e2a6c8135keycanary"
LOCAL_NAME = "canary999999"
"""Name of the user, and of the home folder."""

STANDARDS = ["ssda903/2025-26", "cin/2025-26"]
LIBRARIES = {
    *(
        Path(folder).resolve()
        for folder in (sys.prefix, sys.base_prefix, Path(csc_data.__file__).parents[1], *sys.path)
    ),
    *map(Path, ("/usr", "/etc", "/proc", "/sys", "/dev")),
}
"""Where programs, their libraries and the facts of the system are read from."""


@dataclass
class Workplace:
    """A folder to work in, with a home, a place for temporary files and a cache of its own."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        return self.root / "work"

    def run(self, *commands: str, umask: int = 0o022) -> Watched:
        """Run commands; no connection is tried, and nothing is touched but what they name and the cache of postcodes."""
        before = self._cached()
        done = watch([command.split() for command in commands], self.work, self.environment, umask)
        named = {self.work / word for command in commands for word in command.split()}
        named |= {path.parent for path in named if path.suffix == ".json"}
        assert done.outside == []
        assert not strange(done.changed, named), strange(done.changed, named)
        assert not strange(done.read, {*named, *LIBRARIES, self.root / "cache", self.root / "site"})
        assert self._cached() == before
        assert not [*(self.root / "tmp").iterdir(), *(self.root / LOCAL_NAME).iterdir()]
        return done

    def _cached(self) -> list[tuple[str, int, int]]:
        entries = (self.root / "cache").iterdir()
        return sorted((entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in entries)


def strange(touched: set[Path], expected: set[Path]) -> list[Path]:
    """The files outside the places expected; those in which Python keeps compiled code aside."""
    paths = (path for path in touched if "__pycache__" not in path.parts and path != Path(os.devnull))
    return sorted(path for path in paths if not expected & {path, *path.parents, *path.resolve().parents})


def new_workplace(root: Path) -> Workplace:
    """A place whose cache holds the postcode directory ready made."""
    Postcodes.default()
    for name in ("work", "tmp", "cache", LOCAL_NAME):
        (root / name).mkdir()
    for file in cache_folder().glob("*.arrow"):
        try:
            (root / "cache" / file.name).hardlink_to(file)
        except OSError:  # on another disk
            shutil.copy2(file, root / "cache")
    home = str(root / LOCAL_NAME)
    return Workplace(root, {"HOME": home, "XDG_CACHE_HOME": home, "USER": LOCAL_NAME, "LOGNAME": LOCAL_NAME,
                        "TMPDIR": str(root / "tmp"), "CSC_DATA_CACHE": str(root / "cache")})  # fmt: skip


@dataclass
class Whole:
    """A return with a canary in every cell, and everything that was made of it."""

    workplace: Workplace
    canaries: Canaries
    done: Watched
    codes: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module", params=STANDARDS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    workplace, canaries = new_workplace(tmp_path_factory.mktemp("canaries")), Canaries({LOCAL_NAME})
    standard = csc_data.standard(request.param)
    for name, readable in (("readable", True), ("unreadable", False)):
        children = canaries.new_children()
        write_csv(canaries.plant(standard, readable=readable, children=children), workplace.work / name)
        last_year = csc_data.standard(f"{standard.collection.id}/2024-25")
        before = canaries.plant(last_year, readable=readable, children=children)
        write_csv(before, workplace.work / f"{name}_last")
    (workplace.work / "key.txt").write_text(KEY)
    given = f"--standard {standard.id} --authority Barnet"
    done = workplace.run(
        f"validate readable {given} --previous readable_last --out open --format {ALL} --timings",
        "validate readable --json",
        f"validate unreadable {given} --previous unreadable_last --out unread --format html,json,csv,xlsx,parquet",
        f"burden return readable {given}",
        f"burden exchange unreadable {given} --out pooled/exchange.json",
        "compare open/run.zip open/run.zip --out compared",
        f"validate readable {given} --previous readable_last --pseudonymise key.txt --include-values --json --out closed "
        f"--format {ALL} --previous-run closed/run.zip",
        f"validate unreadable {given} --pseudonymise key.txt --include-values --out closed --format {ALL}",
        f"validate readable {given} --pseudonymise key.txt --out closed/default",
        umask=0o027,
    )  # fmt: skip
    # Last year's return is trusted if it can be read. The unreadable census states as many years as it has rows.
    alone = 3 if standard.collection.year_item else 1
    assert done.codes == [1, 1, 3, 0, 0, 0, 3, alone, 1]
    return Whole(workplace, canaries, done)


def test_the_search_finds_a_canary_however_it_is_wrapped_up(tmp_path: Path) -> None:
    canaries = Canaries({"canary000001", "qz900002", "qx12ab"}, {"2011-03-17"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inner.gz", gzip.compress(b"Canary000001"))
    pd.DataFrame({"day": pd.to_datetime(["2011-03-17"])}).to_parquet(tmp_path / "a.parquet")
    for name, content, canary in (
        ("utf-16", "CANARY000001".encode("utf-16"), "canary000001"),
        ("zip", packed.getvalue(), "canary000001"),
        ("base64", b"data:" + base64.b64encode(b"x CANARY000001"), "canary000001"),
        ("hex", b"CANARY000001".hex().encode(), "canary000001"),
        ("percent", b"QX1%202AB", "qx12ab"),
        ("entities", b"&#81;Z900002", "qz900002"),
        ("json", rb"\u0051Z900002", "qz900002"),
        ("day", b"on 17 March 2011", "2011-03-17"),
        ("day", b"17/03/2011", "2011-03-17"),
        ("day", b"20110317", "2011-03-17"),
        ("parquet", (tmp_path / "a.parquet").read_bytes(), "2011-03-17"),
    ):
        assert canaries.in_bytes(name, content) == {canary}, name
    assert not canaries.in_bytes("other", b"CANARY000002 17/03/2012 QX1 2AC")


def test_nothing_printed_holds_a_value(whole: Whole) -> None:
    printed = [*whole.done.printed[:6], *whole.done.printed[7:]]
    assert all(len(text) > 100 for text in (*printed[:4], *printed[5:]))
    assert not whole.canaries.in_text("\n".join([*printed, whole.done.stdout, whole.done.stderr]))


def test_only_the_documented_files_name_children_and_nothing_else(whole: Whole) -> None:
    allowed = {"issues.csv", "issues.parquet", "report.xlsx", "run.zip", "compared_children.csv", "compared_issues.csv",
               "compared_records.csv"}  # fmt: skip
    for folder in ("open", "unread", "compared", "pooled"):
        leaks = whole.canaries.in_files(whole.workplace.work / folder)
        assert set(leaks) <= allowed
        for name, here in leaks.items():
            assert here <= whole.canaries.children or name == "report.xlsx"
    assert {path.name for path in (whole.workplace.work / "open").iterdir()} >= {
        "report.html",
        "report.json",
        "rules.csv",
    }


def test_only_the_documented_columns_name_children(whole: Whole) -> None:
    for folder in ("open", "unread"):
        for form, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
            issues = read(whole.workplace.work / folder / f"issues.{form}")
            assert len(issues) > 50
            assert not whole.canaries.in_text(issues.drop(columns="child").to_csv())
    changed = pd.read_csv(whole.workplace.work / "compared" / "compared_children.csv")
    assert not whole.canaries.in_text(changed.drop(columns="child").to_csv())


def test_a_table_of_issues_names_no_child_without_an_issue(tmp_path: Path) -> None:
    standard = csc_data.standard("ssda903/2025-26")
    drawn = standard.collection.draw(standard, 20, 1)
    header = drawn.tables["Header"].assign(SEX=lambda frame: frame["SEX"].where(frame.index != 3, "X"))
    report = csc_data.validate({**drawn.tables, "Header": header}, standard)
    report.to_parquet(tmp_path)
    concerned = set(report.issues["child"].astype(str))
    assert header["CHILD"][3] in concerned
    text = "\n".join(unfolded("issues.parquet", (tmp_path / "issues.parquet").read_bytes()))
    assert {child for child in header["CHILD"] if child in text} == concerned < set(header["CHILD"])


def test_a_workbook_names_children_and_workers_in_their_columns_alone(whole: Whole) -> None:
    for folder in ("open", "unread"):
        path = whole.workplace.work / folder / "report.xlsx"
        named = set()
        for sheet in openpyxl.load_workbook(path):
            rows = list(sheet.iter_rows(values_only=True))
            for header, *cells in zip(*rows, strict=True):
                if whole.canaries.in_text(" ".join(map(str, cells))):
                    named.add((sheet.title, header))
        # The key, by which an issue is known again, holds the child and the dates that tell a record from others.
        assert {("Issues", "Child"), ("Issues", "Key"), ("Children", "Child")} <= named
        assert named - {("Issues", "Child"), ("Issues", "Key"), ("Children", "Child")} <= {("Issues", "Worker")}
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if "sharedStrings" not in name and "worksheets/sheet" not in name:
                    assert not whole.canaries.in_bytes(name, packed.read(name)), name


def test_pseudonymised_outputs_name_nobody_in_any_form(whole: Whole) -> None:
    canaries = whole.canaries
    secret = canaries.hashes() | {base64.b64encode(KEY.encode()).decode().rstrip("="), KEY.encode().hex()}
    printed = "\n".join(whole.done.printed[6:])
    assert len(canaries.identifiers) > 40
    leaks = canaries.in_files(whole.workplace.work / "closed")
    assert {"report.html", "report.xlsx"} <= set(leaks), "values other than identifiers are shown where asked for"
    assert not {word for here in leaks.values() for word in here} & canaries.identifiers
    assert not canaries.in_text(printed) & canaries.identifiers
    for path in (path for path in (whole.workplace.work / "closed").rglob("*") if path.is_file()):
        for text in (path.read_bytes().decode("latin-1"), *unpacked(path)):
            assert KEY not in text
            assert not secret & set(re.findall(r"[A-Za-z0-9+/]{8,}", text)), path.name
    assert not canaries.in_files(whole.workplace.work / "closed" / "default").keys() - {"issues.csv"}


def unpacked(path: Path) -> list[str]:
    """The tables of a file as text, numbers in full."""
    if path.suffix == ".parquet":
        return [pd.read_parquet(path).to_csv()]
    if path.name == "run.zip":
        with zipfile.ZipFile(path) as run:
            parts = [run.read(name) for name in run.namelist()]
        return [
            pd.read_parquet(io.BytesIO(content)).to_csv() if content[:4] == b"PAR1" else content.decode()
            for content in parts
        ]
    return []


def test_files_are_as_open_to_others_as_the_user_set_it(whole: Whole) -> None:
    for folder in ("open", "pooled", "compared"):
        here = whole.workplace.work / folder
        assert stat.S_IMODE(here.stat().st_mode) == 0o750
        assert {stat.S_IMODE(path.stat().st_mode) for path in here.iterdir()} == {0o640}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """What was made of input that hides values where no reader looks for them, or that is refused."""
    workplace, canaries = new_workplace(tmp_path_factory.mktemp("odd")), Canaries({LOCAL_NAME})
    work, here = workplace.work, csc_data.standard("ssda903/2025-26")
    tables = canaries.plant(here, readable=True)
    write_csv(tables, work / "good")
    write_workbook(tables, canaries, work / "book.xlsx")
    write_census(canaries, work / "census.xml")
    write_without_headers(tables, work / "headless")
    write_unreadable_rows(tables, canaries, work / "ragged")
    for name in ("odd", "one_headless"):
        (work / name).mkdir()
    for name, table in tables.items():
        table.to_csv(work / "one_headless" / f"{name}.csv", index=False, header=name != "Episodes")
    tables["Header"].to_json(work / "records.json", orient="records")
    write_joined_lines(tables, work / "joined")
    refused = write_refused(tables, canaries, work)
    site = install_pack(workplace.root / "site", "failing", FAILING_RULES)
    workplace.environment["PYTHONPATH"] = str(site)
    given = "--standard ssda903/2025-26"
    header = "good/Header.csv"
    commands = [
        f"validate book.xlsx {given} --out odd/book",
        "validate census.xml --standard cin/2025-26 --out odd/census",
        f"validate headless {given} --out odd/headless",
        f"validate one_headless {given} --out odd/one_headless",
        f"validate ragged {given} --out odd/ragged --format html,json,csv",
        f"validate joined {given} --out odd/joined",
        *(f"validate {name} {given} --out odd/{name}" for name in refused),
        *(f"validate {name} --out odd/{name}" for name in refused),
        f"validate good {given} --providers {header}",
        f"validate good {given} --providers days.csv",
        f"validate good {given} --pseudonymise {header}",
        f"validate good {given} --out odd/previous --previous-run {header}",
        f"burden return good {given} --assumptions {header}",
        f"burden return good {given} --earlier-run {header}",
        f"burden change {header}",
        "burden change records.json",
        f"compare {header} {header}",
        f"convert good {given} --to xml --out converted",
        f"convert ragged {given} --to csv --out converted",
        "convert census.xml --standard cin/2025-26 --to csv --out converted",
        "standards list",
        "standards diff cin/2024-25 cin/2025-26",
        "rules list --standard cin/2025-26",
        "items --standard cin/2025-26",
        "catalogue tables --standard cin/2025-26 --out catalogue",
        "catalogue schemas --standard cin/2025-26 --out catalogue",
        "burden standard cin/2025-26",
        "synthesise --standard cin/2025-26 --children 3 --out invented",
        "validate good --standard failing/2025-26 --only FAILS --out odd/failing",
        "validate good --standard failing/2025-26 --only STOPS --out odd/stopped",
    ]
    done = workplace.run(*commands)
    return Whole(workplace, canaries, done, dict(zip(commands, done.codes, strict=True)))


FAILING_RULES = '''
import os, signal, time
from csc_data.declare import Mask, Rows, rule

@rule("FAILS", fields=["Header.CHILD"])
def fails(header: Rows) -> Mask:
    """A rule that fails over its values.

    Why: It is a test.
    Fix: Nothing.
    """
    raise ValueError(str(header.CHILD.values) + str(header.DOB.days))

@rule("STOPS", fields=["Header.CHILD"])
def stops(header: Rows) -> Mask:
    """A rule during which the user stops the program.

    Why: It is a test.
    Fix: Nothing.
    """
    value = str(header.CHILD.values)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
'''


def write_workbook(tables: dict[str, pd.DataFrame], canaries: Canaries, path: Path) -> None:
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.keywords = canaries.unreadable()
    for name in ("Header", "Episodes"):
        sheet = book.create_sheet(name)
        for row in (list(tables[name]), *tables[name].to_numpy().tolist()):
            sheet.append(row)
        sheet["A2"].comment = Comment(canaries.unreadable(), canaries.unreadable())
        sheet.oddHeader.center.text = canaries.unreadable()
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(f"notes {state}")
        sheet.sheet_state = state
        for _ in range(3):
            sheet.append([canaries.unreadable() for _ in range(4)])
    book.save(path)


def write_census(canaries: Canaries, path: Path) -> None:
    standard = csc_data.standard("cin/2025-26")
    convert = csc_data.returns.given.read_tables(canaries.plant(standard, readable=True), standard)
    assert standard.collection.form(XmlForm) is not None
    frames = {name: table.data.to_pandas() for name, table in convert.tables.items()}
    write_xml(frames, standard.collection.form(XmlForm), path)
    text = path.read_text()
    hidden = (
        f"<!-- {canaries.unreadable()} --><?app {canaries.unreadable()}?><Note a='{canaries.unreadable()}'>"
        f"{canaries.unreadable()}<![CDATA[{canaries.unreadable()}]]></Note>{canaries.unreadable()}"
    )
    path.write_text(text.replace("<ChildIdentifiers>", f"<ChildIdentifiers who='{canaries.unreadable()}'>{hidden}"))


def write_without_headers(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    folder.mkdir()
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, header=False)


def write_unreadable_rows(tables: dict[str, pd.DataFrame], canaries: Canaries, folder: Path) -> None:
    """Rows with too many cells, too few, and a quotation mark without partner."""
    write_csv(tables, folder)
    for path in folder.iterdir():
        cells = [canaries.unreadable() for _ in range(40)]
        odd = f'{cells[0]}\n{",".join(cells[1:30])}\n"{cells[31]},{cells[32]}\n\n ,\n'
        path.write_text(path.read_text() + odd)


def write_joined_lines(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Files whose column names run on into the first row, as where a line end was lost; once with a value twice."""
    write_csv(tables, folder)
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("\n", "," if path.stem < "P" else ",01/06/2025,01/06/2025,", 1))


def write_refused(tables: dict[str, pd.DataFrame], canaries: Canaries, work: Path) -> list[str]:
    """Files that cannot be read as a return, each with canaries where the fault is."""
    first, second, third = (canaries.unreadable() for _ in range(3))
    made = {
        "twice.csv": f"{first},{second},{first}\n{third},1,2\n".encode(),
        "days.csv": b"QZ900001,01/06/2025,01/06/2025\nQZ900001,01/06/2025,02/06/2025\n",
        "other.csv": f"{first},{second}\n{third},1\n".encode(),
        "binary.csv": b"\x00\x01" * 50 + first.encode() + bytes(range(256)),
        "broken.xml": f"<Message><Header>{first}</Headre {second}='{third}'>".encode(),
        "root.xml": f"<{first}><a>{second}</a></{first}>".encode(),
        "entity.xml": f"<!DOCTYPE Message [<!ENTITY a '{first}'>]><Message>&a;{second}</Message>".encode(),
        "undefined.xml": f"<Message><Header>&{first};</Header></Message>".encode(),
        "broken.xlsx": f"PK\x03\x04{first}".encode(),
        "broken.zip": f"PK\x03\x04{second}".encode(),
        "latin.csv": f"CHILD,{first}\xe9\xff\n{second}\xe9\n".encode("latin-1"),
        "notes.docx": f"{first} {second}".encode(),
    }
    for name, content in made.items():
        (work / name).write_bytes(content)
    return list(made)


def test_a_few_events_are_not_timed_where_the_day_of_one_could_be_told() -> None:
    tables = Canaries().plant(csc_data.standard("ssda903/2025-26"), readable=True)
    for rows, shown in ((1, False), (7, True)):
        report = csc_data.validate({"Missing": tables["Missing"].iloc[:rows]}, "ssda903/2025-26")
        counts = report.burden(signed_off=dt.date(2026, 7, 1)).counts["metric"]
        assert ("R12.event" in set(counts)) == shown


def test_input_that_hides_values_or_is_refused_gives_none_away(odd: Whole) -> None:
    printed = "\n".join([*odd.done.printed, odd.done.stdout, odd.done.stderr])
    assert not odd.canaries.in_text(printed)
    leaks = odd.canaries.in_files(odd.workplace.work / "odd")
    assert not {name: here for name, here in leaks.items() if not name.endswith("issues.csv")}
    assert "Traceback" not in printed
    assert "fault in the tool" not in printed
    assert set(odd.codes.values()) == {0, 1, 2, 3}


def test_a_rule_that_fails_and_a_stop_give_nothing_away(odd: Whole) -> None:
    work = odd.workplace.work
    failed = [code for command, code in odd.codes.items() if "FAILS" in command or "STOPS" in command]
    assert failed == [3, 3]
    reason = pd.read_csv(work / "odd" / "failing" / "rules.csv").set_index("rule").loc["FAILS", "reason"]
    assert reason.startswith("ValueError in failing_pack.rules line ")
    assert not list((work / "odd").glob("stopped/*"))
