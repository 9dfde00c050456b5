"""Local authorities of England with responsibility for children's services, and the districts they answer for.

Sources: Office for National Statistics codes, Department for Education authority numbers; see ``data/README.md``.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError
from csc_data.visible import printable

OUTSIDE = {"S": "SCO", "N": "NIR", "W": "WAL", "L": "NUK", "M": "NUK"}
"""What stands for a district outside England, by the first letter of its code."""

LONDON = "E12000007"
"""The region that Inner and Outer London make up."""

REGIONS = {
    "E12000001": "North East", "E12000002": "North West", "E12000003": "Yorkshire and The Humber",
    "E12000004": "East Midlands", "E12000005": "West Midlands", "E12000006": "East of England", LONDON: "London",
    "E12000008": "South East", "E12000009": "South West", "E13000001": "Inner London", "E13000002": "Outer London",
}  # fmt: skip
"""Names of the regions of England, and of the two parts of London, by ONS code."""

_SHARED_WORDS = frozenset(
    [
        "and",
        "the",
        "of",
        "upon",
        "on",
        "council",
        "borough",
        "london",
        "royal",
        "county",
        "city",
        "metropolitan",
        "district",
        "unitary",
        "corporation",
    ]
)


@dataclass(frozen=True)
class LocalAuthority:
    """An upper-tier or unitary authority.

    ``valid_from`` and ``valid_to`` are its first and last day as ISO dates, "" where it is older than 2009 or still exists;
    ``former_ons_code`` was its code up to ``former_code_to``, "" where it always had the same one.
    """

    ons_code: str
    dfe_number: str
    name: str
    valid_from: str
    valid_to: str
    former_ons_code: str
    former_code_to: str = ""

    @property
    def current(self) -> bool:
        """Whether the authority still exists."""
        return not self.valid_to

    def code_on(self, day: dt.date) -> str:
        """The ONS code that it had on a day."""
        return (
            self.former_ons_code if self.former_ons_code and day.isoformat() <= self.former_code_to else self.ons_code
        )

    @property
    def region(self) -> str:
        """The ONS code of its region; of Inner or Outer London in London."""
        return _regions()[self.ons_code]

    def exists(self, first: dt.date, last: dt.date) -> bool:
        """Whether the authority exists on some day from the first to the last."""
        return _in_force(self.valid_from, self.valid_to, first, last)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("csc_data.reference").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _regions() -> dict[str, str]:
    return {row["ons_code"]: row["region"] for row in _rows("regions.csv")}


@cache
def authorities() -> tuple[LocalAuthority, ...]:
    """Every authority, current and former, by Department for Education number."""
    return tuple(LocalAuthority(**row) for row in _rows("local_authorities.csv"))


def _in_force(valid_from: str, valid_to: str, first: dt.date, last: dt.date) -> bool:
    return valid_from <= last.isoformat() and (not valid_to or valid_to >= first.isoformat())


@cache
def _responsible(on: dt.date) -> dict[str, str]:
    """By code of an area, the authority responsible for it on a day; "" for a code in use on other days alone."""
    never = dict.fromkeys([authority.ons_code for authority in authorities()], "")
    itself = {authority.ons_code: authority.ons_code for authority in authorities() if authority.exists(on, on)}
    former = {authority.former_ons_code: authority.ons_code for authority in authorities() if authority.former_ons_code}
    districts = {
        row["district"]: row["upper_tier"]
        for row in _rows("districts.csv")
        if _in_force(row["valid_from"], row["valid_to"], on, on)
    }
    return never | itself | former | districts


def upper_tier(districts: npt.NDArray[np.object_], on: dt.date) -> npt.NDArray[np.object_]:
    """The authority responsible on a day for each district code.

    Its ONS code in England; "SCO", "NIR", "WAL" or "NUK" (Isle of Man, Channel Islands) elsewhere; "" if unknown.
    """
    known, codes = _responsible(on), districts.tolist()
    answers = {code: known.get(code) or OUTSIDE.get(code[:1], "") for code in set(codes)}
    return np.asarray([answers[code] for code in codes], dtype=object)


def responsible_code(code: str, on: dt.date) -> str:
    """The ONS code of the authority that a code stands for on a day.

    Args:
        code: an ONS code, the present one or a former one, or a Department for Education number.
        on: the day.

    Returns:
        The code; "" for an authority that does not exist on that day; what was given if it is no code of an authority.
    """
    number = next((authority.ons_code for authority in authorities() if authority.dfe_number == code), code)
    return _responsible(on).get(number, number)


def find_authority(authority: str | int, period: tuple[dt.date, dt.date] | None = None) -> LocalAuthority:
    """Find an authority by ONS code, Department for Education number or name, official or in common use.

    Args:
        authority: the code, number or name. Words that many names share (Council, City of, London Borough of) do not count,
            and a part of a name does if no other authority has it.
        period: first and last day for which it is wanted; of authorities with one name, the one that existed then is meant.

    Raises:
        UsageError: nothing fits, or several do, which the message lists; or the authority did not exist in the period, and
            the message names those that did.
    """
    if not isinstance(authority, str | int):
        raise UsageError(f"An authority is given as text or number, not as a value of type {type(authority).__name__}.")
    text = str(authority)
    candidates = _candidates(text)
    then = [candidate for candidate in candidates if period and candidate.exists(*period)]
    existing = then or [candidate for candidate in candidates if candidate.current] or candidates
    if len(existing) > 1:
        raise UsageError(
            f"Several local authorities fit '{printable(text)}': {_listed(existing)}. Give the full name, or the code."
        )
    if not existing:
        names = {plain_name(authority.name): authority.name for authority in authorities()}
        close = [names[name] for name in difflib.get_close_matches(plain_name(text), names, n=4, cutoff=0.5)]
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise UsageError(
            f"There is no local authority '{printable(text)}'. Give an ONS code, a DfE number or a name.{hint}"
        )
    (match,) = existing
    if period and not match.exists(*period):
        raise UsageError(_not_in_period(match, *period))
    return match


@cache
def _by_code() -> dict[str, list[LocalAuthority]]:
    """The authorities of every code, of the Office for National Statistics or of the department, former ones too."""
    held: dict[str, list[LocalAuthority]] = {}
    for authority in authorities():
        for code in {authority.ons_code, authority.dfe_number, authority.former_ons_code} - {""}:
            held.setdefault(code, []).append(authority)
    return held


def _candidates(text: str) -> list[LocalAuthority]:
    """The authorities that a text can mean: by code, else by its whole name, else by words of its name."""
    by_code = _by_code().get(text.strip().upper())
    if by_code:
        return by_code
    name = plain_name(text)
    common = _codes_of_common_names().get(name)
    by_name = [
        authority for authority in authorities() if plain_name(authority.name) == name or authority.ons_code == common
    ]
    words = set(name.split()) - _SHARED_WORDS
    return by_name or [
        authority for authority in authorities() if words and words <= set(plain_name(authority.name).split())
    ]


def _listed(some: Iterable[LocalAuthority]) -> str:
    return ", ".join(f"{authority.name} ({authority.ons_code})" for authority in some)


def _not_in_period(authority: LocalAuthority, first: dt.date, last: dt.date) -> str:
    """Why an authority cannot have made a return for a period, and whose the return is likely to be."""
    by_code = {entry.ons_code: entry for entry in authorities()}
    asked = f"The return is for {first:%d/%m/%Y} to {last:%d/%m/%Y}, but {authority.name} ({authority.ons_code})"
    if authority.valid_to and authority.valid_to < first.isoformat():
        others = [
            by_code[row["successor"]] for row in _rows("successors.csv") if row["authority"] == authority.ons_code
        ]
        ended = dt.date.fromisoformat(authority.valid_to)
        return f"{asked} ended on {ended:%d/%m/%Y}. Give the authority that took over from it: {_listed(others)}."
    others = [by_code[row["authority"]] for row in _rows("successors.csv") if row["successor"] == authority.ons_code]
    began = dt.date.fromisoformat(authority.valid_from)
    return f"{asked} began on {began:%d/%m/%Y}. Give the authority that was there before: {_listed(others)}."


@cache
def plain_name(name: str) -> str:
    """A name as it is compared: without case, "and", and words such as Council, City of, London Borough of."""
    words = re.sub(r"[^a-z ]+", " ", name.lower().replace("&", " and ")).split()
    kept = [word for word in words if word not in _SHARED_WORDS]
    return " ".join(kept or [word for word in words if word not in {"the", "council", "corporation"}] or words)


@cache
def _codes_of_common_names() -> dict[str, str]:
    """ONS code by plain form of the names in common use."""
    return {plain_name(row["name"]): row["ons_code"] for row in _rows("authority_names.csv")}


@cache
def code_of_name(name: str) -> str:
    """The ONS code of a current authority as lists write its name, "" when that is not clear."""
    wanted = plain_name(name)
    common = _codes_of_common_names().get(wanted, "")
    codes = {
        authority.ons_code for authority in authorities() if authority.current and plain_name(authority.name) == wanted
    }
    return codes.pop() if len(codes) == 1 else common
