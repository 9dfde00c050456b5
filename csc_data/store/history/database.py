"""The questions asked: DuckDB in memory over the files of a store, or a database of views that any tool can open.

Whoever asks reads the files themselves and needs no database, so that nobody waits for anybody: files of a store appear
whole, and ``history.duckdb`` is put in its place by renaming.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from csc_data.analysis.burden.assumptions import SCENARIOS, OwnValues, assumptions_from
from csc_data.errors import InputError, UsageError, sealed
from csc_data.files.columns import Columns
from csc_data.files.writing import replacing
from csc_data.metadata.installed import collections
from csc_data.names import did_you_mean
from csc_data.reference.local_authorities import authorities
from csc_data.store.columns import PARTS
from csc_data.store.history.questions import QUESTIONS, Question
from csc_data.store.layout import RECEIPT_FILE, RUN_FILE, Store
from csc_data.store.receipt import moment_of, read_receipt
from csc_data.visible import printable, printable_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FURTHER_SUBMISSION = "A10"
"""The assumption of the burden model on the effort of each further submission, in hours."""

_STORAGE = "v1.0.0"
"""Version of the file format of DuckDB that a database of views is written in, so that any version from 1.0 opens it."""

_ISSUES_AT_ONCE = 600_000
"""Issues that returns have at least, which are read together: enough for many cores, and few enough to be worked on fast."""

_ANY = "*"
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_MOST_NAMED = 5


@dataclass(frozen=True)
class Within:
    """What part of a store is looked at; None is all.

    Attributes:
        authority: ONS code.
        collection: id of a collection.
        version: version of its standard.
    """

    authority: str | None = None
    collection: str | None = None
    version: str | None = None

    def __post_init__(self) -> None:
        for word in (self.authority, self.collection, self.version):
            if word is not None and not _WORD.fullmatch(word):
                raise UsageError(f"{printable(word)!r} is no authority, collection or version.")

    def __str__(self) -> str:
        return " ".join(word for word in (self.authority, self.collection, self.version) if word)

    def may_be(self, authority: str | None, collection: str | None, version: str | None) -> bool:
        """Whether a submission, of which this is known, may lie in it."""
        asked = (self.authority, self.collection, self.version)
        return all(
            None in pair or pair[0] == pair[1] for pair in zip(asked, (authority, collection, version), strict=True)
        )

    def of(self, rows: pa.Table) -> pa.Table:
        """The rows that lie in it (columns ``authority``, ``collection``, ``version``)."""
        for column in ("authority", "collection", "version"):
            if (word := getattr(self, column)) is not None:
                rows = rows.filter(pc.equal(rows[column], word))
        return rows

    def receipts(self) -> str:
        """The pattern of the paths of receipts, from the folder of the store."""
        folders = (self.collection or _ANY, self.version or _ANY, self.authority or _ANY)
        return "/".join(("submissions", *folders, _ANY, RECEIPT_FILE))

    def part(self, name: str) -> str:
        """The pattern of the paths of a part, from the folder of the store."""
        named = {"collection": self.collection, "version": self.version, "la": self.authority, "receipt": None}
        folders = (f"{column}={word or _ANY}" for column, word in named.items())
        return "/".join(("runs", _ANY, *folders, f"{name}.parquet"))


@dataclass(frozen=True)
class Answer:
    """The answer to a question.

    Attributes:
        question: what was asked.
        as_at: the day at whose end, in UTC, it was asked.
        within: what part of the store was looked at.
        rows: the answer (columns: those of the question).
        unknown: what is not known, and so has no part in the answer: sentences to be said first.
    """

    question: Question
    as_at: dt.date
    within: Within
    rows: pa.Table
    unknown: tuple[str, ...]


def need_duckdb() -> None:
    """Say what is missing where DuckDB is.

    Raises:
        UsageError: it is not installed.
    """
    if find_spec("duckdb") is None:
        raise UsageError(
            "Questions on the history of a store need a package that is not installed (duckdb). Install it with: "
            'pip install "csc-data[history]"'
        )


def question_named(name: str) -> Question:
    """The question of a name, in letters of any case, with dashes or underscores.

    Raises:
        UsageError: there is none.
    """
    plain = name.strip().lower().replace("-", "_")
    if plain not in QUESTIONS:
        near = did_you_mean(plain, QUESTIONS)
        raise UsageError(
            f"There is no question {printable(name)}.{near or ' There are: ' + ', '.join(QUESTIONS) + '.'}"
        )
    return QUESTIONS[plain]


@sealed
def ask(
    store: Store,
    name: str,
    *,
    as_at: dt.date | None = None,
    within: Within | None = None,
    assumptions: OwnValues | None = None,
) -> Answer:
    """Ask a store a question.

    Args:
        store: the store.
        name: the question, one of ``QUESTIONS``.
        as_at: nothing counts that was received after this day, in UTC; today when left out.
        within: what part of the store to look at; all of it when left out.
        assumptions: own values in place of some of the burden model's.

    Raises:
        UsageError: there is no such question, the store holds nothing of what is asked, or DuckDB is not installed.
        InputError: files of the store cannot be read.
    """
    question, within = question_named(name), within or Within()
    day = as_at or dt.datetime.now(dt.UTC).date()
    need_duckdb()
    import duckdb

    looked_at = Within() if question.of_others else within
    _refuse_nothing(store, looked_at)
    values = _minutes(assumptions)
    # In memory and nowhere else: what does not fit into it must not be left on a disk.
    connection = duckdb.connect(config={**_OWN_MACHINE, "temp_directory": ""})
    with connection, _in_words(store, looked_at):
        for statement in _views(store, looked_at, values, [question.name], dict.fromkeys(PARTS)):
            connection.execute(statement)
        reading = _Reading(connection, question, day)
        rows = within.of(reading.answer()) if question.of_others else reading.answer()
        unknown = (*_without_receipt(store, looked_at, day), *_unknown(connection, reading))
    return Answer(question, day, within, rows, unknown)


@sealed
def write_index(store: Store) -> Path:
    """Write the database of views over a store. It holds no row: what it says is what the files say when it is asked.

    Returns:
        where it is.

    Raises:
        UsageError: the store holds nothing yet, the file cannot be written, or DuckDB is not installed.
        InputError: files of the store cannot be read.
    """
    need_duckdb()
    import duckdb

    everything = Within()
    _refuse_nothing(store, everything)
    config = _OWN_MACHINE | ({} if _is_first(duckdb.__version__) else {"storage_compatibility_version": _STORAGE})
    # Made elsewhere, as DuckDB takes some signs in a path for a pattern. There is nothing of the store in it.
    with replacing(store.history) as unfinished, TemporaryDirectory() as scratch:
        made = Path(scratch) / store.history.name
        with duckdb.connect(str(made), config=config) as connection, _in_words(store, everything):
            for statement in _views(store, everything, _minutes(None), QUESTIONS, _parts(store, everything)):
                connection.execute(statement)
        shutil.copyfile(made, unfinished)
    return store.history


_OWN_MACHINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""Settings under which DuckDB fetches nothing from the network."""


