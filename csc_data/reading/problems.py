"""Why something that was given cannot be read as part of a return, as data: a kind and its facts, with their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from csc_data.errors import InputError
from csc_data.files import limits
from csc_data.files.limits import in_bytes
from csc_data.reading.frames import AS_TEXT
from csc_data.reading.listing import FirstOf, listed
from csc_data.reasons import Reason, ReasonKind

MOST_TABLES = 20
"""Tables or columns that are expected, and listed."""


class Problem(ReasonKind):
    """Why a file, a table or a return cannot be read. Why a file cannot be opened at all is a ``Refusal``."""

    TABLE_ALONE = "a table without its name"
    SEVERAL_FORMS = "given in several forms"
    NO_TABLE = "no table found"
    NO_COLUMN_NAMES = "named after a table, without its column names"
    TABLE_UNKNOWN = "no such table"
    TABLE_TWICE = "second file of a table"
    TWO_RETURNS = "folders with the same tables"
    TABLES_AMBIGUOUS = "columns of several tables"
    NO_FORM = "no such form"
    NO_HEADER = "no single header row"
    NOT_TEXT = "no text"
    TEXT_OF_NO_TABLE = "text named as a workbook, without a table"
    WEB_PAGE = "web page"
    FORMULAS = "formulas without result"
    NO_FRAME = "no DataFrame"
    DIGITS_LOST = "digits lost"
    NO_CHARACTER = "no character"

    NOT_JSON = "no strict JSON"
    NO_PAYLOAD = "no payload"
    NOT_WELL_FORMED = "not well formed"
    RECORD_TOO_LARGE = "record too large"
    MARKUP_TOO_LONG = "markup too long"
    DOCUMENT_TYPE = "document type declared"
    NAMESPACE_TOO_LONG = "name of a namespace too long"
    TOO_DEEP = "elements too deep"
    OTHER_ROOT = "another root element"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


@dataclass(frozen=True)
class LocatedProblem:
    """Why something cannot be read, and where.

    Args:
        reason: why; a ``Problem`` or a ``Refusal``, or what was noted of a file where no table was found.
        file: the file, sheet or table; "" for the return as a whole.
        line: the line, if it is one.
    """

    reason: Reason
    file: str = ""
    line: int | None = None

    @property
    def words(self) -> str:
        """As a sentence: "episodes.csv, line 3: ..."."""
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.reason}." if where else f"{self.reason}."

    def __str__(self) -> str:
        return self.words


class FileProblemError(InputError):
    """A file cannot be read as part of the return.

    Args:
        problem: why, and where.
    """

    def __init__(self, problem: LocatedProblem) -> None:
        super().__init__(problem.words)
        self.problem = problem

    def __reduce__(self) -> tuple[type[FileProblemError], tuple[LocatedProblem]]:
        """Pickle it by its problem."""
        return type(self), (self.problem,)

    @property
    def is_other_root(self) -> bool:
        """Whether the file is none of the collection, as it begins with another element."""
        return self.problem.reason.kind is Problem.OTHER_ROOT


class UnreadableReturnError(InputError):
    """A return cannot be read.

    Args:
        called: what messages call the return.
        problems: why, at least one.
        tables: the number of its tables that could be read.
    """

    def __init__(self, called: str, problems: Sequence[LocatedProblem], tables: int) -> None:
        words = "\n".join([f"{called} cannot be read:", *(f"  {problem}" for problem in problems)])
        super().__init__(words)
        self.called, self.problems, self.tables = called, tuple(problems), tables

    def __reduce__(self) -> tuple[type[UnreadableReturnError], tuple[str, tuple[LocatedProblem, ...], int]]:
        """Pickle it by its problems."""
        return type(self), (self.called, self.problems, self.tables)


def _several_forms(called: str, forms: Sequence[tuple[str, str]]) -> str:
    each = "; ".join(f"{name} is {form}" for name, form in forms)
    return f"{called} is given in more than one form ({each}). Give one of them"


def _no_table(tables: Sequence[str], files: Sequence[str] = (), folders: Sequence[str] = ()) -> str:
    where = f" in {listed(files)}" if files else ""
    instead = f". Folders in it are not read: {listed(folders)}. Give the one that holds the tables" if folders else ""
    expected = listed(tables, most=MOST_TABLES)
    return f"No table of the return was found{where}. Expected files with the columns of: {expected}{instead}"


def _no_column_names(table: str, columns: Sequence[str]) -> str:
    return (
        f"by its name it holds {table}, but none of its first rows holds the column names of a table of the return; name "
        f"its columns in its first row ({listed(columns, most=MOST_TABLES)}), or rename it if it is something else"
    )


def _two_returns(folders: Sequence[str]) -> str:
    return (
        f"its folders {listed(folders)} hold the same tables, and may be two years; unpack it, give this "
        "year's folder as the return, and the one before it with --previous"
    )


def _digits_lost(columns: Sequence[str]) -> str:
    return (
        f"columns that hold numbers so long that pandas has changed their last digits: {listed(columns)}; read the file "
        f"with {AS_TEXT}"
    )


def _formulas(cells: FirstOf[str]) -> str:
    return (
        f"formulas without a stored result in {cells}, so that their values are not known; open the workbook in Excel, "
        "save it, and give that"
    )


def _not_well_formed(what: str, cut_off: bool) -> str:
    cut = "; perhaps the file is cut off" if cut_off else ""
    return f"the XML is not well formed there ({what}{cut}); export it again"


_WORDS: dict[Problem, Callable[..., str]] = {
    Problem.TABLE_ALONE: lambda tables: (
        f"A table alone does not say which one it is. Give tables by name: {listed(tables, most=MOST_TABLES)}"
    ),
    Problem.SEVERAL_FORMS: _several_forms,
    Problem.NO_TABLE: _no_table,
    Problem.NO_COLUMN_NAMES: _no_column_names,
    Problem.TABLE_UNKNOWN: lambda tables: f"there is no such table; tables: {listed(tables, most=MOST_TABLES)}",
    Problem.TABLE_TWICE: lambda table, first: f"a second file with {table}; the first is {first}. Give one",
    Problem.TWO_RETURNS: _two_returns,
    Problem.TABLES_AMBIGUOUS: lambda tables: (
        f"its columns fit {' or '.join(tables)} equally well; name the file after its table"
    ),
    Problem.NO_FORM: lambda form: f"this collection has no {form.upper()} form; give CSV files",
    Problem.NO_HEADER: lambda because: f"{because}; export it again with one header row",
    Problem.NOT_TEXT: lambda because, form="": f"it is {because}" + (f"; export it again as {form}" if form else ""),
    Problem.TEXT_OF_NO_TABLE: lambda: (
        "it is text, not a workbook, and its columns are those of no table of the return; save it again as xlsx"
    ),
    Problem.WEB_PAGE: lambda page: f"it is {page}; open it in Excel, save it as xlsx, and give that",
    Problem.FORMULAS: _formulas,
    Problem.NO_FRAME: lambda given: f"a table is given as a pandas DataFrame, not as {given}",
    Problem.DIGITS_LOST: _digits_lost,
    Problem.NO_CHARACTER: lambda: "a text holds something that is not a character; read the data in its right encoding",
    Problem.NOT_JSON: lambda because: because,
    Problem.NO_PAYLOAD: lambda because: because,
    Problem.NOT_WELL_FORMED: _not_well_formed,
    Problem.RECORD_TOO_LARGE: lambda: (
        f"one record, or a few, hold more than {limits.XML_BATCH_ELEMENTS:,} elements, as no return's does"
    ),
    Problem.MARKUP_TOO_LONG: lambda: (
        f"a tag, comment or instruction is longer than {in_bytes(limits.XML_MARKUP_BYTES)}, or is not ended"
    ),
    Problem.DOCUMENT_TYPE: lambda: "it declares a document type, which a return never needs; remove it",
    Problem.NAMESPACE_TOO_LONG: lambda: (
        f"it declares a namespace whose name is longer than {limits.XML_NAMESPACE_CHARACTERS} characters"
    ),
    Problem.TOO_DEEP: lambda: f"more than {limits.XML_DEPTH} elements stand within one another",
    Problem.OTHER_ROOT: lambda root: (
        f"its root element is not {root}; check that it is a file of this collection and year"
    ),
}
"""How each kind is put into words; the parameters are its facts."""
