"""Many submissions: each gets its row and its receipt, and what nobody can know is not guessed."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from support.submissions import (
    CARE,
    DAMAGES,
    NEED,
    Listed,
    codes,
    drawn,
    remembered,
    renamed,
    truncated_zip,
    write_manifest,
    write_sound,
    write_tables,
    write_zip,
)

from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.store.batch import Run, batch
from csc_data.store.columns import PARTS
from csc_data.store.executors import serial
from csc_data.store.layout import Store
from csc_data.store.parts import hash_of_parts
from csc_data.store.receipt import Receipt, read_receipt, receipt_schema

KEY = "0123456789abcdef0123456789abcdef"
BARNET = "E09000003"


def run_of(lines: list[Listed], folder: Path, store: Path, **options: object) -> Run:
    return batch(write_manifest(lines, folder / "manifest.csv"), store, executor=remembered, **options)  # type: ignore[arg-type]


def receipts_of(store: Path) -> list[Receipt]:
    return [read_receipt(path) for path in Store.open(store).receipts()]


def parts_of(store: Path, receipt: str) -> Path:
    (folder,) = store.glob(f"runs/*/*/*/*/receipt={receipt}")
    return folder


def test_every_damaged_submission_has_its_row_with_the_reason_and_the_others_are_checked(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    lines = [damage(given, code) for damage, code in zip(DAMAGES, codes(), strict=False)]
    lines += [write_sound(given, number, codes()[20 + number], 20) for number in range(2)]
    run = run_of(lines, given, tmp_path / "store")
    rows = {row.name: row for row in run.rows}
    assert len(rows) == len(lines)
    for line in lines:
        row = rows[line.path]
        outcome = row.verdict if row.status == "checked" else row.status
        assert outcome == line.outcome, line.path
        assert line.words in row.reasons[0], line.path
        assert "Traceback" not in row.reasons[0]
    validator = Draft202012Validator(receipt_schema())
    for path in (tmp_path / "store").rglob("receipt.json"):
        content = path.read_bytes()
        assert validator.is_valid(json.loads(content))
        assert read_receipt(path).content() == content
    assert not list((tmp_path / "store").rglob("*.part"))
    assert not (tmp_path / "store" / "staging").exists()


def test_the_parts_are_of_the_columns_that_are_said_and_the_receipt_is_bound_to_them(tmp_path: Path) -> None:
    given = tmp_path / "given"
    line = write_sound(given, 1, BARNET, 30)
    run_of([line], given, tmp_path / "store")
    (receipt,) = receipts_of(tmp_path / "store")
    folder = parts_of(tmp_path / "store", receipt.receipt)
    parts = {f"{name}.parquet": (folder / f"{name}.parquet").read_bytes() for name in PARTS}
    assert receipt.sha256_of_results == hash_of_parts(parts)
    tables = {name: pq.read_table(io.BytesIO(parts[f"{name}.parquet"])) for name in PARTS}
    for name, columns in PARTS.items():
        assert tables[name].schema == columns.schema
        assert set(tables[name].column("receipt").to_pylist()) <= {receipt.receipt}
    rules = tables["rules"].to_pandas().set_index("rule")
    assert rules.loc["142", "rows_failed"] == 2
    assert rules.loc["142", "children_failed"] == 2
    assert rules.loc["142", "children_checked"] <= receipt.counts.children
    skipped = rules[rules["status"] == "skipped"]
    assert len(skipped) == receipt.counts.skipped
    assert skipped["rows_checked"].isna().all()
    assert skipped["reason"].str.len().min() > 0
    items = tables["items"].to_pandas().set_index(["table", "item"])
    assert items.loc[("Header", "SEX"), "invalid"] + items.loc[("Header", "SEX"), "missing"] == 1
    assert (
        items.loc[("Header", "DOB"), "rows"] == receipt.files[[f.name for f in receipt.files].index("Header.csv")].rows
    )
    figures = tables["indicators"].to_pandas()
    assert (figures["status"] == "computed").any()
    assert figures["indicator"].is_unique


def test_nothing_that_identifies_a_child_is_in_receipts_and_parts(tmp_path: Path) -> None:
    given, (tables, _) = tmp_path / "given", drawn(CARE, 20)
    write_tables(renamed(tables, "CHILD", "SECRET"), given / "one")
    key = tmp_path / "key"
    key.write_text(KEY)
    lines = [Listed("one", BARNET, *CARE.split("/"))]
    run_of(lines, given, tmp_path / "store", key=key, keep_originals=False)
    kept = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    decoded = [
        pq.read_table(path, partitioning=None).to_pandas().to_csv() if path.suffix == ".parquet" else path.read_text()
        for path in kept
    ]
    assert not [path for path, text in zip(kept, decoded, strict=True) if "SECRET" in text or KEY in text]
    (receipt,) = receipts_of(tmp_path / "store")
    issues = pq.read_table(
        parts_of(tmp_path / "store", receipt.receipt) / "issues.parquet", partitioning=None
    ).to_pandas()
    of_children = issues[issues["child"].notna()]
    assert len(of_children) > 0
    assert of_children["child"].str.fullmatch("[A-Z2-7]{16}").all()
    assert issues["key"].str.fullmatch("[A-Z2-7]{16}").all()


def test_the_key_of_an_issue_is_the_same_in_another_submission(tmp_path: Path) -> None:
    given, (tables, _) = tmp_path / "given", drawn(CARE, 30)
    write_tables(tables, given / "first")
    header = tables["Header"]
    write_tables({**tables, "Header": header.sample(frac=1, random_state=1)}, given / "second")
    key = tmp_path / "key"
    key.write_text(KEY)
    lines = [
        Listed(name, BARNET, *CARE.split("/"), received=f"2026-05-0{day}")
        for day, name in ((4, "first"), (5, "second"))
    ]
    run_of(lines, given, tmp_path / "store", key=key)
    keys = []
    for receipt in receipts_of(tmp_path / "store"):
        folder = parts_of(tmp_path / "store", receipt.receipt)
        keys.append(sorted(pq.read_table(folder / "issues.parquet", partitioning=None).column("key").to_pylist()))
    assert keys[0] == keys[1]
    other = tmp_path / "other"
    other.write_text(KEY[::-1])
    with pytest.raises(UsageError, match="another key"):
        run_of(lines, given, tmp_path / "store", key=other)
    with pytest.raises(UsageError, match="another key"):
        run_of(lines, given, tmp_path / "store")


def test_the_same_bytes_have_the_same_receipt_and_no_second_run(tmp_path: Path) -> None:
    given = tmp_path / "given"
    first = write_sound(given, 1, BARNET, 20)
    run = run_of([first], given, tmp_path / "store")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*.parquet")}
    shutil.copytree(given / BARNET, given / "again")
    again = Listed("again", BARNET, *CARE.split("/"), received="2026-06-01")
    second = run_of([again], given, tmp_path / "store")
    assert [row.status for row in second.rows] == ["received before"]
    assert second.rows[0].receipt == run.rows[0].receipt
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store").rglob("*.parquet")} == before
    assert len(receipts_of(tmp_path / "store")) == 1


def test_a_changed_byte_is_another_receipt_which_supersedes(tmp_path: Path) -> None:
    given = tmp_path / "given"
    first = write_sound(given, 1, BARNET, 20)
    run = run_of([first], given, tmp_path / "store")
    changed = shutil.copytree(given / BARNET, given / "changed") / "Header.csv"
    changed.write_bytes(changed.read_bytes() + b"\r\n")
    second = run_of([Listed("changed", BARNET, *CARE.split("/"), received="2026-06-01")], given, tmp_path / "store")
    assert [row.status for row in second.rows] == ["checked"]
    assert second.rows[0].receipt != run.rows[0].receipt
    by_id = {receipt.receipt: receipt for receipt in receipts_of(tmp_path / "store")}
    assert by_id[second.rows[0].receipt or ""].supersedes == run.rows[0].receipt
    assert by_id[run.rows[0].receipt or ""].supersedes is None


def test_submissions_of_a_line_supersede_in_the_order_of_reception_however_they_are_listed(tmp_path: Path) -> None:
    given, (tables, _) = tmp_path / "given", drawn(CARE, 20)
    lines = []
    for day in (3, 1, 2):
        write_tables(renamed(tables, "CHILD", f"{day}x"), given / f"day{day}")
        lines.append(Listed(f"day{day}", BARNET, *CARE.split("/"), received=f"2026-05-0{day}"))
    run_of(lines, given, tmp_path / "store")
    first, second, third = sorted(receipts_of(tmp_path / "store"), key=lambda receipt: receipt.received)
    assert (first.supersedes, second.supersedes, third.supersedes) == (None, first.receipt, second.receipt)


def lenient(folder: Path) -> Path:
    path = folder / "lenient.toml"
    path.write_text('name = "all"\ndate = 2026-01-01\n[blocking]\nseverities = []\norigins = []\ngaps = []\n')
    return path


def rules_of(store: Path, receipt: str | None) -> pd.DataFrame:
    frame = pq.read_table(parts_of(store, str(receipt)) / "rules.parquet", partitioning=None).to_pandas()
    return frame.set_index("rule")


def test_without_an_earlier_return_rules_that_look_back_are_skipped_and_never_passed(tmp_path: Path) -> None:
    given, (now, before) = tmp_path / "given", drawn(CARE, 30)
    write_tables(now, given / "now")
    line = Listed("now", BARNET, *CARE.split("/"), received="2026-05-04")
    alone = run_of([line], given, tmp_path / "alone", policy=lenient(tmp_path))
    skipped = rules_of(tmp_path / "alone", alone.rows[0].receipt)
    looking_back = skipped[skipped["reason"].str.contains("no previous year")].index
    assert len(looking_back) > 10
    assert set(skipped.loc[looking_back, "status"]) == {"skipped"}
    assert receipts_of(tmp_path / "alone")[0].previous is None

    write_tables(before, given / "before")
    earlier = Listed("before", BARNET, "ssda903", "2024-25", received="2025-05-04")
    both = run_of([line, earlier], given, tmp_path / "both", policy=lenient(tmp_path))
    by_name = {row.name: row for row in both.rows}
    receipts = {receipt.receipt: receipt for receipt in receipts_of(tmp_path / "both")}
    assert receipts[str(by_name["now"].receipt)].previous == by_name["before"].receipt
    compared = rules_of(tmp_path / "both", by_name["now"].receipt)
    assert set(compared.loc[looking_back, "status"]) <= {"passed", "failed", "not_applicable"}


def test_an_earlier_return_that_was_not_accepted_or_not_kept_is_not_looked_back_at(tmp_path: Path) -> None:
    given, (now, before) = tmp_path / "given", drawn(CARE, 30)
    write_tables(now, given / "now")
    bad = before["Header"].assign(SEX="9")
    write_tables({**before, "Header": bad}, given / "before")
    earlier = Listed("before", BARNET, "ssda903", "2024-25", received="2025-05-04")
    line = Listed("now", BARNET, *CARE.split("/"), received="2026-05-04")
    run = run_of([line, earlier], given, tmp_path / "strict")
    by_name = {row.name: row for row in run.rows}
    assert by_name["before"].verdict == "returned"
    receipts = {receipt.receipt: receipt for receipt in receipts_of(tmp_path / "strict")}
    assert receipts[str(by_name["now"].receipt)].previous is None
    forgetful = run_of([line, earlier], given, tmp_path / "forgetful", policy=lenient(tmp_path), keep_originals=False)
    reasons = next(row.reasons for row in forgetful.rows if row.name == "now")
    assert any("are not kept: nothing was compared" in reason for reason in reasons)


def test_the_earlier_return_of_the_manifest_is_taken_before_that_of_the_store(tmp_path: Path) -> None:
    given, (now, before) = tmp_path / "given", drawn(CARE, 30)
    write_tables(now, given / "now")
    write_tables(before, given / "last")
    line = Listed("now", BARNET, *CARE.split("/"), last_year="last")
    run = run_of([line], given, tmp_path / "store")
    rules = rules_of(tmp_path / "store", run.rows[0].receipt)
    assert not rules["reason"].str.contains("no previous year").any()
    assert receipts_of(tmp_path / "store")[0].previous is None


def test_a_folder_is_recognised_from_content_and_from_names_that_begin_with_a_code(tmp_path: Path) -> None:
    given = tmp_path / "given"
    write_tables(drawn(CARE, 60)[0], given / "E09000007 second try")
    write_zip([drawn(NEED, 20)[0]], given / "need.zip")
    (given / ".hidden").write_text("left by a system")
    run = batch(given, tmp_path / "store", executor=serial)
    of = {row.name: (row.authority, row.collection, row.version, row.status) for row in run.rows}
    assert of == {
        "E09000007 second try": ("E09000007", "ssda903", "2025-26", "checked"),
        "need.zip": (BARNET, "cin", "2025-26", "checked"),
    }


def test_the_store_keeps_what_was_given_byte_for_byte(tmp_path: Path) -> None:
    given, (tables, _) = tmp_path / "given", drawn(CARE, 20)
    write_tables(tables, given / "folder")
    write_zip([renamed(tables, "CHILD", "z")], given / "zip.zip")
    lines = [Listed("folder", BARNET, *CARE.split("/")), Listed("zip.zip", "E09000007", *CARE.split("/"))]
    run_of(lines, given, tmp_path / "store")
    kept = {path.parent.parent.name: path for path in (tmp_path / "store").rglob("original.zip")}
    assert kept["E09000007"].read_bytes() == (given / "zip.zip").read_bytes()
    shutil.unpack_archive(kept[BARNET], tmp_path / "unpacked")
    assert {path.name: path.read_bytes() for path in (tmp_path / "unpacked").iterdir()} == {
        path.name: path.read_bytes() for path in (given / "folder").iterdir()
    }


def test_a_store_is_not_made_of_a_folder_with_other_things_nor_within_what_is_read(tmp_path: Path) -> None:
    given = tmp_path / "given"
    write_sound(given, 1, BARNET, 20)
    with pytest.raises(UsageError, match="within each other"):
        batch(given, given / "store", executor=serial)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("not ours")
    with pytest.raises(UsageError, match="not empty"):
        batch(given, other, executor=serial)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


def test_two_runs_do_not_write_to_a_store_at_once(tmp_path: Path) -> None:
    given = tmp_path / "given"
    write_sound(given, 1, BARNET, 20)
    store = Store.make(tmp_path / "store")
    with store.writing(), pytest.raises(UsageError, match="Another run is writing"):
        batch(given, tmp_path / "store", executor=serial)


def test_the_command_says_what_became_of_each_what_was_not_checked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("csc_data.commands.batch.executor_of", lambda options: nullcontext(remembered))
    given = tmp_path / "given"
    lines = [write_sound(given, 1, BARNET, 20), truncated_zip(given, "E09000007")]
    manifest = write_manifest(lines, given / "manifest.csv")
    call = ["batch", str(manifest), "--store", str(tmp_path / "store")]
    assert main(call) == 3
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "Of 2 submissions: 1 unreadable, 1 returned."
    assert [line.split()[0] for line in out[2:4]] == ["truncated.zip", BARNET]
    assert any("Without --key" in line for line in out)
    assert main([*call, "--json"]) == 1  # what cannot be read was said, and has its receipt
    document = json.loads(capsys.readouterr().out)
    (run,) = [path for path in (tmp_path / "store").glob("runs/*/run.json") if document["run"] in path.parts]
    assert json.loads(run.read_bytes()) == document
    assert {row["status"] for row in document["rows"]} == {"received before"}
    write_manifest(lines[:1], given / "manifest.csv")
    policy = lenient(tmp_path)
    assert main(["batch", str(manifest), "--store", str(tmp_path / "other"), "--policy", str(policy)]) == 0
    assert main([*call, "--keep-originals", "no"]) == 2
    assert "begin a new store" in capsys.readouterr().err


def test_a_submission_that_changes_while_it_is_checked_is_no_receipt(tmp_path: Path) -> None:
    given = tmp_path / "given"
    line = write_sound(given, 1, BARNET, 20)

    def meddling(function, jobs):  # type: ignore[no-untyped-def]
        if function.__name__ == "check":
            with (given / BARNET / "Header.csv").open("a") as file:
                file.write("\n")
        return serial(function, jobs)

    run = batch(write_manifest([line], given / "manifest.csv"), tmp_path / "store", executor=meddling)
    assert [(row.status, row.receipt) for row in run.rows] == [("crashed", None)]
    assert "was changed while it was checked" in run.rows[0].reasons[0]
    assert not receipts_of(tmp_path / "store")