def _is_first(version: str) -> bool:
    """Whether this is DuckDB 1.0 or 1.1, which know no other file format."""
    return version.startswith(("1.0.", "1.1."))


def _refuse_nothing(store: Store, within: Within) -> None:
    if not any(store.folder.glob(within.receipts())):
        what = f"no submission of {within}" if str(within) else "no submission yet"
        raise UsageError(
            f"{printable_path(store.folder)} holds {what}. csc-data batch checks submissions into a store."
        )


def _minutes(assumptions: OwnValues | None) -> Mapping[str, float]:
    """By scenario, the minutes that a further submission takes."""
    assumed = assumptions_from(assumptions)
    return {scenario: assumed.value(FURTHER_SUBMISSION, scenario) * 60 for scenario in SCENARIOS}


def _parts(store: Store, within: Within) -> dict[str, str | None]:
    """By the name of each part, all its files as SQL has them; None if there are none."""
    return {
        name: _quoted(_pattern(store.folder, within.part(name))) if any(store.folder.glob(within.part(name))) else None
        for name in PARTS
    }


def _views(
    store: Store,
    within: Within,
    minutes: Mapping[str, float],
    questions: Collection[str],
    parts: Mapping[str, str | None],
) -> Iterator[str]:
    """The statements that make the views of some questions, in an order in which none needs a later one.

    Args:
        store: the store.
        within: what part of it is looked at.
        minutes: by scenario, those that a further submission takes.
        questions: their names.
        parts: by the name of each part, its files as SQL has them; None for none.
    """
    patterns = {"receipts": within.receipts(), **{name: within.part(name) for name in PARTS}}
    globs = {f"'@{name}@'": _quoted(_pattern(store.folder, pattern)) for name, pattern in patterns.items()}
    base = sorted(files("csc_data.store.history").joinpath("sql", "base").iterdir(), key=lambda file: file.name)
    paths, *others = (_put_in(file.read_text(encoding="utf-8"), globs) for file in base)
    yield paths
    for name, columns in PARTS.items():
        yield _part_view(name, columns, parts[name])
    yield _deadlines()
    if any(QUESTIONS[name].of_others for name in questions):
        yield _expected()
    figures = ", ".join(f"{minutes[scenario]!r} AS minutes_{scenario}" for scenario in SCENARIOS)
    yield f"CREATE VIEW resubmission AS SELECT {figures}"
    yield from others
    for name in questions:
        text = files("csc_data.store.history").joinpath("sql", "questions", f"{name}.sql").read_text(encoding="utf-8")
        yield f"CREATE MACRO {name}(as_at) AS TABLE {text}"


