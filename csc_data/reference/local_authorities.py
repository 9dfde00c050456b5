"""Local authorities of England with responsibility for children's services, and the districts they answer for.

Sources: Office for National Statistics codes, Department for Education authority numbers; see ``data/README.md``.
"""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from csc_data.errors import UsageError
from csc_data.visible import printable

OUTSIDE = {"S": "SCO", "N": "NIR", "W": "WAL", "L": "NUK", "M": "NUK"}
"""What stands for a district outside England, by the first letter of its code."""


@dataclass(frozen=True)
class LocalAuthority:
    """An upper-tier or unitary authority.

    ``valid_from`` and ``valid_to`` are ISO dates, "" where the authority is older than 2009 or still exists.
    """

    ons_code: str
    dfe_number: str
    name: str
    valid_from: str
    valid_to: str
    former_ons_code: str

    @property
    def current(self) -> bool:
        """Whether the authority still exists."""
        return not self.valid_to


def _rows(name: str) -> list[dict[str, str]]:
    text = files("csc_data.reference").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def authorities() -> tuple[LocalAuthority, ...]:
    """Every authority, current and former, by Department for Education number."""
    return tuple(LocalAuthority(**row) for row in _rows("local_authorities.csv"))


@cache
def _upper_tier_by_district() -> dict[str, str]:
    known = {row["district"]: row["upper_tier"] for row in _rows("districts.csv")}
    return known | {one.ons_code: one.ons_code for one in authorities() if one.current}


def upper_tier(districts: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The authority responsible today for each district code.

    Its ONS code in England; "SCO", "NIR", "WAL" or "NUK" (Isle of Man, Channel Islands) elsewhere; "" if unknown.
    """
    distinct, places = np.unique(districts.astype(str), return_inverse=True)
    known = _upper_tier_by_district()
    answers = [known.get(code) or OUTSIDE.get(code[:1], "") for code in distinct]
    return np.asarray(answers, dtype=object)[places]


def find_authority(authority: str | int) -> LocalAuthority:
    """Find an authority by ONS code, Department for Education number or name.

    Raises:
        UsageError: nothing fits, or several do; the message lists the closest.
    """
    if not isinstance(authority, str | int):
        raise UsageError(f"An authority is given as text or number, not as a value of type {type(authority).__name__}.")
    text = str(authority)
    wanted = text.strip().upper()
    by_code = [one for one in authorities() if wanted in (one.ons_code, one.dfe_number, one.former_ons_code)]
    by_name = [one for one in authorities() if plain_name(one.name) == plain_name(text)]
    found = by_code or [one for one in by_name if one.current] or by_name
    if len(found) == 1:
        return found[0]
    names = {plain_name(one.name): one.name for one in authorities()}
    close = [names[one] for one in difflib.get_close_matches(plain_name(text), names, n=4, cutoff=0.5)]
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise UsageError(
        f"There is no local authority '{printable(text)}'. Give an ONS code, a DfE number or a name.{hint}"
    )


@cache
def plain_name(name: str) -> str:
    """A name as it is compared: without case, "and", and words such as Council, City of, London Borough of."""
    words = re.sub(r"[^a-z ]+", " ", name.lower().replace("&", " and ")).split()
    skipped = {"and", "the", "of", "upon", "on", "council", "borough", "london", "royal", "county", "city", "metropolitan",
               "district", "unitary"}  # fmt: skip
    kept = [one for one in words if one not in skipped]
    return " ".join(kept or words)


@cache
def code_of_name(name: str) -> str:
    """The ONS code of a current authority as lists write its name, "" when that cannot be told."""
    found = [one.ons_code for one in authorities() if one.current and plain_name(one.name) == plain_name(name)]
    return found[0] if len(found) == 1 else ""
