"""Saved runs: what one validation checked and found, in one file, enough to compare two submissions without the returns.

A run is a zip with ``run.json`` (what was checked, with what, how it came out), ``issues.parquet``, ``rules.parquet``, and
``records/<table>.parquet`` for every table: the line and child of each record and, for each item, a 64-bit hash of its
value as rules read it (0: blank), so that "01/04/2025" and " 01/04/2025" are the same value.

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from csc_data.errors import InputError, sealed
from csc_data.typed.columns import Dates, Numbers
from csc_data.typed.kinds import Encoded, Kind
from csc_data.typed.texts import Texts
from csc_data.validation.issues import ISSUE_COLUMNS, RULE_COLUMNS
from csc_data.validation.typed_return import SourceTable
from csc_data.writing import json_text, replacing
from csc_data.years import Year

if TYPE_CHECKING:
    from csc_data.validation.report import Report

FORMAT = "csc-data run 1"
CONTENT = "child identifiers of issues and records, and a hash of every submitted value"

_LONGEST_TEXT = 64 * 2**20
_LINE, _CHILD, _ITEM = "line", "child", "item."
_EPOCH = (1980, 1, 1, 0, 0, 0)
_OUTLINE = ("format", "key_id", "child", "summary", "tables")


@dataclass(frozen=True, eq=False)
class RecordTable:
    """The records of one table of a run.

    Attributes:
        name: name of the table; ends in ``_last`` for last year's return.
        key: items that identify a record.
        lines: line of each record in its file.
        children: child identifier of each record, None where there is none.
        values: by item, a hash of each record's value, 0 where it is blank.
    """

    name: str
    key: tuple[str, ...]
    lines: npt.NDArray[np.int64] = field(repr=False)
    children: npt.NDArray[np.object_] = field(repr=False)
    values: dict[str, npt.NDArray[np.uint64]] = field(repr=False)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, eq=False)
class Run:
    """What one validation checked and found.

    Attributes:
        issues: as ``Report.issues``.
        rules: as ``Report.rules``, without the seconds.
        records: every record that was checked, by table.
        child: the item that identifies a child.
        key_id: tells the key of a pseudonymised run; None for one in plain.
    """

    issues: pd.DataFrame
    rules: pd.DataFrame
    records: dict[str, RecordTable]
    child: str
    key_id: str | None
    _summary: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Run of {self._summary['standard']['id']}, {len(self.records)} tables>"

    @classmethod
    def of(cls, report: Report) -> Run:
        """The run of a report."""
        hashes = _Hashes(b"" if report.pseudonyms is None else report.pseudonyms.value_key())
        children = np.asarray([*report.typed.children, None], dtype=object)
        records = {
            name: _record_table(source, children[report.typed.identified[name]], hashes)
            for name, source in report.typed.sources.items()
        }
        return cls(
            report.issues,
            report.rules.drop(columns="seconds"),
            records,
            report.ret.standard.collection.child,
            None if report.pseudonyms is None else report.pseudonyms.key_id,
            report.summary(),
        )

    def summary(self) -> dict[str, Any]:
        """What was checked and how it came out, as ``Report.summary``."""
        return dict(self._summary)

    @sealed
    def save(self, path: str | PathLike[str]) -> None:
        """Save the run in one file, whole or not at all."""
        with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as file:
            file.writestr(zipfile.ZipInfo("run.json", _EPOCH), "".join(json_text(self._outline())))
            _write(file, "issues", pa.Table.from_pandas(self.issues, preserve_index=False))
            _write(file, "rules", pa.Table.from_pandas(self.rules, preserve_index=False))
            for name, table in self.records.items():
                _write(file, f"records/{name}", _columns(table))

    def _outline(self) -> dict[str, Any]:
        return {
            "contains_child_level_values": True,
            "content": CONTENT,
            "format": FORMAT,
            "key_id": self.key_id,
            "child": self.child,
            "summary": self._summary,
            "tables": {name: {"key": list(one.key), "rows": len(one)} for name, one in self.records.items()},
        }


@sealed
def read_run(path: str | PathLike[str]) -> Run:
    """Read a saved run.

    Raises:
        InputError: there is no such file, it is not a saved run, it is damaged, or a newer version wrote it.
    """
    try:
        with zipfile.ZipFile(path) as file:
            outline = _outline(file, path)
            return Run(
                _frame(file, "issues", list(ISSUE_COLUMNS)),
                _frame(file, "rules", [name for name in RULE_COLUMNS if name != "seconds"]),
                {name: _read_records(file, name, about) for name, about in outline["tables"].items()},
                outline["child"],
                outline["key_id"],
                outline["summary"],
            )
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or type(error).__name__}).") from None
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, ValueError):
        # pyarrow's own errors are ValueErrors; what they say could hold parts of the file, so it is not passed on.
        raise InputError(f"{path} is not a saved run, or it is damaged. {_HOW_TO_SAVE}") from None


_HOW_TO_SAVE = "Save one with: csc-data validate PATH --out DIR --format run"


class _Hashes:
    """64-bit hashes of words, each worked out once."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, int] = {}

    def of(self, words: list[str]) -> npt.NDArray[np.uint64]:
        """The hash of each word; 0 for the empty one."""
        return np.fromiter((self._of(word) for word in words), np.uint64, len(words))

    def _of(self, word: str) -> int:
        if word not in self._known:
            digest = hashlib.blake2b(word.encode(), digest_size=8, key=self._key).digest()
            self._known[word] = max(1, int.from_bytes(digest, "little")) if word else 0
        return self._known[word]


