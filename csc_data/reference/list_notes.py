"""What is tolerated in lists of providers, as data: a kind and its facts, with their words."""

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
