"""What is tolerated in lists of providers, and why one is not taken, as data: a kind and its facts, with their words."""

from __future__ import annotations

from collections.abc import Callable

from csc_data.reading.listing import FirstOf
from csc_data.reasons import ReasonKind


class ListNote(ReasonKind):
    """What is tolerated in a list of providers; ``lines`` are those concerned."""

    ENTRIES_NOT_READ = "entries not read"
    CLOSING_DATES = "closing dates not read"
    WITHOUT_URN = "rows without a URN"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


class ListRefusal(ReasonKind):
    """Why lists of providers are not taken."""

    NONE_GIVEN = "no list given"
    NOT_READ = "list not read"
    NO_SHEET = "no sheet with a list"
    NO_URN = "no column of URNs"
    LISTS = "lists not read"
    OTHER_LIST_MISSING = "one list of two"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _REFUSALS[self]


def _at(what: str) -> Callable[..., str]:
    def words(lines: FirstOf[int]) -> str:
        return f"{what}: {lines.count:,}, at line {lines}"

    return words


_WORDS: dict[ListNote, Callable[..., str]] = {
    ListNote.ENTRIES_NOT_READ: _at("entries that could not be read, so that their providers are not known"),
    ListNote.CLOSING_DATES: _at(
        "closing dates that cannot be read (dd/mm/yyyy is expected), so that the provider counts as open"
    ),
    ListNote.WITHOUT_URN: _at("rows without a URN, passed over"),
}
"""How each kind is put into words; the parameters are its facts."""

_REFUSALS: dict[ListRefusal, Callable[..., str]] = {
    ListRefusal.NONE_GIVEN: lambda: "No list of providers was given. Leave it out, or give the published lists.",
    ListRefusal.NOT_READ: lambda file, because: f"{file}: {because}.",
    ListRefusal.NO_SHEET: lambda file: f"{file}: no sheet has a column URN with placement or provider details.",
    ListRefusal.NO_URN: lambda: "The table of providers has no column urn with placement or provider details.",
    ListRefusal.LISTS: lambda problems: "\n  ".join(
        ["The lists of providers cannot be read:", *(problem.words for problem in problems)]
    ),
    ListRefusal.OTHER_LIST_MISSING: lambda given, lacking: (
        f"Only the list of {given} is given: the providers of the list of {lacking} would all be reported as unknown. "
        "Give both, or the combined list (a list of your own that is complete has providers of both kinds in a column "
        "'provider type')."
    ),
}
"""How each kind is put into words, as sentences; the parameters are its facts."""
