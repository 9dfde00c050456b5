"""Files given with a return and not read: passed over, or a problem where the return needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from csc_data.files.own_outputs import is_own_page
from csc_data.files.refusals import Refusal
from csc_data.files.sources import Source
from csc_data.gaps import Gap, GapKind, GapReason
from csc_data.reading.collected import Collected
from csc_data.reading.notes import NoteKind, Tolerated
from csc_data.reading.problems import LocatedProblem, Problem
from csc_data.reading.recognise import AmbiguousError, named_after, recognise
from csc_data.reading.submitted import TableShape
from csc_data.reading.web_pages import HEAD_BYTES, LOOKED_AT, first_rows
from csc_data.reasons import Reason


@dataclass(frozen=True)
class _NotOurs:
    """A file that was not read: what to say if the return needs it, and why it is passed over if not.

    ``holds`` is the table that it holds, as far as can be seen; it is ``needed`` if nothing else holds a table.
    """

    problem: LocatedProblem
    why: Reason
    holds: str = ""
    needed: bool = True


class NotRead:
    """The files of a return that were not read, until it is known whether it needs them.

    Args:
        shapes: the tables that may be found, by name.
        collected: the tables that were read.
        called: what messages call the return.
    """

    def __init__(self, shapes: Mapping[str, TableShape], collected: Collected, called: str) -> None:
        self._shapes, self._collected, self._called = shapes, collected, called
        self._unread: list[_NotOurs] = []
        self._own: list[str] = []
        self._nameless: dict[str, str] = {}
        self._emptied: dict[str, str] = {}

    def own(self, source: Source) -> None:
        """A file that we wrote ourselves."""
        self._collected.add_file(source, source.name, 0, None, None)
        self.own_named(source.name)

    def own_named(self, name: str) -> None:
        """A file that we wrote ourselves, as its name tells."""
        self._own.append(name)

    def needed(self, problem: LocatedProblem, why: Reason) -> None:
        """A file that is a problem if the return has nothing else of it; ``why`` it is passed over if not."""
        self._unread.append(_NotOurs(problem, why))

    def nameless(self, name: str, table: str) -> None:
        """A file or sheet without column names that is named after a table."""
        self._nameless[name] = table

    def empty(self, name: str) -> str:
        """An empty file. Returns the table that it is named after; "" if none."""
        table = self.named_after(name)
        if table:
            self._emptied[name] = table
        return table

    def web_page(self, source: Source, page: str, *, meant: bool) -> None:
        """A web page, or what calls itself a workbook and is none. ``meant``: its name is one of a file with a table."""
        with source.open() as file:
            content = file.read(LOOKED_AT)
        if is_own_page(content[:HEAD_BYTES]):
            self.own(source)
            return
        table = next(filter(None, map(self._table_of_row(source.name), first_rows(content))), "")
        holds = table or (self.named_after(source.name) if meant else "")
        problem = LocatedProblem(Problem.WEB_PAGE(page=page), source.name)
        self._unread.append(_NotOurs(problem, Tolerated.WEB_PAGE(page=page), holds, needed=meant))
        self._collected.add_file(source, source.name, 0, None, None)

    def settle(self) -> None:
        """Say what is to be said of every file that was not read, now that all have been looked at."""
        self._settle_unread()
        self._note_own()
        for name, table in self._nameless.items():
            if table not in self._collected.tables:
                columns = tuple(sorted(self._shapes[table].required))
                self._collected.problem(name, Problem.NO_COLUMN_NAMES(table=table, columns=columns))

    def empty_files(self) -> Iterator[Gap]:
        """The files that by their names hold a table which no other file holds, and are empty."""
        for name, table in self._emptied.items():
            if table not in self._collected.tables:
                yield Gap(GapKind.EMPTY_FILE, table, GapReason.FILE_EMPTY(file=name, table=table))

    def named_after(self, name: str) -> str:
        """The table that a file is named after; "" if none, or several."""
        tables = named_after(name, self._shapes.values())
        return tables[0].name if len(tables) == 1 else ""

    def _settle_unread(self) -> None:
        """Files that could not be read: a problem where the return needs them, or else noted."""
        for unread in self._unread:
            name = unread.problem.file
            table = unread.holds or self.named_after(name)
            if (table and table not in self._collected.tables) or (unread.needed and not self._collected.tables):
                self._collected.problems.append(unread.problem)
            else:
                self._collected.note(NoteKind.EXTRA_FILE, name, unread.why)

    def _note_own(self) -> None:
        """Say once which files we wrote ourselves."""
        if self._own:
            several = len(self._own) > 1
            where = self._called.lower() if several else self._own[0]
            ours = Tolerated.OWN_FILES(names=tuple(self._own)) if several else Refusal.WRITTEN_BY_US()
            self._collected.note(NoteKind.EXTRA_FILE, where, ours)

    def _table_of_row(self, name: str) -> Callable[[Sequence[str]], str]:
        """What tells the table whose column names a row holds; "" if it holds none."""

        def table(row: Sequence[str]) -> str:
            try:
                recognised = recognise(row, name, self._shapes)
            except AmbiguousError:
                return ""
            return recognised.shape.name if recognised else ""

        return table
