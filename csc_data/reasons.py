"""Why something was not done, as data: a kind and its facts. The words of every kind stand here, and nowhere else.

Whoever has to know why a rule did not run asks for the kind; the words are for people, and nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ReasonKind(StrEnum):
    """Base of the enums of reasons. A member is called to make a reason of its kind, with the facts of the case."""

    def __call__(self, *lacking: str, **facts: Any) -> Reason:
        """A reason of this kind.

        Args:
            lacking: the tables ("Episodes_last") and columns ("Episodes.DECOM") for want of which something was not done.
            facts: what the words of the kind say, by name.

        Raises:
            TypeError: these are not the facts of the kind.
        """
        made = Reason(self, lacking, tuple(facts.items()))
        made.words  # noqa: B018  tells of a fact that is missing where it was forgotten, not where it would be shown
        return made

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words: its parameters are their names."""
        raise NotImplementedError


@dataclass(frozen=True)
class Reason:
    """Why something was not done.

    Args:
        kind: what kind of reason it is.
        lacking: the tables ("Episodes_last") and columns ("Episodes.DECOM") that are not there; none if it is not that.
        named_facts: the facts of the case, by name.
    """

    kind: ReasonKind
    lacking: tuple[str, ...] = ()
    named_facts: tuple[tuple[str, Any], ...] = ()

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the case."""
        return dict(self.named_facts)

    @property
    def words(self) -> str:
        """The reason as a clause, without a full stop."""
        return self.kind.wording(**self.facts)

    def __str__(self) -> str:
        return self.words


class SkipReason(ReasonKind):
    """Why a rule did not run, or not in full, or a figure was not worked out."""

    TABLE_MISSING = "table missing"
    COLUMN_MISSING = "column missing"
    NONE_SUPPLIED = "none of several tables supplied"
    LINK_MISSING = "columns that link rows missing"
    NOT_LINKED = "rows not linked"
    OTHER_FORM = "in another form"
    NO_PREVIOUS = "no previous year"
    PREVIOUS_NOT_TRUSTED = "previous year not trusted"
    NO_AUTHORITY = "no authority"
    NO_PROVIDERS = "no provider list"
    NO_POSTCODES = "no postcode directory"
    POSTCODES_DAMAGED = "postcode directory damaged"
    NO_BANK_HOLIDAYS = "no calendar of bank holidays"
    NOT_IN_THIS_FORM = "not in this form of return"
    NO_GROUPS = "no groups"
    NO_ROWS = "no rows"
    TOO_MANY_PAIRS = "too many pairs"
    SWITCHED_OFF = "switched off"
    CRASHED = "crashed"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _SKIP_WORDS[self]


class NotRunError(Exception):
    """Base of what is raised where a rule cannot run or a figure cannot be worked out.

    Args:
        reasons: why, at least one.
    """

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return in_words(self.reasons)


def in_words(reasons: Iterable[Reason]) -> str:
    """Several reasons in a row, each said once."""
    return "; ".join(dict.fromkeys(reason.words for reason in reasons))


def _table_missing(table: str, whose: str = "", so: str = "") -> str:
    of_whom, effect = f" of {whose}" if whose else "", f", so {so}" if so else ""
    return f"table {table}{of_whom} not supplied{effect}"


def _columns_missing(table: str, items: Sequence[str]) -> str:
    return f"{'column' if len(items) == 1 else 'columns'} {', '.join(items)} of {table} not supplied"


def _none_supplied(tables: Sequence[str]) -> str:
    *others, last = tables
    return f"neither {others[0]} nor {last} supplied" if len(others) == 1 else (
        f"none of {', '.join(others)} and {last} supplied"
    )  # fmt: skip


def _other_form(what: str, column: str, whose: str = "") -> str:
    return f"{what} of {column}{whose} are in another form"


def _no_rows(tables: Sequence[str], alternatives: bool = False) -> str:
    return f"no rows in {(' or ' if alternatives else ', ').join(tables)}"


def _too_many_pairs(pairs: int, left: str, right: str, most: int) -> str:
    return (
        f"{pairs:,} pairs of rows of {left} and {right} share an identifier; "
        f"more than {most:,} are not compared: correct identifiers that are repeated"
    )


_SKIP_WORDS: dict[SkipReason, Callable[..., str]] = {
    SkipReason.TABLE_MISSING: _table_missing,
    SkipReason.COLUMN_MISSING: lambda table, item: _columns_missing(table, [item]),
    SkipReason.NONE_SUPPLIED: _none_supplied,
    SkipReason.LINK_MISSING: _columns_missing,
    SkipReason.NOT_LINKED: lambda table, to: f"what links {table} to {to} not supplied",
    SkipReason.OTHER_FORM: _other_form,
    SkipReason.NO_PREVIOUS: lambda none: none,
    SkipReason.PREVIOUS_NOT_TRUSTED: lambda called: f"{called} is not trusted",
    SkipReason.NO_AUTHORITY: lambda: "authority not given",
    SkipReason.NO_PROVIDERS: lambda: "no provider list",
    SkipReason.NO_POSTCODES: lambda package: f"no postcode directory (the package {package} is not installed)",
    SkipReason.POSTCODES_DAMAGED: lambda folder: f"the postcode directory is damaged; delete the folder {folder}",
    SkipReason.NO_BANK_HOLIDAYS: lambda: "no calendar of bank holidays (the package holidays is not installed)",
    SkipReason.NOT_IN_THIS_FORM: lambda what, form: f"only a return in {form} shows {what}",
    SkipReason.NO_GROUPS: lambda by: f"no groups by {by}: its item was not supplied, or is in another form",
    SkipReason.NO_ROWS: _no_rows,
    SkipReason.TOO_MANY_PAIRS: _too_many_pairs,
    SkipReason.SWITCHED_OFF: lambda: "switched off for this run",
    SkipReason.CRASHED: lambda position: position,
}
"""How each kind is put into words; the parameters are its facts."""