def _put_in(text: str, globs: Mapping[str, str]) -> str:
    for name, glob in globs.items():
        text = text.replace(name, glob)
    return text


def _part_view(name: str, columns: Columns, paths: str | None) -> str:
    """The view of a part over files, as SQL has them; without a row if there are none, which a reader of Parquet refuses."""
    if paths is None:
        kinds = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE"}
        types = [(field.name, kinds.get(field.type, "VARCHAR")) for field in columns.schema]
        nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in types)
        return f"CREATE OR REPLACE VIEW {name} AS SELECT {nothing}, CAST(NULL AS VARCHAR) AS folder WHERE false"
    listed = ", ".join(f'"{column}"' for column in columns)
    return (
        f"CREATE OR REPLACE VIEW {name} AS SELECT {listed}, folder_of(filename) AS folder "
        f"FROM read_parquet({paths}, hive_partitioning = false, filename = true)"
    )


def _deadlines() -> str:
    """The view of deadlines: those that the installed collections declare."""
    rows = [
        f"({_quoted(name)}, {_quoted(str(version))}, DATE '{deadline.day}', {_quoted(deadline.note)})"
        for name, collection in collections().items()
        for version in collection.versions
        if (deadline := collection.timeliness.deadline(version)) is not None
    ]
    columns = "collection, version, deadline, deadline_note"
    return f"CREATE VIEW deadlines AS SELECT * FROM (VALUES {', '.join(rows)}) AS declared({columns})"


def _expected() -> str:
    """The view of returns that are expected: of every authority that exists on the last day of a version's period."""
    rows = [
        f"({_quoted(authority.ons_code)}, {_quoted(authority.name)}, {_quoted(name)}, {_quoted(str(version))})"
        for name, collection in collections().items()
        if collection.calendar.rests_on == "version"
        for version in collection.versions
        for _, last in [collection.calendar.period(version)]
        for authority in authorities()
        if authority.exists(last, last)
    ]
    columns = "authority, name, collection, version"
    return f"CREATE VIEW expected AS SELECT * FROM (VALUES {', '.join(rows)}) AS declared({columns})"


def _pattern(folder: Path, pattern: str) -> str:
    """A pattern below a folder, whose own name stands for itself whatever signs are in it."""
    return f"{_plain(folder.as_posix())}/{pattern}"