def _record_table(source: SourceTable, children: npt.NDArray[np.object_], hashes: _Hashes) -> RecordTable:
    values = {}
    for name, item in source.items.items():
        if source.supplied(name):
            texts = source.encoded(name)
            words = _as_read(item.kind, texts.distinct, source.standard.year)
            values[name] = texts.spread(hashes.of(words), 0)
    return RecordTable(source.name, source.model.declaration().key, source.submitted.lines, children, values)


def _as_read(kind: Kind, texts: Texts, year: Year) -> list[str]:
    """Each text as rules read it: the date, number or word it stands for; what cannot be read, as it was written."""
    column = kind.column(Encoded(texts, np.arange(len(texts), dtype=np.int32)), year)
    if isinstance(column, (Dates, Numbers)):
        read = column.days.astype(str) if isinstance(column, Dates) else column.values.astype(str)
        return np.where(column.known, read, texts.words.to_pylist()).tolist()
    return column.values.tolist()


def _columns(table: RecordTable) -> pa.Table:
    return pa.table(
        {
            _LINE: pa.array(table.lines),
            _CHILD: pa.array(table.children, pa.string()),
            **{_ITEM + name: pa.array(values) for name, values in table.values.items()},
        }
    )


def _write(file: zipfile.ZipFile, name: str, table: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    file.writestr(zipfile.ZipInfo(f"{name}.parquet", _EPOCH), buffer.getvalue())


def _outline(file: zipfile.ZipFile, path: str | PathLike[str]) -> dict[str, Any]:
    """``run.json``, if this is a run that this version reads."""
    if file.getinfo("run.json").file_size > _LONGEST_TEXT:
        raise ValueError("run.json is too long")
    outline: dict[str, Any] = json.loads(file.read("run.json"))
    form = str(outline["format"])
    if form != FORMAT:
        if form.startswith("csc-data run "):
            raise InputError(
                f"{Path(path)} was saved by another version of csc-data. Save both runs with the same version."
            )
        raise ValueError("not a run")
    if missing := [name for name in _OUTLINE if name not in outline]:
        raise KeyError(missing[0])
    return outline


def _table(file: zipfile.ZipFile, name: str) -> pa.Table:
    """A table of the zip. Its parts are stored as they are, so none can unfold to many times its size in the zip."""
    inside = file.getinfo(f"{name}.parquet")
    if inside.compress_type != zipfile.ZIP_STORED:
        raise ValueError("compressed twice")
    return pq.read_table(pa.BufferReader(file.read(inside)))


def _frame(file: zipfile.ZipFile, name: str, columns: list[str]) -> pd.DataFrame:
    frame = _table(file, name).to_pandas()
    if list(frame.columns) != columns:
        raise ValueError("other columns")
    return frame


def _read_records(file: zipfile.ZipFile, name: str, about: Mapping[str, Any]) -> RecordTable:
    table = _table(file, f"records/{name}")
    if table.num_rows != about["rows"]:
        raise ValueError("rows are missing")
    values = {
        column.removeprefix(_ITEM): table.column(column).to_numpy().astype(np.uint64)
        for column in table.column_names
        if column.startswith(_ITEM)
    }
    children = table.column(_CHILD).to_pandas().astype(object)
    return RecordTable(
        name,
        tuple(about["key"]),
        table.column(_LINE).to_numpy().astype(np.int64),
        children.where(children.notna(), None).to_numpy(),
        values,
    )
