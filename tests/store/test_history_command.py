"""``csc-data history`` and ``csc-data store index``: every form of an answer, and what can be in the way."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import html
from support.stores import FIXTURE, SENT, write_store

from csc_data.commands.cli import main
from csc_data.errors import InputError, UsageError
from csc_data.files.own_outputs import is_own_header
from csc_data.reporting.history import MOST_ROWS, as_csv, as_json, as_text, schema
from csc_data.reporting.html.history import as_html
from csc_data.store.history import QUESTIONS, Answer, ask, write_index
from csc_data.store.history.database import Within
from csc_data.store.layout import Store, canonical

DAY = dt.date(2026, 12, 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write_store(tmp_path_factory.mktemp("history") / "store", FIXTURE)


@pytest.fixture(scope="module")
def answers(store: Store) -> dict[str, Answer]:
    return {name: ask(store, name, as_at=DAY) for name in QUESTIONS}


def answers_of(database: Path, *names: str) -> dict[str, list[tuple[object, ...]]]:
    """What any program gets from the database of views."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        return {name: connection.execute(f"SELECT * FROM {name}(?)", [DAY]).fetchall() for name in names or QUESTIONS}


def test_the_database_holds_views_alone_and_can_be_deleted_and_made_again(
    store: Store, answers: dict[str, Answer]
) -> None:
    import duckdb

    first = answers_of(write_index(store))
    assert first == {name: [tuple(row.values()) for row in answer.rows.to_pylist()] for name, answer in answers.items()}
    with duckdb.connect(str(store.history), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    store.history.unlink()
    assert answers_of(write_index(store)) == first
    assert answers_of(write_index(store), "first_seen") == {"first_seen": first["first_seen"]}
    store.history.unlink()


READER = """
import sys, datetime as dt
from csc_data.store.history import ask
from csc_data.store.layout import Store
store = Store.open(sys.argv[1])
for _ in range(3):
    answer = ask(store, "first_seen", as_at=dt.date(2026, 12, 1))
    assert answer.rows.num_rows == 11, answer.rows.num_rows
print("answered", flush=True)
"""


def test_two_readers_are_answered_while_a_third_process_writes_the_index_and_holds_it(tmp_path: Path) -> None:
    import duckdb

    store = write_store(tmp_path / "store", FIXTURE)
    write_index(store)
    with duckdb.connect(str(store.history)) as held:  # as a tool does that has it open to write to
        held.execute("CREATE TABLE own AS SELECT 1 AS x")
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, str(store.folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(2)
        ]
        indexed = 0
        while any(reader.poll() is None for reader in readers):
            write_index(store)
            indexed += 1
            time.sleep(1)
        for reader in readers:
            out, err = reader.communicate()
            assert out.split() == [b"answered"], err.decode()
    assert indexed > 0
    assert len(answers_of(store.history, "first_seen")["first_seen"]) == 11
    assert [path.name for path in store.folder.iterdir() if path.name.startswith(".csc-data")] == []


def test_a_store_may_have_any_name(tmp_path: Path) -> None:
    """Quotes are no end of a text in SQL, and stars and brackets no pattern."""
    few = "\n".join(line for line in FIXTURE.splitlines() if line.startswith("A"))
    for number, name in enumerate(("it's \"here\"'; DROP TABLE x; --", "[ab]*?", "runs/x/collection=1")):
        store = write_store(tmp_path / str(number) / name, few)
        write_store(tmp_path / str(number) / "a", FIXTURE.splitlines()[-1])  # which [ab]*? would stand for
        assert ask(store, "submissions", as_at=DAY).rows.num_rows == 4
        assert ask(store, "last_seen", as_at=DAY).rows.num_rows == 2
        copied = shutil.copyfile(write_index(store), tmp_path / f"{number}.duckdb")
        assert len(answers_of(copied, "last_seen")["last_seen"]) == 2


@pytest.mark.parametrize(
    ("within", "names"),
    [
        (Within(), "A1 A2 A3 A4 B1 B2 B3 B4 C1 C2 C3 C4 D1 D2 E1"),
        (Within("E06000001"), "A1 A2 A3 A4 D1 D2 E1"),
        (Within(collection="cin"), "D1 D2"),
        (Within("E06000001", "ssda903", "2025-26"), "A1 A2 A3 A4"),
    ],
)
def test_a_part_of_the_store_is_asked(within: Within, names: str, store: Store) -> None:
    rows = ask(store, "submissions", as_at=DAY, within=within).rows
    known = {sent.receipt: sent.name for sent in SENT}
    assert sorted(known[receipt] for receipt in rows["receipt"].to_pylist()) == names.split()
    every = ask(store, "first_seen", as_at=DAY).rows.to_pylist()
    wanted = [within.authority, within.collection, within.version]
    part = ask(store, "first_seen", as_at=DAY, within=within).rows.to_pylist()
    assert part == [
        row
        for row in every
        if all(
            want in (None, row[name]) for name, want in zip(("authority", "collection", "version"), wanted, strict=True)
        )
    ]


def test_nobody_gets_out_of_the_part_that_is_asked() -> None:
    for word in ("*", "../x", "a'b", "E0[1]"):
        with pytest.raises(UsageError, match="is no authority, collection or version"):
            Within(word)


def test_own_assumptions_change_the_estimate_alone(store: Store) -> None:
    own = ask(store, "burden", as_at=DAY, assumptions={"A10": 1}).rows
    assert own["minutes_central"].to_pylist() == [60 * count for count in own["resubmissions"].to_pylist()]


def test_what_is_not_known_is_said_first(tmp_path: Path) -> None:
    store = write_store(tmp_path / "store", FIXTURE, keyed=False)
    answer = ask(store, "first_seen", as_at=DAY)
    assert answer.rows.num_rows == 0
    assert answer.unknown == (
        "19 issue rows have no key, as they were checked without --key: they cannot be followed.",
    )
    shutil.rmtree(next(store.runs.glob("*/collection=cin/*/*/*")))
    (lost, _) = ask(store, "first_seen", as_at=DAY).unknown
    assert lost == "Of 1 submission the results are not in the store: only what the receipts say is known of them."
    assert list(as_text(ask(store, "latest", as_at=DAY)))[1] == lost
    nobodys = {"name": "x.zip", "receipt": None, "authority": None, "collection": None, "version": None}
    known = {"name": "y.zip", "receipt": None, "authority": "E06000002", "collection": "cin", "version": "2025-26"}
    run = {"started": "2026-06-01T09:00:00Z", "rows": [nobodys, known]}
    store.put_file(store.run_file("20260601T090000Z_a"), canonical(run))
    lacking = "Of {} given to csc-data batch nothing was checked"
    assert ask(store, "late", as_at=DAY).unknown[0].startswith(lacking.format("2 submissions"))
    assert (
        ask(store, "late", as_at=DAY, within=Within("E06000001")).unknown[0].startswith(lacking.format("1 submission"))
    )
    assert ask(store, "late", as_at=dt.date(2026, 5, 31)).unknown == ()
    later = {"started": "2026-06-02T09:00:00Z", "rows": [nobodys | {"receipt": "r"}]}
    store.put_file(store.run_file("20260602T090000Z_a"), canonical(later))
    assert ask(store, "late", as_at=DAY).unknown[0].startswith(lacking.format("1 submission"))


def test_more_than_63_submissions_are_followed_one_by_one(tmp_path: Path) -> None:
    """An issue that comes back at the last of 66, another that never went, and one that goes on every other day."""
    first = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
    lines = [
        f"S{day} | {(first + dt.timedelta(days=day)).isoformat()} | E06000001 | ssda903/2025-26 | returned | 100="
        + ",".join(["a", *("b" if day in (0, 65) else ""), *("c" if day % 2 else "")])
        for day in range(66)
    ]
    store = write_store(tmp_path / "store", "\n".join(lines))
    rows = ask(store, "reopened", as_at=DAY).rows.to_pylist()
    times = {child: sum(row["child"] == child for row in rows) for child in "abc"}
    assert times == {"a": 0, "b": 1, "c": 32}
    (back,) = (row for row in rows if row["child"] == "b")
    moments = [back[name] for name in ("seen_before", "gone_on", "back_on")]
    assert [moment.replace(tzinfo=dt.UTC) - first for moment in moments] == [
        dt.timedelta(days=day) for day in (0, 1, 65)
    ]


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    store = write_store(tmp_path / "store", FIXTURE)
    part = next(store.runs.rglob("rules.parquet"))
    whole = part.read_bytes()
    part.write_bytes(whole[:40])
    with pytest.raises(
        InputError, match=r"cannot be read. Put them back from a copy of the store:\n  .*rules\.parquet"
    ):
        ask(store, "issues_now", as_at=DAY)
    part.write_bytes(whole)
    receipt = next(store.receipts())
    receipt.write_text("{")
    with pytest.raises(InputError, match=r"receipt\.json"):
        ask(store, "issues_now", as_at=DAY)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_form_of_an_answer_holds_the_same(name: str, answers: dict[str, Answer]) -> None:
    answer = answers[name]
    rows, columns = answer.rows.num_rows, list(QUESTIONS[name].columns)
    document = json.loads(as_json(answer))
    Draft202012Validator(schema()).validate(document)
    assert [list(row) for row in document["rows"]] == [columns] * rows
    read = list(csv.reader(io.StringIO(as_csv(answer))))
    assert read[0] == columns
    assert len(read) == rows + 1
    assert is_own_header(columns)
    page = html.document_fromstring(as_html(answer))
    assert len(page.xpath("//tbody/tr")) == rows
    assert len(page.xpath("//thead//th[@scope='col']")) == len(columns)
    assert page.xpath("//table/caption") and page.xpath("//h1")
    assert len(list(as_text(answer))) >= min(rows, MOST_ROWS) + 2


def test_the_page_of_the_documentation_lists_every_question() -> None:
    page = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")
    rows = [f"| `{question.name}` | {question.title} | {question.row} |" for question in QUESTIONS.values()]
    assert [line for line in page.splitlines() if line in rows] == rows


def test_an_answer_shows_no_text_as_anything_else(tmp_path: Path) -> None:
    hostile = FIXTURE.replace("looked_after", "=<script>")
    answer = ask(write_store(tmp_path / "store", hostile), "indicator_series", as_at=DAY)
    assert answer.rows.num_rows == 3
    assert "<script>x" not in as_html(answer)
    assert "=&lt;script&gt;" in as_html(answer)
    assert '"\'=<script>"' in as_csv(answer)


def test_the_command_answers_and_writes(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["history", "--store", str(store.folder)]
    assert main(call) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(QUESTIONS)
    assert main([*call, "Time-to-Clean", "--as-at", "2026-06-20", "--authority", "Middlesbrough"]) == 0
    out = capsys.readouterr().out
    assert "E06000002, as at the end of 20 June 2026 (UTC)." in out
    assert "2026-05-10 12:00" in out
    assert "E06000001" not in out
    for form in ("csv", "html", "json", "text"):
        target = tmp_path / f"answer.{form}"
        assert main([*call, "latest", "--as-at", "2026-12-01", "--format", form, "--out", str(target)]) == 0
        assert capsys.readouterr().out == f"wrote {target}\n"
        assert main([*call, "latest", "--as-at", "2026-12-01", "--format", form]) == 0
        assert capsys.readouterr().out == target.read_text(encoding="utf-8")
    assert main(["store", "index", "--store", str(store.folder)]) == 0
    store.history.unlink()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("lattest", "There is no question lattest. Did you mean latest?"),
        ("latest --as-at soon", "'soon' is not a day; write it yyyy-mm-dd"),
        ("latest --authority E06000004", "holds no submission of E06000004."),
        ("latest --standard csc_api", "holds no submission of csc_api."),
        ("latest --standard nonsense", "There is no collection 'nonsense'"),
        ("--out x.csv", "There is nothing to write without a question."),
        ("latest --out {store}/store.json", "lies in the store. Choose another"),
    ],
)
def test_a_wrong_call_is_told_in_words(
    call: str, message: str, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    words = call.replace("{store}", str(store.folder)).split()
    assert main(["history", "--store", str(store.folder), *words]) == 2
    assert message in capsys.readouterr().err


def test_an_empty_store_and_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.make(tmp_path / "store")
    assert main(["history", "latest", "--store", str(tmp_path / "store")]) == 2
    assert "holds no submission yet" in capsys.readouterr().err
    assert main(["store", "index", "--store", str(tmp_path / "store")]) == 2
    assert main(["history", "latest", "--store", str(tmp_path)]) == 2
    assert "is no store" in capsys.readouterr().err


def test_without_duckdb_the_extra_that_is_missing_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)  # importing it fails
    for call in (["history", "latest"], ["store", "index"]):
        assert main([*call, "--store", str(store.folder)]) == 2
        assert 'pip install "csc-data[history]"' in capsys.readouterr().err
    assert main(["history", "--store", str(store.folder)]) == 0
    assert main(["store", "verify", "--store", str(store.folder)]) == 3, "the files of this store were never kept"


def test_nothing_is_left_on_the_disk(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(store.folder.iterdir())
    ask(store, "reopened", as_at=DAY)
    assert list(tmp_path.iterdir()) == []
    assert sorted(store.folder.iterdir()) == before