def _plain(path: str) -> str:
    """A path that stands for itself where patterns are taken."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def _date(day: dt.date) -> str:
    """A day as SQL has it."""
    return f"DATE '{day.isoformat()}'"


def _quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _typed(rows: pa.Table, columns: Columns) -> pa.Table:
    return rows.select(list(columns)).cast(columns.schema)


class _Reading:
    """A question as it is answered in memory: what several views rest on is read once, and no file that is not needed.

    The views stand in the schema ``main``. What is read of them is put before them, under the same names, in another.

    Issues are known again within one return, so that returns are read some at a time: what is worked out of these stays
    small, which is faster, and takes less memory.

    Attributes:
        question: what is asked.
        day: as at which day.
        without_key: issue rows that were read and have no key.
    """

    def __init__(self, connection: DuckDBPyConnection, question: Question, day: dt.date) -> None:
        self.question, self.day, self.without_key = question, day, 0
        self._connection = connection
        connection.execute("CREATE SCHEMA known")
        connection.execute("SET search_path = 'known,main'")
        for name in ("receipts", "results"):
            connection.execute(f"CREATE TABLE known.{name} AS SELECT * FROM main.{name}")
        self._know("submitted")

    def answer(self) -> pa.Table:
        """The answer (columns: those of the question)."""
        rows = []
        for folders in self._batches():
            for name in self.question.parts:
                self._look_at(name, folders)
            if self.question.by_issue:
                self._know("judged")
                self._know("sightings")
                self.without_key += self._count_without_key()
            answer = self._connection.sql(f"SELECT * FROM {self.question.name}(?)", params=[self.day])
            rows.append(_typed(answer.to_arrow_table(), self.question.columns))
        return pa.concat_tables(rows)

    def _know(self, name: str) -> None:
        """Work out what a view with a parameter says, so that those that rest on it need not."""
        self._connection.execute(
            f"CREATE OR REPLACE TABLE known.{name}_then AS SELECT * FROM main.{name}({_date(self.day)})"
        )
        self._connection.execute(
            f"CREATE OR REPLACE MACRO known.{name}(as_at) AS TABLE SELECT * FROM known.{name}_then"
        )

    def _look_at(self, part: str, folders: Iterable[str]) -> None:
        paths = (f"{folder}/{part}.parquet" for folder in folders)
        there = ", ".join(_quoted(_plain(path)) for path in paths if Path(path).exists())
        self._connection.execute(_part_view(f"known.{part}", PARTS[part], f"[{there}]" if there else None))

    def _batches(self) -> Iterator[list[str]]:
        """The folders whose parts are looked at together: those of some returns, or all where no issue is followed."""
        submissions = self._connection.execute(
            "SELECT return_number, folder, coalesce(issues, 0) "
            f"FROM {self.question.looks_at}(?) WHERE folder IS NOT NULL ORDER BY return_number, number",
            [self.day],
        ).fetchall()
        batch: list[str] = []
        size = 0
        for _, a_return in groupby(submissions, key=itemgetter(0)):
            for _, folder, issues in a_return:
                batch.append(folder)
                size += issues
            if self.question.by_issue and size >= _ISSUES_AT_ONCE:
                yield batch
                batch, size = [], 0
        yield batch

    def _count_without_key(self) -> int:
        counts = self._connection.execute("SELECT issue_rows FROM known.sightings_then WHERE key IS NULL").fetchall()
        return sum(count for (count,) in counts)


def _unknown(connection: DuckDBPyConnection, reading: _Reading) -> Iterator[str]:
    lost, forgotten = connection.execute(
        "SELECT count(*) FILTER (WHERE run IS NULL), count(*) FILTER (WHERE run IS NOT NULL AND NOT rows_kept) "
        "FROM submitted(?) WHERE verdict <> 'unreadable'",
        [reading.day],
    ).fetchone() or (0, 0)
    if lost:
        yield f"Of {_submissions(lost)} the results are not in the store: only what the receipts say is known of them."
    if not reading.question.by_issue:
        return
    if forgotten:
        yield f"Of {_submissions(forgotten)} the issue rows were forgotten: whether they have an issue is not known."
    if reading.without_key:
        yield (
            f"{reading.without_key:,} issue rows have no key, as they were checked without --key: they cannot be followed."
        )


def _without_receipt(store: Store, within: Within, day: dt.date) -> Iterator[str]:
    """What batches were given and could not check, and have not checked since."""
    lacking: set[str] = set()
    for file in sorted(store.runs.glob(f"*/{RUN_FILE}")):
        try:
            document = json.loads(file.read_bytes())
            if moment_of(document["started"]).date() > day:
                continue
            for row in document["rows"]:
                known = (row["authority"], row["collection"], row["version"])
                if row["receipt"] is not None:
                    lacking.discard(row["name"])
                elif within.may_be(*known):
                    lacking.add(row["name"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            yield f"The run {printable(file.parent.name)} cannot be read: what it could not check is not known."
    if lacking:
        yield (
            f"Of {_submissions(len(lacking))} given to csc-data batch nothing was checked, as the check failed or nobody "
            "knows of what they are: they have no receipt, and are not counted."
        )


def _submissions(count: int) -> str:
    return "1 submission" if count == 1 else f"{count:,} submissions"


@contextmanager
def _in_words(store: Store, within: Within) -> Iterator[None]:
    """Say which files cannot be read where DuckDB cannot go on.

    Raises:
        InputError: files of the store cannot be read, or the machine has too little memory.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise InputError(
            "There is not enough memory to answer this of the whole store. Ask for one collection, version or authority."
        ) from None
    except duckdb.Error as error:
        if damaged := list(_damaged(store, within)):
            more = f" and {len(damaged) - _MOST_NAMED} more" if len(damaged) > _MOST_NAMED else ""
            named = "\n  ".join(damaged[:_MOST_NAMED])
            raise InputError(
                f"Files of the store cannot be read. Put them back from a copy of the store:\n  {named}{more}"
            ) from None
        if not isinstance(error, duckdb.IOException):
            raise
        raise InputError("Files of the store went while they were read. Ask again.") from None


def _damaged(store: Store, within: Within) -> Iterator[str]:
    """The receipts and parts that are not what they should be."""
    for path in _paths(store, [within.receipts()]):
        try:
            read_receipt(path)
        except InputError:
            yield printable_path(path)
    for name, columns in PARTS.items():
        for path in _paths(store, [within.part(name)]):
            try:
                whole = pq.read_table(path, partitioning=None).schema.names == list(columns)
            except (pa.ArrowException, OSError):
                whole = False
            if not whole:
                yield printable_path(path)


def _paths(store: Store, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(store.folder.glob(pattern))
