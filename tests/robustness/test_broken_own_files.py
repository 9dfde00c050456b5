"""Saved runs, lists of providers, keys, assumptions, drafts and the postcode cache, broken or meant to harm."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.commands.cli import main
from csc_data.errors import CscDataError, InputError, UsageError
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.results.runs import read_run
from csc_data.typed.rows import NotSuppliedError

STANDARD = "ssda903/2025-26"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved run."""
    path = tmp_path_factory.mktemp("run") / "run.zip"
    standard = csc_data.standard(STANDARD)
    check(faulty(STANDARD, 20), standard).save(path)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def with_members(path: Path, parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def told(arguments: list[object], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and message of the command."""
    code = main(list(map(str, arguments)))
    written = capsys.readouterr()
    assert written.out == ""
    assert "Traceback" not in written.err
    return code, written.err


# Saved runs.

NO_RUN = "is not a saved run, or it is damaged. Save one with: csc-data validate PATH --out DIR --format run"


def test_what_is_no_saved_run_is_refused_by_every_command(
    tmp_path: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = saved.read_bytes()
    broken = {
        "empty": b"",
        "garbage": bytes(range(256)) * 20,
        "a workbook": b"PK\x05\x06" + bytes(18),
        "cut off": whole[: len(whole) // 2],
        "another zip": with_members(tmp_path / "z", {"a.csv": b"a,b"}).read_bytes(),
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        for arguments in (["compare", saved, tmp_path / name], ["compare", tmp_path / name, saved]):
            code, message = told(arguments, capsys)
            assert (code, message) == (3, f"csc-data: {tmp_path / name} {NO_RUN}\n"), name
        code, message = told(
            ["validate", saved, "--previous-run", tmp_path / name, "--out", tmp_path / "out", "--standard", STANDARD],
            capsys,
        )
        assert (code, message) == (3, f"csc-data: {tmp_path / name} {NO_RUN}\n")
        assert not (tmp_path / "out").exists()


def test_a_folder_a_pipe_and_nothing_are_no_saved_run(
    tmp_path: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (
        ("nothing", "there is no such file or folder"),
        (".", "this is a folder, not a file"),
        ("pipe", "this is a pipe"),
    ):
        code, message = told(["compare", saved, tmp_path / name], capsys)
        assert code == 3
        assert why in message


def test_a_run_of_another_version_says_so(tmp_path: Path, saved: Path) -> None:
    parts = members(saved)
    parts["run.json"] = parts["run.json"].replace(b"csc-data run 2", b"csc-data run 7")
    with pytest.raises(
        InputError, match=r"saved by another version of csc-data\. Save both runs with the same version"
    ):
        read_run(with_members(tmp_path / "r.zip", parts))


JSON_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list": lambda _: [],
    "a text": lambda _: "csc-data run 2",
    "nothing": lambda _: {},
    "summary": lambda outline: outline | {"summary": []},
    "no period": lambda outline: outline | {"summary": {**outline["summary"], "period": None}},
    "authority": lambda outline: outline | {"summary": {**outline["summary"], "authority": "x"}},
    "inputs": lambda outline: outline | {"summary": {**outline["summary"], "inputs": [{"return": 1}]}},
    "tables": lambda outline: outline | {"tables": {"Header": {"key": "CHILD", "rows": 1}}},
    "rows": lambda outline: outline | {"tables": {"Header": {"key": ["CHILD"], "rows": 10**400}}},
    "another table": lambda outline: outline | {"tables": {"../../etc": {"key": [], "rows": 0}}},
    "no tables": lambda outline: outline | {"tables": {}},
    "child": lambda outline: outline | {"child": 5},
    "not a number": lambda outline: outline | {"key_id": float("nan")},
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_an_outline_edited_by_hand_is_refused(tmp_path: Path, saved: Path, fault: str) -> None:
    parts = members(saved)
    parts["run.json"] = json.dumps(JSON_FAULTS[fault](json.loads(parts["run.json"]))).encode()
    with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
        read_run(with_members(tmp_path / "r.zip", parts))


@pytest.mark.parametrize(
    "text",
    [b"[" * 1_000_000, b'{"a":' * 1_000_000, b"9" * 1_000_000, b"\xff\xfe", b'{"format": "\\ud800"}', b"NaN", b""],
)
def test_json_that_means_harm_is_refused(tmp_path: Path, saved: Path, text: bytes) -> None:
    path = with_members(tmp_path / "r.zip", members(saved) | {"run.json": text})
    with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
        read_run(path)


def test_tables_of_a_run_must_fit_one_another(tmp_path: Path, saved: Path) -> None:
    parts = members(saved)
    issues = pq.read_table(io.BytesIO(parts["issues.parquet"]))
    rules = pq.read_table(io.BytesIO(parts["rules.parquet"]))
    header = pq.read_table(io.BytesIO(parts["records/Header.parquet"]))

    def put(table: pa.Table, name: str, values: object) -> pa.Table:
        return table.set_column(table.column_names.index(name), name, pa.array(values))

    wrong = {
        "issues.parquet": [
            put(issues, "row", [10**9] * len(issues)),
            put(issues, "row", [-1] * len(issues)),
            put(issues, "row", ["x"] * len(issues)),
            put(issues, "row", [None] * len(issues)),
            put(issues, "table", ["Nothing"] * len(issues)),
            put(issues, "rule", ["999"] * len(issues)),
            put(issues, "child", [[1]] * len(issues)),
            issues.drop_columns("file"),
        ],
        "rules.parquet": [
            put(rules, "status", ["fine"] * len(rules)),
            put(rules, "issues", ["many"] * len(rules)),
            pa.concat_tables([rules, rules]),
            rules.slice(0, 3),
        ],
        "records/Header.parquet": [
            header.slice(1),
            header.drop_columns("child"),
            put(header, "line", [1.5] * len(header)),
            put(header, "item.SEX", ["M"] * len(header)),
            put(header, "item.SEX", pa.array([None] * len(header), pa.uint64())),
            put(header, "child", [{"a": 1}] * len(header)),
        ],
    }
    for name, tables in wrong.items():
        for number, table in enumerate(tables):
            path = with_members(tmp_path / "r.zip", parts | {name: parquet(table)})
            with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
                read_run(path)
                pytest.fail(f"{name} {number}")


def test_a_run_with_any_byte_changed_is_compared_or_refused(tmp_path: Path, saved: Path) -> None:
    draw = random.Random(3)
    parts = members(saved)
    before = read_run(saved)
    for number in range(15):
        name = draw.choice(["run.json", "issues.parquet", "rules.parquet", "records/Header.parquet"])
        content = bytearray(parts[name])
        for _ in range(draw.choice((1, 3))):
            content[draw.randrange(len(content))] = draw.choice((0, 255, draw.randrange(256)))
        path = with_members(tmp_path / f"{number}.zip", parts | {name: bytes(content)})
        try:
            csc_data.compare(before, path)
        except CscDataError as error:
            assert error.exit_code in (2, 3)
            assert type(error) in (InputError, UsageError), error


def test_bombs_in_a_run_do_not_go_off(tmp_path: Path, saved: Path) -> None:
    parts = members(saved)
    rows = 6_000_000
    long = pa.DictionaryArray.from_arrays(np.zeros(200_000, dtype=np.int32), pa.array(["x" * 1_000_000]))
    issues = pq.read_table(io.BytesIO(parts["issues.parquet"]))
    many = pa.table({"line": np.zeros(rows, dtype=np.int64), "child": pa.nulls(rows, pa.string())})
    texts = pa.table(
        {
            column_name: long if column_name == "file" else np.zeros(len(long), dtype=np.int64)
            for column_name in issues.column_names
        }
    )
    bombs = {
        "rows.zip": parts | {"records/Header.parquet": parquet(many, compression="zstd")},
        "texts.zip": parts | {"issues.parquet": parquet(texts, compression="zstd")},
    }
    for name, content in bombs.items():
        with_members(tmp_path / name, content)
    with_members(tmp_path / "packed.zip", parts | {"run.json": b" " * 300_000_000}, zipfile.ZIP_DEFLATED)
    code = (
        "import sys, resource, pathlib\n"
        "from csc_data.files import limits; limits.RUN_VALUES = 10_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from csc_data.results.runs import read_run\n"
        "from csc_data.errors import InputError\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try: read_run(path)\n"
        "    except InputError as error: print(path.name, 'is not a saved run' in str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["packed.zip", "True", "rows.zip", "True", "texts.zip", "True"], done.stderr


def test_a_run_without_any_issue_is_read(tmp_path: Path) -> None:
    standard = csc_data.standard(STANDARD)
    report = csc_data.validate({"Header": pd.DataFrame({"CHILD": ["1"], "SEX": ["M"]})}, standard, only=["101"])
    report.save(tmp_path / "r.zip")
    run = read_run(tmp_path / "r.zip")
    assert run.issues.empty
    assert csc_data.compare(run, run).rules["remaining"].sum() == 0


# Lists of providers.

LIST = "URN,Provider type,Placement code,Placement provider code,Deregistration date\n"
ENTRIES = "SC1,Children's home,K2,PR4,\nSC2,Fostering agency,U1,PR4,31/03/2024\n"


def providers(path: Path, content: str | bytes) -> Providers:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Providers.read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"PK\x03\x04" + bytes(100), "the workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "the workbook is damaged"),
        (b"<!DOCTYPE html><html>Please log in</html>", "it is a web page or XML, no list"),
        (b"a,b\n1,2\n", "no sheet has a column URN with placement or provider details"),
        (b"\x00\x01\x02" * 100, "a binary or damaged file"),
        ((LIST + ENTRIES).encode() + b"\xff\xfe" * 10, None),
    ],
)
def test_a_broken_list_of_providers_is_refused(
    tmp_path: Path, content: bytes, message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending in ("csv", "xlsx"):
        path = tmp_path / f"list.{ending}"
        path.write_bytes(content)
        if message is None:
            Providers.read(path)
            continue
        header = tmp_path / "header.csv"
        header.write_text("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n")
        code, written = told(["validate", header, "--standard", STANDARD, "--providers", path], capsys)
        assert code == 3
        assert written.startswith(f"csc-data: The lists of providers cannot be read:\n  {path}: ")
        assert message in written


def test_a_list_of_providers_that_is_a_pipe_or_not_there_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="this is a pipe"):
        Providers.read(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="there is no such file or folder"):
        Providers.read(tmp_path / "none.csv")


def test_what_is_tolerated_in_a_list_of_providers_is_told_in_the_report(tmp_path: Path) -> None:
    lines = f"{LIST}{ENTRIES}SC3,Home,H5,PR4,2024-03-31\nSC4,Home,H5,PR4,soon\n,Home,H5,PR4,\nSC5,Home,H5,PR4,,,,\n"
    given = providers(tmp_path / "list.csv", lines)
    assert given.entries["urn"].tolist() == ["SC1", "SC2", "SC3", "SC4"]
    assert given.entries["closed"].notna().tolist() == [False, True, False, False]
    messages = [note.message for note in given.notes]
    assert messages == [
        "entries that could not be read, so that their providers are not known: 1, at line 7",
        "closing dates that cannot be read (dd/mm/yyyy is expected), so that the provider counts as open: 2, at line 4, 5",
        "rows without a URN, passed over: 1, at line 6",
    ]
    report = csc_data.validate(
        {"Header": pd.DataFrame({"CHILD": ["1"]})}, STANDARD, providers=tmp_path / "list.csv", only=["101"]
    )
    assert [note.message for note in report.ret.supplied.notes if note.kind == "provider list"] == messages


def test_a_workbook_of_providers_with_formulas_without_a_result_is_refused(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for row in (LIST + ENTRIES).splitlines():
        made.active.append(row.split(","))
    made.active["E3"] = "=TODAY()"
    made.save(tmp_path / "list.xlsx")
    with pytest.raises(InputError, match=r"list\.xlsx \[Sheet\]: formulas without a stored result in E3"):
        Providers.read(tmp_path / "list.xlsx")


# Files that a user writes by hand.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.toml", b"A5 = " + b"[" * 100_000, "deep within one another"),
        ("a.toml", b"A5." + b"a." * 50_000 + b"a = 1", "a name of a line has more than 1000 parts"),
        ("a.toml", b"[A5" + b".a" * 900 + b"]", "deep within one another"),
        ("a.toml", b"A5 = " + b"9" * 10_000, "a number is too long"),
        ("a.toml", b"A5 = " + b"9" * 4000, "is not a number"),
        ("a.toml", b"A5 = nan", "is not a number from 0 up"),
        ("a.toml", b"A5 = 1e999", "is not a number from 0 up"),
        ("a.toml", b"A5 = 1\nA5 = 2", "is not TOML"),
        ("a.toml", b"A5 = {low = {a = 1}}", "is not a number"),
        ("a.toml", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("a.toml", b"#" * 2_000_000, "at most 1 MiB are read"),
        ("a.csv", b"id,low\nA5," + b"9" * 200_000, "is not"),
        ("a.csv", b"id,low,id\nA5,1,2\n", ""),
        ("a.csv", b"\x00\x00", "needs a header with id"),
    ],
)
def test_assumptions_that_cannot_be_used_are_refused(
    tmp_path: Path, name: str, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    code, written = told(["burden", "standard", STANDARD, "--assumptions", tmp_path / name], capsys)
    assert code == 2
    assert message in written
    assert len(written) < 1000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("d.json", b"[" * 100_000, "is no draft written as JSON: lists or tables stand more than 30 deep"),
        ("d.json", b'{"a":' * 100_000, "deep within one another"),
        ("d.json", b"[" * 60 + b"]" * 60, "deep within one another"),
        ("d.json", b'{"title": ' + b"9" * 10_000 + b"}", "a number is too long"),
        ("d.json", b"null", "This is no draft of a standard"),
        ("d.json", b'{"title": NaN, "base": 1}', "The draft does not follow its schema"),
        (
            "d.json",
            b"{" + b",".join(b'"k%d": 1' % i for i in range(5000)) + b"}",
            "The draft does not follow its schema",
        ),
        (
            "d.json",
            b'{"title": "' + b"x" * 500_000 + b'", "base": "\\u001b[31m"}',
            "The draft does not follow its schema",
        ),
        ("d.toml", b"a.a.a = 1\n" + b"[[x.x]]\n" * 10_000, "The draft does not follow its schema"),
        ("d.toml", b"\x1b[31m", "is no draft written as TOML"),
    ],
)
def test_drafts_that_cannot_be_used_are_refused(
    tmp_path: Path, name: str, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    code, written = told(["burden", "change", tmp_path / name], capsys)
    assert code == 2
    assert message in written
    assert "\x1b" not in written
    assert len(written) < 8000


def test_pipes_and_folders_are_no_own_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    header = tmp_path / "header.csv"
    header.write_text("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n")
    for path, why in ((tmp_path / "pipe", "this is a pipe"), (tmp_path, "this is a folder, not a file")):
        for arguments in (
            ["burden", "standard", STANDARD, "--assumptions", path],
            ["burden", "change", path],
            ["validate", header, "--standard", STANDARD, "--pseudonymise", path],
        ):
            code, written = told(arguments, capsys)
            assert code == 2
            assert why in written


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The key must be one line of 32 to 4,096"),
        (b"k3y" * 10_000, "at most 9.8 KiB are read"),
        (b"\x00" * 64, "a damaged file"),
        (b"a" * 64, "The key must be one line"),
        (b"secret key of mine\nand more of it than one line", "The key must be one line"),
        (b"PK\x03\x04" + b"secret", "a zip archive"),
    ],
)
def test_a_bad_key_is_refused_and_never_shown(
    tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key").write_bytes(content)
    header = tmp_path / "header.csv"
    header.write_text("CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n")
    code, written = told(["validate", header, "--standard", STANDARD, "--pseudonymise", tmp_path / "key"], capsys)
    assert code == 2
    assert message in written
    assert "secret key" not in written
    assert "k3y" not in written


# The postcode cache.


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A directory of one postcode in place of the installed one; counts how often it is built."""
    frame = pd.DataFrame({"postcode": ["AA1 1AA"], "district": ["E1"], "easting": [1.0], "northing": [2.0]})
    table, built = Postcodes.from_frame(frame)._table, list[int]()

    def build(*_: object) -> pa.Table:
        built.append(1)
        return table

    monkeypatch.setattr("csc_data.reference.postcodes._build", build)
    return built


def cached(folder: Path) -> Path:
    """The cache, built."""
    Postcodes.default(folder=folder)
    (path,) = folder.iterdir()
    return path


def answers(folder: Path) -> bool:
    return bool(Postcodes.default(folder=folder).look_up(["AA11AA"]).known.all())


def test_a_whole_cache_is_used(tmp_path: Path, small: list[int]) -> None:
    cached(tmp_path)
    assert answers(tmp_path)
    assert len(small) == 1


BROKEN_CACHES: dict[str, Callable[[Path], object]] = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "grown": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"ARROW1\0\0" + b"\xff" * 5000),
    "changed within": lambda path: path.write_bytes(path.read_bytes().replace(b"AA11AA", b"ZZ99ZZ")),
    "of another form": lambda path: pq.write_table(pa.table({"key": ["AA11AA"]}), path),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a link": lambda path: (path.rename(path.with_name("x")), path.symlink_to(path.with_name("x"))),
    "a link to itself": lambda path: (path.unlink(), path.symlink_to(path)),
    "writable for all": lambda path: path.chmod(0o666),
}


