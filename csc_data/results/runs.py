"""Saved runs: what one validation checked and found, in one file, enough to compare two submissions without the returns.

A run is a zip with ``run.json`` (what was checked, with what, how it came out), ``issues.parquet``, ``rules.parquet``, and
``records/<table>.parquet`` for every table: the line and child of each record and, for each item, a 64-bit hash of its
value as rules read it (0: blank), so that "01/04/2025" and " 01/04/2025" are the same value. Running numbers of records
stand as positions among siblings (see ``running_numbers``); the number of a child's record in its file is left out.

What this protects: nobody reads a value off the file. It does not withstand an attack: an item with few possible values
(sex, a date) is found by hashing them all, and the child identifiers stand in plain. Keep a run as safe as the return,
or save it from a pseudonymised report: then the hashes are keyed and the identifiers are pseudonyms, and without the key
neither can be found by trying.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.declare.slots import Slot, TableRef
from csc_data.declare.subject import CHILDREN, Subject
from csc_data.errors import InputError, sealed
from csc_data.files import limits
from csc_data.files.columns import Columns
from csc_data.files.identity import IDENTITY_COLUMNS, Identity
from csc_data.files.parquet import write_parquet_table
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.files.writing import json_text, replacing
from csc_data.files.zips import Member, NoMemberError, NoZipError, Zip, opened
from csc_data.results.issues import ISSUE_COLUMNS, RULE_COLUMNS
from csc_data.results.json_ready import reason_record
from csc_data.results.rule_results import Status
from csc_data.results.run_refusals import RunRefusal
from csc_data.results.running_numbers import positions
from csc_data.results.summary import identity, summarise
from csc_data.returns.typed_return import SourceTable
from csc_data.typed.columns import Dates, Numbers
from csc_data.typed.kinds import Encoded, Kind
from csc_data.typed.texts import Texts
from csc_data.versions import Version
from csc_data.visible import printable_path

if TYPE_CHECKING:
    from csc_data.results.outcome import Outcome


def _texts(*names: str) -> dict[str, Any]:
    """The JSON Schema of an object with these texts."""
    return {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}


FORMAT = "csc-data run 2"
CONTENT = "{subject} identifiers of issues and records, and a hash of every submitted value"

_LINE, _CHILD, _ITEM = "line", "child", "item."
RUN_ISSUE_COLUMNS = ISSUE_COLUMNS.without("origin", "label", "pointer")
"""Columns of the issues of a run, which holds no local rules."""

RUN_RULE_COLUMNS = RULE_COLUMNS.without("seconds", "label")
"""Columns of the rules of a run."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_NEVER_BLANK = {"rule", "severity", "table", "status", "per", "title", "reason"}
"""Columns of texts that are never blank."""

_OUTLINE = {
    "type": "object",
    "required": ["format", "key_id", "child", "summary", "tables"],
    "properties": {
        "format": {"const": FORMAT},
        "key_id": {"type": ["string", "null"]},
        "child": {"type": "string"},
        "subject": _texts("singular", "plural"),
        "reasons": {"type": "object"},
        "summary": {
            "type": "object",
            "required": ["run", "library", "standard", "period", "authority", "reference_data", "inputs"],
            "properties": {
                "run": {
                    "type": "object",
                    "required": ["id", "time"],
                    "properties": {"id": {"type": "string"}, "time": {"type": ["string", "null"]}},
                },
                "library": _texts("name", "version"),
                "standard": _texts("id", "collection", "version", "title", "fingerprint"),
                "period": _texts("start", "end"),
                "authority": {"oneOf": [{"type": "null"}, _texts("ons_code", "dfe_number", "name")]},
                "reference_data": {"type": "object", "additionalProperties": {"type": "string"}},
                "inputs": {
                    "type": "array",
                    "items": _texts("return", "sha256") | {"required": ["return", "sha256", "table"]},
                },
            },
        },
        "tables": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["key", "rows", "form", "supplied"],
                "properties": {
                    "key": {"type": "array", "items": {"type": "string"}},
                    "form": {"type": "string"},
                    "supplied": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
                    "rows": {"type": "integer", "minimum": 0},
                },
            },
        },
    },
}
"""What ``run.json`` must hold for a comparison, as a JSON Schema."""


