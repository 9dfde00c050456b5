"""A return from one form into the other, with a list of everything the other form could not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv

from csc_data.comparison import Comparison, compare
from csc_data.conversion.json_writer import write_json
from csc_data.conversion.lost_rows import lost_rows
from csc_data.conversion.not_in_tables import not_in_tables
from csc_data.conversion.refusals import ConversionRefusal
from csc_data.conversion.written_form import CELL_COLUMNS, in_form
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare.collection import Standard
from csc_data.declare.forms import Form
from csc_data.declare.json_form import JsonForm
from csc_data.declare.xml_form import XmlForm
from csc_data.errors import InputError, UsageError, sealed
from csc_data.files.inputs import Inputs
from csc_data.files.sources import Snapshot, paths_of
from csc_data.files.writing import ensure_writable, replacing, sparing, written_together
from csc_data.metadata.installed import standard as find_standard
from csc_data.reading import Note, NoteKind, Supplied, Unreadable
from csc_data.report import validate
from csc_data.results.rule_results import RAN
from csc_data.returns.given import Given, read_tables
from csc_data.returns.read import of_supplied
from csc_data.visible import FORMULA_STARTS, printable_path

CSV = "csv"
"""The form every collection has: a file a table."""


@dataclass(frozen=True)
class Conversion:
    """What was written, and everything in which it is not what was read.

    What was written was read back, compared cell by cell with the return, and both were checked by every rule.

    Attributes:
        files: what was written.
        unreadable: rows that could not be read, and so are not in it.
        notes: what else was passed over when the return was read, such as columns that are not part of it.
        lost: one row a row that does not come back as it was: table, file, line, reason.
        added: one row a table with rows that come back though they were not there: table, rows.
        rewritten: one row a cell that is written in another form with the same meaning: table, file, line, item.
        issues: one row a rule that finds something else in what was written: rule, gone, new (numbers of issues).
        not_judged: one row a rule that can be checked in one of the two forms only, as the other lacks tables or columns:
            rule, issues (found in what was written). An XML return has all tables, if without rows.
        not_in_tables: how many things of a payload no table can hold, such as lists without entries, by what they are.
        formulas: cells in CSV that a spreadsheet would take for formulas; they are written as they were submitted.
    """

    files: list[Path]
    unreadable: list[Unreadable]
    lost: pd.DataFrame
    formulas: int = 0
    notes: list[Note] = field(default_factory=list)
    added: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["table", "rows"]))
    rewritten: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CELL_COLUMNS)))
    issues: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["rule", "gone", "new"]))
    not_judged: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["rule", "issues"]))
    not_in_tables: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether everything came over: every row, with the same meaning and the same issues."""
        return not (self.unreadable or len(self.lost) or len(self.added) or len(self.issues) or self.not_in_tables)


_PASSED_OVER = (NoteKind.EXTRA_COLUMN, NoteKind.EXTRA_FILE)
"""Kinds of notes of what was in the files and is not in what was written."""


_JUDGED = [*RAN, "not_applicable"]


@sealed
def convert(given: Given, standard: Standard | str, out: str | PathLike[str], *, to: str) -> Conversion:
    """Write a return in another form, read it back, compare every cell and every issue, and only then put it in place.

    A cell that the other form would not read is written as that form has it, if the two mean the same (a date).

    Args:
        given: the return in any form, as for ``read``.
        standard: the standard or its name.
        out: the folder to write into; made if it does not exist.
        to: "csv" for a file a table, or a form of the collection ("xml" for its official XML form).

    Raises:
        UsageError: unknown standard, the collection has no such form, the folder cannot be written to, is the one that is
            read, or already holds files of the names to be written.
        InputError: the return cannot be read.
    """
    chosen = find_standard(standard) if isinstance(standard, str) else standard
    folder = Path(out)
    given = given if isinstance(given, Mapping | Snapshot) else paths_of(given)
    inputs = Inputs.of(given)
    _refuse_to_mix(folder, _targets(folder, chosen, to), inputs)
    supplied = read_tables(given, chosen)
    outgoing, rewritten = in_form(supplied, chosen, to)
    with sparing(inputs), written_together():
        written = _write(outgoing, chosen, folder, to)
        back = _read_back(list(written.values()), chosen)
        changes = compare(validate(of_supplied(supplied, chosen)), validate(of_supplied(back, chosen)))
        lost = lost_rows(outgoing, back, chosen, changes, to)
    return Conversion(
        list(written),
        supplied.unreadable,
        lost,
        _formulas(supplied) if to == CSV else 0,
        _passed_over(supplied),
        _added(changes),
        rewritten,
        _issues(changes),
        _judged_before_or_after(changes),
        not_in_tables(supplied),
    )


def _passed_over(supplied: Supplied) -> list[Note]:
    """The notes of columns and files, and of files of which no row was read."""
    without = {count.file for count in supplied.row_counts() if count.passed_over}
    return [note for note in supplied.notes if note.kind in _PASSED_OVER or note.file in without]


