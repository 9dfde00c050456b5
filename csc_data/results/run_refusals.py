"""Why a saved run is not read, as data: a kind and its facts, with their words."""

from __future__ import annotations

from collections.abc import Callable

from csc_data.reasons import ReasonKind


class RunRefusal(ReasonKind):
    """Why a file is not read as a saved run."""

    NOT_READ = "file not read"
    NO_RUN = "no saved run"
    OTHER_FORMAT = "saved by another version"

    @property
    def wording(self) -> Callable[..., str]:
        """Puts the facts of this kind into words."""
        return _WORDS[self]


_WORDS: dict[RunRefusal, Callable[..., str]] = {
    RunRefusal.NOT_READ: lambda file, because: f"{file}: {because}.",
    RunRefusal.NO_RUN: lambda file: (
        f"{file} is not a saved run, or it is damaged. Save one with: csc-data validate PATH --out DIR --format run"
    ),
    RunRefusal.OTHER_FORMAT: lambda file: (
        f"{file} was saved by another version of csc-data. Save both runs with the same version."
    ),
}
"""How each kind is put into words, as sentences; the parameters are its facts."""