@dataclass(frozen=True, eq=False)
class RecordTable:
    """The records of one table of a run.

    Attributes:
        name: name of the table; ends in ``_last`` for the earlier return.
        key: items that identify a record.
        lines: line of each record in its file.
        children: child identifier of each record, None where there is none.
        values: by item, a hash of each record's value, 0 where it is blank.
        form: the form it was given in: "csv", "excel", "xml" or "frames".
        items: every item of the table, supplied or not.
    """

    name: str
    key: tuple[str, ...]
    lines: npt.NDArray[np.int64] = field(repr=False)
    children: npt.NDArray[np.object_] = field(repr=False)
    values: dict[str, npt.NDArray[np.uint64]] = field(repr=False)
    form: str = ""
    items: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def arrow(self) -> pa.Table:
        """The records, one a row, with a column for each item of the table."""
        absent = pa.nulls(len(self), pa.uint64())
        return pa.table(
            {
                _LINE: pa.array(self.lines),
                _CHILD: pa.array(self.children, pa.string()),
                **{_ITEM + name: pa.array(self.values[name]) if name in self.values else absent for name in self.items},
            }
        )


@dataclass(frozen=True, eq=False)
class Run:
    """What one validation checked and found.

    Attributes:
        issues: as ``Report.issues``, without the origin, and without those of local rules: submissions are compared by
            the rules of the standard.
        rules: as ``Report.rules``, without the seconds and local rules.
        records: every record that was checked, by table.
        subject: whom the return is about, and the item that identifies one.
        key_id: tells the key of a pseudonymised run; None for one in plain.
    """

    issues: pd.DataFrame
    rules: pd.DataFrame
    records: dict[str, RecordTable]
    subject: Subject
    key_id: str | None
    _summary: Mapping[str, Any]
    _reasons: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Run of {self._summary['standard']['id']}, {len(self.records)} tables>"

    @classmethod
    def of(cls, outcome: Outcome) -> Run:
        """The run of a report."""
        official = outcome.official
        hashes = _Hashes(b"" if outcome.pseudonyms is None else outcome.pseudonyms.value_key())
        children = np.asarray([*outcome.typed.children, None], dtype=object)
        collection, sources = outcome.ret.standard.collection, outcome.typed.sources
        numbers = positions(collection, sources, words_as_read)
        records = {
            str(name): _record_table(
                source, children[outcome.typed.identified[name]], hashes, numbers, collection.record_number
            )
            for name, source in sources.items()
        }
        return cls(
            official.issues.drop(columns=["origin", "label", "pointer"]),
            official.rules.drop(columns=["seconds", "label"]),
            records,
            collection.subject,
            None if outcome.pseudonyms is None else outcome.pseudonyms.key_id,
            summarise(outcome, fingerprints=True),
            _reasons(outcome),
        )

    @classmethod
    def of_content(cls, content: bytes, name: str) -> Run:
        """A saved run that is held in memory; ``name`` is what messages call it.

        Raises:
            InputError: as ``read_run``.
        """
        return _read(content, name)

    def reasons(self) -> dict[str, Any]:
        """Why things were not done, as data: kinds and facts beside the words of the rules and the summary.

        ``rules`` holds, by rule, why it did not run or not in full; ``notes`` those of the summary, in their order;
        ``unreadable`` how many rows were not read, by return, table and kind. Empty for a run of an earlier version.
        """
        return dict(self._reasons)

    def summary(self) -> dict[str, Any]:
        """What was checked and how it came out, as ``Report.summary``, with the fingerprints of the files."""
        return dict(self._summary)

    @sealed
    def save(self, path: str | PathLike[str]) -> None:
        """Save the run in one file, whole or not at all."""
        known = identity(self._summary)
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as file:
            file.writestr(zipfile.ZipInfo("run.json", _EPOCH), "".join(json_text(self._outline())))
            _write(file, "issues", self.issues, RUN_ISSUE_COLUMNS, known)
            _write(file, "rules", self.rules, RUN_RULE_COLUMNS, known)
            for name, table in self.records.items():
                _write(file, f"records/{name}", table.arrow(), _record_columns(table.items), known)

    def _outline(self) -> dict[str, Any]:
        return {
            "contains_child_level_values": True,
            "content": self.subject.words(CONTENT),
            "format": FORMAT,
            "key_id": self.key_id,
            "child": self.subject.item,
            "subject": {"singular": self.subject.singular, "plural": self.subject.plural},
            "summary": self._summary,
            "reasons": self._reasons,
            "tables": {
                name: {"key": list(table.key), "rows": len(table), "form": table.form, "supplied": list(table.values)}
                for name, table in self.records.items()
            },
        }


@sealed
def read_run(path: str | PathLike[str]) -> Run:
    """Read a saved run.

    Raises:
        InputError: there is no such file, it is not a saved run, it is damaged, beyond a limit, or a newer version wrote it.
    """
    try:
        content = read_bytes(path, limits.RUN_BYTES)
    except NotReadError as error:
        raise InputError(RunRefusal.NOT_READ(file=printable_path(path), because=error.reason).words) from None
    return _read(content, printable_path(path))