def _added(changes: Comparison) -> pd.DataFrame:
    rows = changes.records[changes.records["change"] == "added"].groupby("table", sort=False).size()
    return rows.rename("rows").reset_index()


def _issues(changes: Comparison) -> pd.DataFrame:
    """Rules that find something else in what was written, those too that found something and cannot be run any more."""
    counts = changes.rules[["rule", "resolved", "new"]].rename(columns={"resolved": "gone"})
    once = changes.not_compared
    unjudged = once.loc[(once["before"].fillna(0) > 0) & ~once["status_after"].isin(_JUDGED), ["rule", "before"]]
    unjudged = unjudged.rename(columns={"before": "gone"}).assign(new=0).astype({"gone": "int64"})
    together = pd.concat([counts, unjudged], ignore_index=True)
    return together[(together["gone"] > 0) | (together["new"] > 0)].reset_index(drop=True)


def _judged_before_or_after(changes: Comparison) -> pd.DataFrame:
    once = changes.not_compared
    judged = [once[name].isin(_JUDGED) for name in ("status_before", "status_after")]
    differing = once.loc[judged[0] != judged[1], ["rule", "after"]].rename(columns={"after": "issues"})
    return differing.fillna({"issues": 0}).astype({"issues": "int64"}).reset_index(drop=True)


def _targets(folder: Path, standard: Standard, form: str) -> list[Path]:
    """Every file that a return of the standard may need in a form."""
    if form == CSV:
        return [folder / f"{name}.csv" for name in standard.models]
    if form not in _forms(standard):
        refusal = ConversionRefusal.NO_SUCH_FORM(
            collection=standard.collection.title, form=form, forms=tuple(_forms(standard))
        )
        raise UsageError(refusal.words)
    return [folder / f"{standard.id.replace('/', '_')}.{form}"]


def _forms(standard: Standard) -> list[str]:
    """What a return of the standard can be written as: a file a table, and every form that its collection declares."""
    writable = (form.name for form in standard.collection.forms if type(form) in _WRITERS)
    return list(dict.fromkeys([CSV, *writable]))


def _refuse_to_mix(folder: Path, targets: Sequence[Path], inputs: Inputs) -> None:
    """Refuse a folder in which the files would take the place of others, or be read as one return together with them.

    Raises:
        UsageError: it is the folder that is read, files of these names are there, or it cannot be written to.
    """
    if inputs.has_folder(folder):
        raise UsageError(ConversionRefusal.FOLDER_OF_RETURN(folder=printable_path(folder)).words)
    with sparing(inputs):
        ensure_writable(targets[:1])
    names = {target.name.casefold() for target in targets}
    with suppress(OSError):
        if there := sorted(path.name for path in folder.iterdir() if path.name.casefold() in names):
            in_use = ConversionRefusal.FOLDER_IN_USE(folder=printable_path(folder), files=tuple(there))
            raise UsageError(in_use.words)


def _read_back(files: list[Path], standard: Standard) -> Supplied:
    try:
        return read_tables(files, standard)
    except InputError:
        raise InputError(ConversionRefusal.CANNOT_HOLD().words) from None


def _formulas(supplied: Supplied) -> int:
    pattern = f"^[{re.escape(''.join(FORMULA_STARTS))}]"
    columns = (column for table in supplied.tables.values() for column in table.data.columns)
    return sum(pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0 for column in columns)


_WRITERS: Mapping[type[Form], Callable[[Mapping[str, pd.DataFrame], Any, Path], Path]] = {
    XmlForm: write_xml,
    JsonForm: write_json,
}
"""What writes a file of each kind of form: from the tables, the form and where the file is to be; gives where it is now."""


def _write(supplied: Supplied, standard: Standard, folder: Path, name: str) -> dict[Path, Path]:
    """Write the files of a form; gives their target paths, and where they are until then."""
    if name == CSV:
        return _write_csv(supplied, standard, folder)
    form = next(declared for declared in standard.collection.forms if declared.name == name)
    (path,) = _targets(folder, standard, name)
    tables = {name: table.data.to_pandas() for name, table in supplied.tables.items()}
    return {path: _WRITERS[type(form)](tables, form, path)}


def _write_csv(supplied: Supplied, standard: Standard, folder: Path) -> dict[Path, Path]:
    """Write a file a table; gives their target paths, and where they are until then."""
    written = {}
    for name, table in supplied.tables.items():
        number = standard.collection.record_number
        kept = list(standard.items[name].values())
        if supplied.format == "xml":
            kept = [item for item in kept if not item.derived or item.name == number]
        items = [item.name for item in kept]
        data = table.data.select([item for item in items if item in table.data.column_names])
        path = folder / f"{name}.csv"
        with replacing(path) as unfinished:
            pyarrow.csv.write_csv(data, unfinished, pyarrow.csv.WriteOptions(quoting_style="needed"))
        written[path] = unfinished
    return written
