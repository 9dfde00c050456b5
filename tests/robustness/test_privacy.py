"""No value of a record is in anything that is written or printed, but for the outputs documented to name children."""

from __future__ import annotations

import base64
import gzip
import io
import os
import stat
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.canaries import Canaries, unfolded, write_csv
from support.watched import Watched, watch

import csc_data
from csc_data.commands.validate import FORMATS
from csc_data.reference.postcodes import Postcodes, cache_folder

ALL = ",".join(FORMATS)
KEY = "keycanary9d4f0b7e2a6c8135keycanary"
LOCAL_NAME = "canary999999"
"""Name of the user, and of the home folder."""

STANDARDS = ["ssda903/2025-26", "cin/2025-26"]
LIBRARIES = {
    *(Path(one).resolve() for one in (sys.prefix, sys.base_prefix, Path(csc_data.__file__).parents[1], *sys.path)),
    *map(Path, ("/usr", "/etc", "/proc", "/sys", "/dev")),
}
"""Where programs, their libraries and the facts of the system are read from."""


@dataclass
class Place:
    """A folder to work in, with a home, a place for temporary files and a cache of its own."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        return self.root / "work"

    def run(self, *commands: str, umask: int = 0o022) -> Watched:
        """Run commands; no connection is tried, and nothing is touched but what they name and the cache of postcodes."""
        before = self._cached()
        done = watch([one.split() for one in commands], self.work, self.environment, umask)
        named = {self.work / word for one in commands for word in one.split()}
        named |= {one.parent for one in named if one.suffix == ".json"}
        assert done.outside == []
        assert not strange(done.changed, named)
        assert not strange(done.read, {*named, *LIBRARIES, self.root / "cache"})
        assert self._cached() == before
        assert not [*(self.root / "tmp").iterdir(), *(self.root / LOCAL_NAME).iterdir()]
        return done

    def _cached(self) -> list[tuple[str, int, int]]:
        entries = (self.root / "cache").iterdir()
        return sorted((one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in entries)


def strange(touched: set[Path], expected: set[Path]) -> list[Path]:
    """The files outside the places expected; those in which Python keeps compiled code aside."""
    found = (one for one in touched if "__pycache__" not in one.parts and one != Path(os.devnull))
    return sorted(one for one in found if not expected & {one, *one.parents, *one.resolve().parents})


def new_place(root: Path) -> Place:
    """A place whose cache holds the postcode directory ready made."""
    Postcodes.default()
    for name in ("work", "tmp", "cache", LOCAL_NAME):
        (root / name).mkdir()
    for one in cache_folder().glob("*.arrow"):
        (root / "cache" / one.name).symlink_to(one)
    home = str(root / LOCAL_NAME)
    return Place(root, {"HOME": home, "XDG_CACHE_HOME": home, "USER": LOCAL_NAME, "LOGNAME": LOCAL_NAME,
                        "TMPDIR": str(root / "tmp"), "CSC_DATA_CACHE": str(root / "cache")})  # fmt: skip


@dataclass
class Whole:
    """A return with a canary in every cell, and everything that was made of it."""

    place: Place
    canaries: Canaries
    done: Watched


@pytest.fixture(scope="module", params=STANDARDS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    place, canaries = new_place(tmp_path_factory.mktemp("canaries")), Canaries({LOCAL_NAME})
    standard = csc_data.standard(request.param)
    for name, readable in (("readable", True), ("unreadable", False)):
        write_csv(canaries.plant(standard, readable=readable), place.work / name)
        last_year = csc_data.standard(f"{standard.collection.id}/2024-25")
        write_csv(canaries.plant(last_year, readable=readable, years_back=1), place.work / f"{name}_last")
    (place.work / "key.txt").write_text(KEY)
    given = f"--standard {standard.id} --authority Barnet"
    done = place.run(
        f"validate readable {given} --previous readable_last --out open --format {ALL} --timings",
        f"validate readable {given} --json",
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
    assert done.codes == [1, 1, 1, 0, 0, 0, 3, 1, 1]
    return Whole(place, canaries, done)


def test_the_search_finds_a_canary_however_it_is_wrapped_up(tmp_path: Path) -> None:
    canaries = Canaries({"canary000001", "qz900002", "qx12ab"}, {"2011-03-17"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inner.gz", gzip.compress(b"Canary000001"))
    pd.DataFrame({"day": pd.to_datetime(["2011-03-17"])}).to_parquet(tmp_path / "a.parquet")
    for name, content, found in (
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
        assert canaries.in_bytes(name, content) == {found}, name
    assert not canaries.in_bytes("other", b"CANARY000002 17/03/2012 QX1 2AC")


def test_nothing_printed_holds_a_value(whole: Whole) -> None:
    printed = [*whole.done.printed[:6], *whole.done.printed[7:]]
    assert all(len(one) > 100 for one in (*printed[:4], *printed[5:]))
    assert not whole.canaries.in_text("\n".join([*printed, whole.done.stdout, whole.done.stderr]))


def test_only_the_documented_files_name_children_and_nothing_else(whole: Whole) -> None:
    allowed = {"issues.csv", "issues.parquet", "report.xlsx", "run.zip", "compared_children.csv", "compared_issues.csv",
               "compared_records.csv"}  # fmt: skip
    for folder in ("open", "unread", "compared", "pooled"):
        found = whole.canaries.in_files(whole.place.work / folder)
        assert set(found) <= allowed
        for name, here in found.items():
            assert here <= whole.canaries.children or name == "report.xlsx"
    assert {one.name for one in (whole.place.work / "open").iterdir()} >= {"report.html", "report.json", "rules.csv"}


def test_only_the_documented_columns_name_children(whole: Whole) -> None:
    for folder in ("open", "unread"):
        for form, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
            issues = read(whole.place.work / folder / f"issues.{form}")
            assert len(issues) > 50
            assert not whole.canaries.in_text(issues.drop(columns="child").to_csv())
    changed = pd.read_csv(whole.place.work / "compared" / "compared_children.csv")
    assert not whole.canaries.in_text(changed.drop(columns="child").to_csv())


def test_a_table_of_issues_names_no_child_without_an_issue(tmp_path: Path) -> None:
    standard = csc_data.standard("ssda903/2025-26")
    drawn = standard.collection.draw(standard, 20, 1)
    header = drawn.tables["Header"].assign(SEX=lambda one: one["SEX"].where(one.index != 3, "X"))
    report = csc_data.validate({**drawn.tables, "Header": header}, standard)
    report.to_parquet(tmp_path)
    concerned = set(report.issues["child"].astype(str))
    assert header["CHILD"][3] in concerned
    text = "\n".join(unfolded("issues.parquet", (tmp_path / "issues.parquet").read_bytes()))
    assert {one for one in header["CHILD"] if one in text} == concerned < set(header["CHILD"])


def test_a_workbook_holds_values_of_flagged_cells_and_children_in_their_columns_alone(whole: Whole) -> None:
    for folder in ("open", "unread"):
        path = whole.place.work / folder / "report.xlsx"
        named = set()
        for sheet in openpyxl.load_workbook(path):
            rows = list(sheet.iter_rows(values_only=True))
            for header, *cells in zip(*rows, strict=True):
                if whole.canaries.in_text(" ".join(map(str, cells))):
                    named.add((sheet.title, header))
        assert named == {("Issues", "Child"), ("Issues", "Values"), ("Children", "Child")}
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                if "sharedStrings" not in name and "worksheets/sheet" not in name:
                    assert not whole.canaries.in_bytes(name, packed.read(name)), name


def test_pseudonymised_outputs_name_nobody_in_any_form(whole: Whole) -> None:
    canaries = whole.canaries
    secret = canaries.hashes() | {KEY, base64.b64encode(KEY.encode()).decode().rstrip("="), KEY.encode().hex()}
    printed = "\n".join(whole.done.printed[6:])
    assert len(canaries.identifiers) > 40
    found = canaries.in_files(whole.place.work / "closed")
    assert {"report.html", "report.xlsx"} <= set(found), "values other than identifiers are shown where asked for"
    assert not {one for here in found.values() for one in here} & canaries.identifiers
    assert not canaries.in_text(printed) & canaries.identifiers
    for path in (one for one in (whole.place.work / "closed").rglob("*") if one.is_file()):
        for text in (path.read_bytes().decode("latin-1"), *unpacked(path)):
            assert not {one for one in secret if one in text}, path.name
    assert not canaries.in_files(whole.place.work / "closed" / "default").keys() - {"issues.csv"}


def unpacked(path: Path) -> list[str]:
    """The tables of a file as text, numbers in full."""
    if path.suffix == ".parquet":
        return [pd.read_parquet(path).to_csv()]
    if path.name == "run.zip":
        with zipfile.ZipFile(path) as run:
            parts = [run.read(name) for name in run.namelist()]
        return [pd.read_parquet(io.BytesIO(one)).to_csv() if one[:4] == b"PAR1" else one.decode() for one in parts]
    return []


def test_files_are_as_open_to_others_as_the_user_set_it(whole: Whole) -> None:
    for folder in ("open", "pooled", "compared"):
        here = whole.place.work / folder
        assert stat.S_IMODE(here.stat().st_mode) == 0o750
        assert {stat.S_IMODE(one.stat().st_mode) for one in here.iterdir()} == {0o640}