def _read(content: bytes, name: str) -> Run:
    try:
        with opened(io.BytesIO(content), limits.RUN_BYTES) as packed:
            parts = {member.info.filename: member for member in packed.members}
            outline = _outline(packed.read(parts["run.json"]), name)
            return _checked(
                Run(
                    _frame(_table(packed, parts, "issues"), RUN_ISSUE_COLUMNS),
                    _frame(_table(packed, parts, "rules"), RUN_RULE_COLUMNS),
                    {table: _read_records(packed, parts, table, about) for table, about in outline["tables"].items()},
                    _subject(outline),
                    outline["key_id"],
                    outline["summary"],
                    outline.get("reasons", {}),
                )
            )
    except (NoZipError, NoMemberError, KeyError, ValueError, RecursionError, MemoryError, pa.ArrowException, OSError):
        # What is raised about the content could hold parts of it, so it is not passed on.
        raise InputError(RunRefusal.NO_RUN(file=name).words) from None


def _reasons(outcome: Outcome) -> dict[str, Any]:
    returns = {Slot.THIS.code: outcome.ret.supplied, Slot.PREVIOUS.code: outcome.ret.previous}
    supplied = {whose: given for whose, given in returns.items() if given}
    rows = Counter(
        (whose, row.table, type(row.reason.kind).__name__, str(row.reason.kind))
        for whose, given in supplied.items()
        for row in given.unreadable
    )
    return {
        "rules": {
            result.rule.code: [reason_record(reason) for reason in result.reasons]
            for result in outcome.official.results
            if result.reasons
        },
        "notes": [reason_record(note.reason) for given in supplied.values() for note in given.notes],
        "unreadable": [
            {"return": whose, "table": table, "enum": enum, "kind": kind, "rows": count}
            for (whose, table, enum, kind), count in rows.items()
        ],
    }


def _subject(outline: Mapping[str, Any]) -> Subject:
    """Whom a run is about; children where it does not say, as runs once did not."""
    names = outline.get("subject", {"singular": CHILDREN.singular, "plural": CHILDREN.plural})
    return Subject(names["singular"], names["plural"], outline["child"])