@pytest.mark.parametrize("fault", BROKEN_CACHES)
def test_a_cache_that_is_not_as_it_was_made_is_built_again(tmp_path: Path, small: list[int], fault: str) -> None:
    path = cached(tmp_path)
    BROKEN_CACHES[fault](path)
    assert answers(tmp_path)
    assert len(small) == 2
    assert answers(tmp_path)
    assert len(small) == 2, "and kept"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_cache_of_the_right_time_but_another_form_is_built_again(tmp_path: Path, small: list[int]) -> None:
    path = cached(tmp_path)
    table = pa.ipc.open_file(path.read_bytes()).read_all()
    others = [
        table.drop_columns("district"),
        pa.concat_tables([table, table]),
        table.rename_columns(["a", "b", "c", "d"]),
    ]
    others.append(table.set_column(1, "district", pa.array(["E1"])))
    made = path.stat().st_mtime_ns
    for built, other in enumerate(others, start=2):
        with pa.ipc.new_file(str(path), other.schema) as file:
            file.write_table(other)
        os.utime(path, ns=(made, made))
        assert answers(tmp_path)
        assert len(small) == built


def test_a_cache_that_cannot_be_kept_is_done_without_and_told(tmp_path: Path, small: list[int]) -> None:
    path = cached(tmp_path)
    path.unlink()
    path.mkdir()
    (path / "x").write_text("")
    seen: list[str] = []
    directory = Postcodes.default(lambda _, __, what: seen.append(what), folder=tmp_path)
    assert directory.look_up(["AA11AA"]).known.all()
    assert f"the postcode directory cannot be kept in {tmp_path}: it is built anew" in seen
    assert [path.name for path in tmp_path.iterdir()] == [path.name]
    assert len(small) == 2


def test_another_user_cannot_put_a_cache_there_nor_read_the_folder(
    tmp_path: Path, small: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new" / "cache"
    path = cached(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    else:
        another = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: another)
    assert answers(folder)
    assert len(small) == 2
    assert path.stat().st_uid == os.getuid()


def test_a_directory_damaged_in_memory_is_told_not_used() -> None:
    frame = pd.DataFrame({"postcode": ["AA1 1AA"], "district": ["E1"], "easting": [1.0], "northing": [2.0]})
    table = Postcodes.from_frame(frame)._table
    beyond = pa.DictionaryArray.from_arrays(pa.array([7], pa.int32()), pa.array(["E1"]), safe=False)
    damaged = Postcodes(table.set_column(1, "district", beyond), "test")
    with pytest.raises(NotSuppliedError, match="the postcode directory is damaged"):
        damaged.look_up(["AA11AA"])
