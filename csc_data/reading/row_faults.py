"""Why a row is not read, as data: a kind and its facts. The words of every kind stand here, never a value of the row."""

from __future__ import annotations

from collections.abc import Callable

from csc_data.files import limits
from csc_data.reading.listing import listed
from csc_data.reasons import ReasonKind


class RowFault(ReasonKind):
    """Why a row is listed as unreadable."""

    ABOVE_NAMES = "above the column names"
    NAMES_AGAIN = "column names once more"
    CELL_COUNT = "number of cells"
    UNPAIRED_QUOTE = "quotation mark without a partner"
    MISPLACED_QUOTE = "quotation mark in the wrong place"
    TOO_MANY_DELIMITERS = "too many delimiters"
    CUT_OFF = "cut off"
    ELEMENT_TWICE = "element more than once"
    RECORD_TWICE = "record more than once"
    MISPLACED_ELEMENT = "element out of place"
    EMPTY_RECORD = "record of nothing"
    NO_OBJECT = "no object"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


def _cell_count(cells: int, expected: int) -> str:
    return f"{cells} cell{'' if cells == 1 else 's'} where the header has {expected}"


def _misplaced(element: str, within: str = "") -> str:
    return f"element {element} stands {f'in {within}, ' if within else ''}where the form has none"


_WORDS: dict[RowFault, Callable[..., str]] = {
    RowFault.ABOVE_NAMES: lambda: "it stands above the column names",
    RowFault.NAMES_AGAIN: lambda: "it holds the column names once more",
    RowFault.CELL_COUNT: _cell_count,
    RowFault.UNPAIRED_QUOTE: lambda: "a quotation mark has no partner",
    RowFault.MISPLACED_QUOTE: lambda: "a quotation mark stands in the wrong place",
    RowFault.TOO_MANY_DELIMITERS: lambda: f"it has more than {limits.RECORD_CUTS:,} delimiters",
    RowFault.CUT_OFF: lambda because: f"{because}; the file seems to be cut off there",
    RowFault.ELEMENT_TWICE: lambda elements, within: f"element {listed(elements)} stands more than once in {within}",
    RowFault.RECORD_TWICE: lambda element: (
        f"element {element} stands more than once in the element around it; the first one is read"
    ),
    RowFault.NO_OBJECT: lambda what: f"{what} stands where the form has an object; the receiver refuses it",
    RowFault.MISPLACED_ELEMENT: _misplaced,
    RowFault.EMPTY_RECORD: lambda element: f"element {element} holds nothing of the return",
}
"""How each kind is put into words; the parameters are its facts."""