class _Hashes:
    """64-bit hashes of texts, each worked out once."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, int] = {}

    def of(self, texts: list[str]) -> npt.NDArray[np.uint64]:
        """The hash of each text; 0 for an empty text."""
        return np.fromiter((self._of(text) for text in texts), np.uint64, len(texts))

    def _of(self, text: str) -> int:
        if text not in self._known:
            digest = hashlib.blake2b(text.encode(), digest_size=8, key=self._key).digest()
            self._known[text] = max(1, int.from_bytes(digest, "little")) if text else 0
        return self._known[text]


def _record_table(
    source: SourceTable,
    children: npt.NDArray[np.object_],
    hashes: _Hashes,
    numbers: Mapping[tuple[TableRef, str], list[str]],
    record_number: str,
) -> RecordTable:
    values = {}
    for name, item in source.items.items():
        if (source.name, name) in numbers:
            values[name] = hashes.of(numbers[source.name, name])
        elif source.supplied(name) and name != record_number:
            texts = source.encoded(name)
            words = _as_read(item.kind, texts.distinct, source.standard.version)
            values[name] = texts.spread(hashes.of(words), 0)
    key, lines = source.model.declaration().key, source.submitted.lines
    return RecordTable(source.name, key, lines, children, values, source.form, tuple(source.items))


def words_as_read(source: SourceTable, item: str) -> list[str]:
    """The cells of a column as rules read them, row by row."""
    texts = source.encoded(item)
    words = _as_read(source.items[item].kind, texts.distinct, source.standard.version)
    return texts.spread(np.asarray(words, dtype=object), "").tolist()


def _as_read(kind: Kind, texts: Texts, version: Version) -> list[str]:
    """Each text as rules read it: the date, number or word it stands for; what cannot be read, as it was written."""
    column = kind.column(Encoded(texts, np.arange(len(texts), dtype=np.int32)), version)
    if isinstance(column, (Dates, Numbers)):
        read = column.values.astype(str)
        return np.where(column.known, read, texts.words.to_pylist()).tolist()
    return column.values.tolist()


def _record_columns(items: Sequence[str]) -> Columns:
    """The columns of the records of a table with these items."""
    hashes = {_ITEM + name: "hash of the value; 0 is blank; nothing if the item was not supplied" for name in items}
    meanings = {_LINE: "line of the record", _CHILD: "child identifier of the record", **hashes}
    return Columns(meanings, **dict.fromkeys(hashes, pa.uint64()), **{_LINE: pa.int64()})


def _write(file: zipfile.ZipFile, name: str, table: pd.DataFrame | pa.Table, columns: Columns, known: Identity) -> None:
    buffer = io.BytesIO()
    write_parquet_table(table, columns, known, buffer)
    file.writestr(zipfile.ZipInfo(f"{name}.parquet", _EPOCH), buffer.getvalue())


def _outline(content: bytes, name: str) -> dict[str, Any]:
    """``run.json``, if this is a run that this version reads."""
    from jsonschema import Draft202012Validator

    if len(content) > limits.RUN_OUTLINE_BYTES:
        raise ValueError("run.json is too long")
    outline: dict[str, Any] = json.loads(content, parse_constant=_refuse_constant)
    form = str(outline["format"]) if isinstance(outline, dict) else ""
    if form.startswith("csc-data run ") and form != FORMAT:
        raise InputError(RunRefusal.OTHER_FORMAT(file=name).words)
    if not Draft202012Validator(_OUTLINE).is_valid(outline):
        raise ValueError("not the outline of a run")
    return outline


def _refuse_constant(_: str) -> None:
    """NaN and infinity are no JSON, though Python reads them."""
    raise ValueError("not a number")


def _table(packed: Zip, parts: Mapping[str, Member], name: str) -> pa.Table:
    """A table of the zip, if it is not larger in memory than a table of a run can be.

    Its parts are stored as they are, so none can unfold to many times its size in the zip; a column of one text a million
    times over can, so texts are laid out only when their length is known.
    """
    import pyarrow.parquet as pq  # loaded only by whoever reads runs: it takes as long as many of our own modules

    member = parts[f"{name}.parquet"]
    if member.info.compress_type != zipfile.ZIP_STORED:
        raise ValueError("compressed twice")
    buffer = pa.py_buffer(packed.read(member))
    about = pq.read_metadata(pa.BufferReader(buffer))
    size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    if size > limits.RUN_BYTES or about.num_rows * max(1, about.num_columns) > limits.RUN_VALUES:
        raise ValueError("too large")
    schema = about.schema.to_arrow_schema()
    texts = [column.name for column in schema if _is_text(column.type)]
    table = pq.read_table(pa.BufferReader(buffer), read_dictionary=texts)
    for column in texts:
        lengths = (
            pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
            for chunk in table.column(column).chunks
            if isinstance(chunk, pa.DictionaryArray)
        )
        if sum(lengths) > limits.RUN_BYTES:
            raise ValueError("too large")
    return table.cast(schema)


def _is_text(kind: pa.DataType) -> bool:
    values: pa.DataType = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_null(values))


def _of_columns(table: pa.Table, columns: Columns) -> pa.Table:
    """The table without the columns that say which run it is of.

    Raises:
        ValueError: its columns or their types are others.
    """
    # The columns are ours, and so is what becomes of them: what the file says about it is left aside.
    plain = table.replace_schema_metadata(None)
    if plain.schema != (columns + IDENTITY_COLUMNS).schema:
        raise ValueError("other columns")
    return plain.select(list(columns))


def _frame(table: pa.Table, columns: Columns) -> pd.DataFrame:
    """A table of issues or rules."""
    plain = _of_columns(table, columns)
    if any(plain.column(column.name).null_count for column in plain.schema if pa.types.is_integer(column.type)):
        raise ValueError("blank cells")
    if any(plain.column(column).null_count for column in plain.column_names if column in _NEVER_BLANK):
        raise ValueError("blank cells")
    return plain.to_pandas()


def _read_records(packed: Zip, parts: Mapping[str, Member], name: str, about: Mapping[str, Any]) -> RecordTable:
    table = _table(packed, parts, f"records/{name}")
    items = [column.removeprefix(_ITEM) for column in table.column_names if column.startswith(_ITEM)]
    table = _of_columns(table, _record_columns(items))
    supplied = about["supplied"]
    if table.num_rows != about["rows"] or not set(supplied) <= set(items):
        raise ValueError("rows or columns are missing")
    if any(table.column(column).null_count for column in (_LINE, *(_ITEM + name for name in supplied))):
        raise ValueError("blank cells")
    children = table.column(_CHILD).cast(pa.string()).to_pandas().astype(object)
    return RecordTable(
        name,
        tuple(about["key"]),
        table.column(_LINE).to_numpy(),
        children.where(children.notna(), None).to_numpy(),
        {item: table.column(_ITEM + item).to_numpy() for item in supplied},
        about["form"],
        tuple(items),
    )


def _checked(run: Run) -> Run:
    """The run, if its tables fit one another. Raises ValueError if they do not."""
    identity(run.summary())
    tables = run.issues["table"].astype(object)
    rows = tables.map({name: len(table) for name, table in run.records.items()})
    if not ((run.issues["row"] >= 0) & (run.issues["row"] < rows)).all():
        raise ValueError("an issue of no record")
    if run.rules["rule"].duplicated().any() or not run.issues["rule"].astype(object).isin(run.rules["rule"]).all():
        raise ValueError("an issue of no rule")
    if not run.rules["status"].isin(get_args(Status)).all() or not run.rules["per"].astype(object).notna().all():
        raise ValueError("no status")
    return run
