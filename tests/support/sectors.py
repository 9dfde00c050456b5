"""Sectors made of counts, without any return: who counts what, and what is hidden of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csc_data.reference.local_authorities import authorities
from csc_data.sector import AUTHORITIES, INDICATORS, ITEMS, RULES, Sector
from csc_data.sector.pooled import frame_from

FACTS = {
    "system_version": None,
    "extract": "unsaid",
    "size": None,
    "standard": "ssda903/2025-26",
    "version": "2025-26",
    "catalogue": "0" * 64,
    "library": "1.0",
    "period_start": dt.date(2025, 4, 1),
    "period_end": dt.date(2026, 3, 31),
    "stage": "submitted",
    "names": "withheld",
}


def english(many: int = 153) -> list[str]:
    """Codes of so many of today's authorities."""
    return sorted(authority.ons_code for authority in authorities() if authority.current)[:many]


def sector_of(
    codes: Sequence[str],
    counts: Mapping[str, Sequence[int | None]],
    looked_at: Sequence[int] | Mapping[str, Sequence[int]],
    *,
    facts: Mapping[str, Sequence[Any]] | None = None,
    hide: bool = False,
    suppliers: Sequence[str] | None = None,
) -> Sector:
    """A sector of rules that count children and as many rows.

    Args:
        codes: the authorities.
        counts: failing children by rule, of each authority; None where the rule crashed.
        looked_at: children that each authority's rules looked at, the same for all rules or by rule.
        facts: other facts of each authority, by column.
        hide: hide counts from 1 to 5.
        suppliers: the supplier of each authority.
    """
    known = {authority.ons_code: authority for authority in authorities()}
    about: dict[str, Sequence[Any]] = {
        "authority": codes,
        "name": [known[code].name for code in codes],
        "region": [known[code].region for code in codes],
        "supplier": suppliers or ["unsaid"] * len(codes),
        **{name: [value] * len(codes) for name, value in FACTS.items()},
        **(facts or {}),
    }
    own = frame_from(AUTHORITIES, about)
    many, size = len(counts), len(codes)
    given = pd.array(
        [pd.NA if value is None else value for values in counts.values() for value in values], dtype="Int64"
    )
    of = [each for rule in counts for each in (looked_at[rule] if isinstance(looked_at, Mapping) else looked_at)]
    few = np.array([hide and 0 < value < 6 for value in given.fillna(0)], dtype=bool)
    low, high = given.copy(), given.copy()
    low[few] = 1
    high[few] = pd.array(of, dtype="Int64")[few]
    about_rules = {
        "rule": [rule for rule in counts for _ in codes],
        "rule_text_hash": ["a" * 16] * (many * size),
        "severity": ["error"] * (many * size),
        "origin": ["official"] * (many * size),
        "status": np.where(given.isna(), "crashed", np.where(given.fillna(0) > 0, "failed", "passed")).tolist(),
        "compared": [True] * (many * size),
        **{f"{what}_failed_low": low for what in ("rows", "children")},
        **{f"{what}_failed_high": high for what in ("rows", "children")},
        **{f"{what}_looked_at": of for what in ("rows", "children")},
    }
    frame = frame_from(RULES, {name: [*values] * many for name, values in about.items()} | about_rules)
    return Sector(
        own,
        frame,
        frame_from(ITEMS, {name: [] for name in ITEMS}),
        frame_from(INDICATORS, {name: [] for name in INDICATORS}),
    )


def counted(
    generator: np.random.Generator, sizes: npt.NDArray[Any], share: float, spread: float
) -> npt.NDArray[np.int64]:
    """Children that fail, of so many: a common share that differs a little more between authorities than by chance."""
    if share <= 0:
        return np.zeros(len(sizes), dtype=np.int64)
    own = generator.beta(share / spread, (1 - share) / spread, len(sizes))
    return np.asarray(generator.binomial(sizes, own))


def document_of(sector: Sector, code: str, **changes: Any) -> dict[str, Any]:
    """The exchange file that an authority of a sector would send."""
    own = sector.authorities.set_index("authority").loc[code]
    rules, items, indicators = (
        frame[frame["authority"] == code].to_dict("records")
        for frame in (sector.rules, sector.items, sector.indicators)
    )
    return {
        "format": "csc-data exchange 2",
        "run": {"id": "0" * 16, "time": "2026-04-20T09:30:00+00:00"},
        **{name: own[name] for name in ("standard", "catalogue", "library", "names", "supplier", "extract", "stage")},
        "authority": code,
        "system_version": None,
        "period": [own["period_start"].isoformat(), own["period_end"].isoformat()],
        "children": "c" if pd.isna(own["size"]) else int(own["size"]),
        "sizes": {},
        "protection": {
            "policy": "strict", "threshold": 6, "zeros": "shown", "title": "", "symbols": {}, "audited": "",
        },
        "rules": [
            {
                "rule": rule["rule"], "text": rule["rule_text_hash"], "severity": rule["severity"],
                "origin": rule["origin"], "treatment": "one by one", "status": rule["status"],
                "rows": _shown(rule["rows_failed_low"], rule["rows_failed_high"]),
                "children": _shown(rule["children_failed_low"], rule["children_failed_high"]),
                "of_rows": _shown(rule["rows_looked_at"], rule["rows_looked_at"]),
                "of_children": _shown(rule["children_looked_at"], rule["children_looked_at"]),
            }
            for rule in rules
        ],
        "items": [
            {"item": item["item"], "missing": _shown(item["missing_low"], item["missing_high"]), "of": int(item["of"])}
            for item in items
        ],
        "indicators": [
            {"indicator": each["indicator"], "n": _shown(each["n_low"], each["n_high"]), "d": int(each["d"])}
            for each in indicators
        ],
        "burden": {"metrics": [], "estimates": [], "assumptions": [], "caveats": []},
        **changes,
    }  # fmt: skip


def _shown(low: Any, high: Any) -> int | str:
    if pd.isna(low):
        return "x"
    return int(low) if low == high else "c"
