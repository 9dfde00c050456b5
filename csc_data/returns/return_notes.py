"""What is tolerated in a return and said of it, as data: a kind and its facts, with their words.

Facts are names of tables and columns, lines, numbers and words of closed lists of ours; never what stood in a cell.
"""

from __future__ import annotations

from collections.abc import Callable

from csc_data.gaps import EXPORT_AS_TEXT, identifiers_in_words
from csc_data.reasons import Reason, ReasonKind


class ReturnNote(ReasonKind):
    """What is said of a return that was read."""

    FORM_OF_CELLS = "cells in another form"
    WORDS_FOR_NOTHING = "words for nothing"
    ROW_OF_TOTALS = "row of totals"
    IDENTIFIERS_DIFFER = "identifiers differ in form"
    STANDARD_DETECTED = "standard worked out"
    AUTHORITY_STATED = "authority stated"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


class Remedy(ReasonKind):
    """What to do about cells in another form."""

    DATES = "dates to be written otherwise"
    NUMBERS = "numbers to be written otherwise"
    DIGITS_LOST = "digits lost"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _REMEDY_WORDS[self]


class Evidence(ReasonKind):
    """What tells which version a return is of."""

    STATED = "stated"
    NEWEST = "newest version"
    DATES = "dates"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _EVIDENCE_WORDS[self]


Counts = tuple[tuple[str, int], ...]
"""Things and how many there are of each, most first."""


def _form_of_cells(
    column: str, cells: int, filled: int, expected: str, first_line: int, forms: Counts, advice: Reason
) -> str:
    instead = "; ".join(f"{many:,} {form}" for form, many in forms)
    return (
        f"{column}: {cells:,} of {filled:,} filled cells are not {expected}, the first at line {first_line:,}. "
        f"Instead: {instead}. {advice}"
    )


def _words_for_nothing(column: str, words: Counts) -> str:
    cells = sum(count for _, count in words)
    each = ", ".join(f"{count:,} {word}" for word, count in words)
    return (
        f"{column}: {cells:,} {'cell holds' if cells == 1 else 'cells hold'} a word for nothing ({each}). Leave such cells "
        "blank. They are not counted as filled; the rules read them as they are written"
    )


def _identifiers_differ(of: str, others: str, agreeing: int, identifiers: int, by: Counts) -> str:
    return f"{identifiers_in_words(of, others, agreeing, identifiers, by)}. {EXPORT_AS_TEXT}"


_WORDS: dict[ReturnNote, Callable[..., str]] = {
    ReturnNote.FORM_OF_CELLS: _form_of_cells,
    ReturnNote.WORDS_FOR_NOTHING: _words_for_nothing,
    ReturnNote.ROW_OF_TOTALS: lambda table, line: (
        f"the last row of {table}, line {line:,}, looks like one of totals; it is checked as any other. If it is one, "
        "remove it"
    ),
    ReturnNote.IDENTIFIERS_DIFFER: _identifiers_differ,
    ReturnNote.STANDARD_DETECTED: lambda standard, evidence: f"checked against {standard}, as {evidence}",
    ReturnNote.AUTHORITY_STATED: lambda name, code, item: f"checked as that of {name} ({code}), as {item} states it",
}
"""How each kind is put into words; the parameters are its facts."""

_REMEDY_WORDS: dict[Remedy, Callable[..., str]] = {
    Remedy.DATES: lambda form, in_excel: (
        f"Have them written {form}{f': in Excel, format the cells as {form} and save again' if in_excel else ''}"
    ),
    Remedy.NUMBERS: lambda: "Have them written as digits alone, with a point for decimals",
    Remedy.DIGITS_LOST: lambda: "Digits are lost: export again from the source, with the column as text",
}
"""How each kind is put into words; the parameters are its facts."""

_EVIDENCE_WORDS: dict[Evidence, Callable[..., str]] = {
    Evidence.STATED: lambda what, version, item: f"the return states the {what} {version} in {item}",
    Evidence.NEWEST: lambda: "it is the newest version, and nothing in the return states its own",
    Evidence.DATES: lambda share, dates: f"{share:.0%} of {dates:,} dates lie in its period and next to none after it",
}
"""How each kind is put into words; the parameters are its facts."""
