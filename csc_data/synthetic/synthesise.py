"""Invented returns with faults put in for chosen rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from random import Random

import pandas as pd

from csc_data.declare.collection import Drawn, Standard
from csc_data.declare.json_form import JsonForm
from csc_data.declare.slots import Slot, TableRef, in_slot
from csc_data.declare.subject import CHILDREN, Subject
from csc_data.errors import UsageError
from csc_data.files.columns import Columns
from csc_data.files.writing import replacing, write_document, written_together
from csc_data.metadata.installed import standard as find_standard
from csc_data.reading.json_objects import payload_of
from csc_data.reference.providers import Providers
from csc_data.returns.read import read
from csc_data.synthetic.earlier import RECORD, ensure_covered, ensure_own, record
from csc_data.synthetic.edits import NOBODY, Edit, known_edits
from csc_data.validation.run import engine_for

SAMPLE = 240
"""Children among whom those for one fault are looked for at a time."""

EACH = 5
"""Children for each rule when faults for all rules are asked for."""

FAULT_COLUMNS = Columns(
    {
        "rule": "official code of the rule that is broken",
        "table": "table that was changed",
        "child": "invented child identifier",
    }
)
"""Columns of faults.csv: a closed set."""

PAYLOAD = "payload.jsonl"
"""The file with the records of a collection that has a JSON form, one a line."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Synthetic:
    """An invented return. ``faults`` lists what was put in: rule, table and child; ``impossible`` the codes of rules for
    which no edit is known or no child was found. ``subjects`` is how many children this year's tables are about: those of
    whom only last year's tell are not among them.
    """

    tables: Tables
    previous: Tables
    authority: str
    providers: pd.DataFrame | None
    faults: pd.DataFrame
    impossible: list[str]
    subjects: int
    subject: Subject = CHILDREN
    form: JsonForm | None = None

    def write(self, folder: str | PathLike[str]) -> Path:
        """Write this_year/ and last_year/ (one CSV file a table), faults.csv, and providers.csv and payload.jsonl if there
        are any: all or none.

        Beside them invented.json says that the return is invented. An earlier invented return is replaced, nothing else.

        Raises:
            UsageError: the folder cannot be written to, or holds anything but an earlier invented return.
        """
        target = Path(folder)
        frames = {
            **{target / "this_year" / f"{name}.csv": frame for name, frame in self.tables.items()},
            **{target / "last_year" / f"{name}.csv": frame for name, frame in self.previous.items()},
            target / "faults.csv": self.faults,
        }
        if self.providers is not None:
            frames[target / "providers.csv"] = self.providers
        payload = [target / PAYLOAD] if self.form else []
        ensure_own(target)
        ensure_covered(target, [*frames, *payload])
        with written_together():
            written = {path: _write(frame, path) for path, frame in frames.items()}
            if self.form:
                written |= {path: _write_payload(self.tables, self.form, path) for path in payload}
            write_document(record(target, written, self.subject), target / RECORD)
        return target


