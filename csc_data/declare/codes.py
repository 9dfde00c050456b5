"""Code sets, groups of codes and thresholds, each with the years in which its members are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from csc_data.errors import StandardError
from csc_data.versions import Version, Window


@dataclass(frozen=True)
class CodeInForce:
    """One code of a set: its word, its label and its years."""

    code: str
    label: str
    window: Window


def as_compared(code: str) -> str:
    """A code as it is compared with what was submitted: trimmed, in upper case."""
    return code.strip().upper()


class Codes:
    """A code set: the words an item may hold, with their labels, year by year.

    ``Codes("placement type", {"K1": "Secure children's home", ...}).then("2025-26", add={...}, drop=[...])``

    Args:
        title: what the codes classify.
        labels: label by code. A code may hold blanks and small letters; it is compared trimmed and in upper case, and
            shown as it is written here.
        since: first year of these codes; None if they are older than the versions known.
        note: doubt about a label or window, shown in the catalogue.

    Raises:
        StandardError: a code is added while it is still in force, or dropped while it is not.
    """

    def __init__(self, title: str, labels: Mapping[str, str], *, since: str | None = None, note: str = "") -> None:
        self.title, self.note = title, note
        self.members = tuple(CodeInForce(code, label, Window.of(since, None)) for code, label in labels.items())

    def then(self, version: str, *, add: Mapping[str, str] | None = None, drop: Iterable[str] = ()) -> Codes:
        """The same set with changes that take effect in ``year``."""
        changed = type(self)(self.title, {}, note=self.note)
        changed.members = _changed(self.title, self.members, Version.of(version), add or {}, list(drop))
        return changed

    def at(self, version: Version) -> dict[str, str]:
        """Label by code, for one year."""
        return {member.code: member.label for member in self.members if version in member.window}

    def label(self, code: str, version: Version) -> str:
        """The label of a code in a year, in whatever letter case; "" when it is not in force."""
        return self.compared_at(version).get(as_compared(code), "")

    def compared_at(self, version: Version) -> dict[str, str]:
        """Label by code for one year, the codes as they are compared."""
        return {as_compared(code): label for code, label in self.at(version).items()}

    def compared(self) -> frozenset[str]:
        """Every code, whatever its years, as it is compared."""
        return frozenset(as_compared(member.code) for member in self.members)

    def spellings(self, version: Version) -> list[str]:
        """The codes of one year as they are written, and as they are compared."""
        codes = self.at(version)
        return sorted({*codes, *map(as_compared, codes)})


class Group:
    """A named group of codes that rules share ("temporary placements"), year by year. ``.then`` as for ``Codes``.

    Args:
        title: what the codes have in common.
        codes: the codes, separated by spaces, or a list of them where a code holds a blank.
    """

    def __init__(self, title: str, codes: str | Iterable[str], *, since: str | None = None) -> None:
        self.title = title
        self.members = tuple(CodeInForce(code, "", Window.of(since, None)) for code in _listed(codes))

    def then(self, version: str, *, add: str | Iterable[str] = "", drop: str | Iterable[str] = "") -> Group:
        """The same group with changes that take effect in ``year``."""
        changed = Group(self.title, "")
        changed.members = _changed(
            self.title, self.members, Version.of(version), dict.fromkeys(_listed(add), ""), _listed(drop)
        )
        return changed

    def at(self, version: Version) -> frozenset[str]:
        """The codes of one year."""
        return frozenset(member.code for member in self.members if version in member.window)

    def __or__(self, other: Group) -> Group:
        both = Group(f"{self.title} and {other.title}", "")
        both.members = self.members + other.members
        return both


def _listed(codes: str | Iterable[str]) -> list[str]:
    return codes.split() if isinstance(codes, str) else list(codes)


def _changed(
    title: str, members: tuple[CodeInForce, ...], version: Version, add: Mapping[str, str], drop: list[str]
) -> tuple[CodeInForce, ...]:
    """Close the windows of dropped codes the year before and open those of added ones."""
    in_force = {member.code for member in members if version in member.window}
    if unknown := sorted(set(drop) - in_force):
        raise StandardError(f"{title}: {', '.join(unknown)} cannot be dropped in {version}, not in force then.")
    if still := sorted((set(add) & in_force) - set(drop)):
        raise StandardError(f"{title}: {', '.join(still)} cannot be added in {version}, already in force then.")
    closed = (
        CodeInForce(member.code, member.label, member.window.closed(version))
        if member.code in drop and version in member.window
        else member
        for member in members
    )
    return *closed, *(CodeInForce(code, label, Window(version, None)) for code, label in add.items())


V = TypeVar("V")


class Threshold(Generic[V]):
    """A number, date or other value that changes with the years. ``Threshold(14).then("2023-24", 16).at(year)``."""

    def __init__(self, value: V) -> None:
        self._values: list[tuple[Version | None, V]] = [(None, value)]

    def then(self, version: str, value: V) -> Threshold[V]:
        """The same threshold with another value from ``year`` on."""
        changed: Threshold[V] = Threshold(value)
        later = [(since, known) for since, known in self._values[1:] if since] + [(Version.of(version), value)]
        changed._values = [self._values[0], *sorted(later, key=lambda pair: pair[0].order)]
        return changed

    @property
    def latest(self) -> V:
        """The value in force last."""
        return self._values[-1][1]

    def at(self, version: Version) -> V:
        """The value in force in a year."""
        return [value for since, value in self._values if since is None or since <= version][-1]


@dataclass(frozen=True)
class Dated:
    """An official rule code in force for some years only: ``dated("SW13STG1", until="2023-24")``."""

    code: str
    window: Window


def dated(code: str, *, since: str | None = None, until: str | None = None) -> Dated:
    """Limit an item's official rule code to some years."""
    return Dated(code, Window.of(since, until))


def in_force(code: str | Dated | tuple[Dated, ...] | None, version: Version) -> str | None:
    """The official code that applies in a year, or None."""
    options: tuple[Any, ...] = code if isinstance(code, tuple) else (code,)
    for option in options:
        if isinstance(option, str):
            return option
        if option is not None and version in option.window:
            return str(option.code)
    return None
