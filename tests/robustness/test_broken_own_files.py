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
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.analysis.runs import read_run
from csc_data.cli import main
from csc_data.errors import CscDataError, InputError, UsageError

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


def with_members(path: Path, found: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, content in found.items():
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
    found = members(saved)
    found["run.json"] = found["run.json"].replace(b"csc-data run 1", b"csc-data run 7")
    with pytest.raises(
        InputError, match=r"saved by another version of csc-data\. Save both runs with the same version"
    ):
        read_run(with_members(tmp_path / "r.zip", found))


JSON_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list": lambda _: [],
    "a text": lambda _: "csc-data run 1",
    "nothing": lambda _: {},
    "summary": lambda one: one | {"summary": []},
    "no period": lambda one: one | {"summary": {**one["summary"], "period": None}},
    "authority": lambda one: one | {"summary": {**one["summary"], "authority": "x"}},
    "inputs": lambda one: one | {"summary": {**one["summary"], "inputs": [{"return": 1}]}},
    "tables": lambda one: one | {"tables": {"Header": {"key": "CHILD", "rows": 1}}},
    "rows": lambda one: one | {"tables": {"Header": {"key": ["CHILD"], "rows": 10**400}}},
    "another table": lambda one: one | {"tables": {"../../etc": {"key": [], "rows": 0}}},
    "no tables": lambda one: one | {"tables": {}},
    "child": lambda one: one | {"child": 5},
    "not a number": lambda one: one | {"key_id": float("nan")},
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_an_outline_edited_by_hand_is_refused(tmp_path: Path, saved: Path, fault: str) -> None:
    found = members(saved)
    found["run.json"] = json.dumps(JSON_FAULTS[fault](json.loads(found["run.json"]))).encode()
    with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
        read_run(with_members(tmp_path / "r.zip", found))


@pytest.mark.parametrize(
    "text",
    [b"[" * 1_000_000, b'{"a":' * 1_000_000, b"9" * 1_000_000, b"\xff\xfe", b'{"format": "\\ud800"}', b"NaN", b""],
)
def test_json_that_means_harm_is_refused(tmp_path: Path, saved: Path, text: bytes) -> None:
    path = with_members(tmp_path / "r.zip", members(saved) | {"run.json": text})
    with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
        read_run(path)


def test_tables_of_a_run_must_fit_one_another(tmp_path: Path, saved: Path) -> None:
    found = members(saved)
    issues = pq.read_table(io.BytesIO(found["issues.parquet"]))
    rules = pq.read_table(io.BytesIO(found["rules.parquet"]))
    header = pq.read_table(io.BytesIO(found["records/Header.parquet"]))

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
            path = with_members(tmp_path / "r.zip", found | {name: parquet(table)})
            with pytest.raises(InputError, match="is not a saved run, or it is damaged"):
                read_run(path)
                pytest.fail(f"{name} {number}")


def test_a_run_with_any_byte_changed_is_compared_or_refused(tmp_path: Path, saved: Path) -> None:
    draw = random.Random(3)
    found = members(saved)
    before = read_run(saved)
    for number in range(15):
        name = draw.choice(["run.json", "issues.parquet", "rules.parquet", "records/Header.parquet"])
        content = bytearray(found[name])
        for _ in range(draw.choice((1, 3))):
            content[draw.randrange(len(content))] = draw.choice((0, 255, draw.randrange(256)))
        path = with_members(tmp_path / f"{number}.zip", found | {name: bytes(content)})
        try:
            csc_data.compare(before, path)
        except CscDataError as error:
            assert error.exit_code in (2, 3)
            assert type(error) in (InputError, UsageError), error


def test_bombs_in_a_run_do_not_go_off(tmp_path: Path, saved: Path) -> None:
    found = members(saved)
    rows = 6_000_000
    long = pa.DictionaryArray.from_arrays(np.zeros(200_000, dtype=np.int32), pa.array(["x" * 1_000_000]))
    issues = pq.read_table(io.BytesIO(found["issues.parquet"]))
    many = pa.table({"line": np.zeros(rows, dtype=np.int64), "child": pa.nulls(rows, pa.string())})
    texts = pa.table(
        {one: long if one == "file" else np.zeros(len(long), dtype=np.int64) for one in issues.column_names}
    )
    bombs = {
        "rows.zip": found | {"records/Header.parquet": parquet(many, compression="zstd")},
        "texts.zip": found | {"issues.parquet": parquet(texts, compression="zstd")},
    }
    for name, content in bombs.items():
        with_members(tmp_path / name, content)
    with_members(tmp_path / "packed.zip", found | {"run.json": b" " * 300_000_000}, zipfile.ZIP_DEFLATED)
    code = (
        "import sys, resource, pathlib\n"
        "from csc_data.reading import limits; limits.RUN_VALUES = 10_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "from csc_data.analysis.runs import read_run\n"
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