def _write_payload(tables: Mapping[str, pd.DataFrame], form: JsonForm, path: Path) -> Path:
    """Write the records one a line; gives where they are until all is put in place."""
    with replacing(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(
            f"{json.dumps(child_record, ensure_ascii=False)}\n" for child_record in payload_of(tables, form)
        )
    return unfinished


def _write(frame: pd.DataFrame, path: Path) -> Path:
    """Write one table; gives where it is until all are put in place."""
    with replacing(path) as unfinished:
        frame.to_csv(unfinished, index=False)
    return unfinished


def synthesise(
    standard: Standard | str, *, children: int, seed: int, faults: Mapping[str, int] | None = None
) -> Synthetic:
    """Invent the return of one authority, with last year's, and put faults in.

    Args:
        standard: the standard or its name.
        children: how many children to draw.
        seed: the same seed gives the same return.
        faults: for rule codes, how many children are to break them; each child breaks one rule on purpose.

    Raises:
        UsageError: unknown standard or rule, or the collection has no invented returns.
    """
    chosen = find_standard(standard) if isinstance(standard, str) else standard
    wanted = dict(faults or {})
    if unknown := [code for code in wanted if code not in chosen.rules]:
        raise UsageError(f"{chosen.id} has no rule {', '.join(unknown)}. List them: csc-data rules list.")
    drawn = chosen.collection.draw(chosen, children, seed)
    return Faults(chosen, drawn, seed).put_in(wanted)


class Faults:
    """Puts faults into a drawn return, each child used once."""

    def __init__(self, standard: Standard, drawn: Drawn, seed: int) -> None:
        self._standard, self._drawn = standard, drawn
        self._period = standard.period_to(drawn.last_day)
        self._child = standard.collection.subject.item
        self.tables = {
            **drawn.tables,
            **{str(TableRef(Slot.PREVIOUS, name)): table for name, table in drawn.previous.items()},
        }
        self._providers = None if drawn.providers is None else Providers.from_frame(drawn.providers)
        self._edits = known_edits(standard.collection)
        self._records = next(name for name, table in drawn.tables.items() if self._child in table)
        self._unused = drawn.tables[self._records][self._child].tolist()
        self._subjects = len(set(self._unused))
        Random(seed).shuffle(self._unused)

    def children(self) -> list[str]:
        """The children of whom none has a fault yet, in random order."""
        return list(self._unused)

    def put_in(self, wanted: Mapping[str, int]) -> Synthetic:
        """Put in faults for the rules wanted, each for so many children."""
        done: list[dict[str, str]] = []
        impossible = []
        for code, count in sorted(wanted.items(), key=lambda rule_and_count: self._rows_to_edit(rule_and_count[0])):
            broken = self._break(code, count)
            done += broken
            if len(broken) < count:
                impossible.append(code)
        return Synthetic(
            tables=in_slot(self.tables, Slot.THIS),
            previous=in_slot(self.tables, Slot.PREVIOUS),
            authority=self._drawn.authority,
            providers=self._drawn.providers,
            faults=pd.DataFrame(done, columns=list(FAULT_COLUMNS)),
            impossible=[code for code in wanted if code in impossible],
            subjects=self._subjects,
            subject=self._standard.subject,
            form=self._standard.collection.form(JsonForm),
        )

    def _rows_to_edit(self, code: str) -> int:
        """Rows of the table that is edited: rules on small tables choose their children first."""
        return min(
            (len(self.tables[edit.table]) for edit in self._edits.get(code, []) if edit.table in self.tables), default=0
        )

    def _break(self, code: str, count: int) -> list[dict[str, str]]:
        """Break one rule for so many children, as far as children can be found."""
        for edit in self._edits.get(code, []):
            if edit.table not in self.tables:
                continue
            chosen: list[str] = []
            for start in range(0, len(self._unused), SAMPLE):
                sample = self._unused[start : start + SAMPLE]
                likely = self.broken_by(edit, code, sample)[: count - len(chosen)]
                chosen += self.broken_by(edit, code, sample, likely) if likely else []
                if len(chosen) >= count:
                    break
            if chosen:
                complete = edit.with_nobody(self._child, f"{NOBODY}{code}")
                self.tables[edit.table] = complete.apply(
                    self.tables[edit.table], self._rows(complete, self.tables, chosen), self._standard, self._period
                )
                self._unused = [child for child in self._unused if child not in set(chosen)]
                return [{"rule": code, "table": edit.table, "child": child} for child in chosen]
        return []

    def broken_by(self, edit: Edit, code: str, children: list[str], only: list[str] | None = None) -> list[str]:
        """Which of the children break the rule once the edit is made to a row of each (or of some of them only)."""
        part = {name: _of(self.tables[name], self._child, children) for name in self._needed(edit, code)}
        rows = self._rows(edit, part, children if only is None else only)
        about_children = self._child in part[edit.table]
        if edit.kind == "remove" and only is None and about_children:
            # A table without any row would not be judged.
            rows = rows.iloc[:-1]
        edited = set(rows[self._child]) if about_children else set()
        part[edit.table] = edit.apply(part[edit.table], rows, self._standard, self._period)
        strangers = {"", *(part[edit.table][self._child].fillna("") if about_children else ())} - set(children)
        this_year, last_year = in_slot(part, Slot.THIS), in_slot(part, Slot.PREVIOUS)
        days = (self._period.start, self._period.end) if self._drawn.last_day else None
        ret = read(this_year, self._standard, previous=last_year or None, authority=self._drawn.authority, period=days)
        engine = engine_for(ret, self._providers)
        result = engine.run(self._standard.rules[code])
        flagged: set[str] = set()
        for rows_of_table in result.flagged:
            if self._child in part[rows_of_table.table]:
                flagged |= set(part[rows_of_table.table][self._child].fillna("").iloc[rows_of_table.rows])
        if not about_children:
            return children[:1] if result.flagged else []
        with_rows = [child for child in children if child in edited]
        if self._child in edit.cells:
            return with_rows[:1] if flagged & strangers else []
        return [child for child in with_rows if child in flagged]

    def _needed(self, edit: Edit, code: str) -> list[str]:
        """The tables without which the edit cannot be made or the rule be run."""
        needed: set[str] = {*self._standard.tables_read_by(self._standard.rules[code])}
        needed |= {edit.table, self._records, self._standard.collection.period_item.partition(".")[0]}
        return [name for name in self.tables if name in needed]

    def _rows(self, edit: Edit, tables: Mapping[str, pd.DataFrame], children: list[str]) -> pd.DataFrame:
        """The rows to edit: the last of each child; the first row of a table that is not about children.

        For a row that is added: what children without a row in the table have of its columns in their own record.
        """
        table = tables[edit.table]
        if self._child not in table:
            return table.iloc[:1]
        if edit.kind == "add":
            record = tables[self._records]
            lacking = record[record[self._child].isin(set(children) - set(table[self._child]))]
            return lacking.reindex(columns=table.columns)
        of_children = table[table[self._child].isin(set(children))]
        return of_children[~of_children[self._child].duplicated(keep="last")]


def _of(table: pd.DataFrame, child: str, children: list[str]) -> pd.DataFrame:
    return table[table[child].isin(set(children))].reset_index(drop=True) if child in table else table.copy()
