"""Percentages and rates beside protected counts: worked out exactly, then hidden with their counts, then written with
symbols."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csc_data.disclosure.policies import Policy
from csc_data.disclosure.sums import Floats, rounding_limits
from csc_data.disclosure.tables import HIDDEN, Layout, categories_of, protect
from csc_data.files.columns import Columns
from csc_data.statistics import rounded

NOT_APPLICABLE, ROUNDS_TO_ZERO = "z", "k"

SHARE_COLUMNS = Columns(
    {
        "percent": "the percentage of the total as it may be shown; missing where it is not",
        "percent_symbol": '"c" where the count or its total is hidden, "z" of nobody, "k" where it rounds to 0, else ""',
    }
)
"""Columns that ``protect_with_shares`` adds to those of ``protect``."""

RATE_COLUMNS = Columns(
    {
        "rate": "the rate as it may be shown; missing where it is not",
        "rate_symbol": '"c" where the count is hidden, "z" of nobody, "k" where it rounds to 0, else ""',
    }
)
"""Columns that ``protect_with_rates`` adds to those of ``protect``."""


def protect_with_shares(
    table: pd.DataFrame,
    policy: Policy,
    of: str,
    layout: Layout | None = None,
    *,
    places: int = 0,
    earlier: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A table of exact counts with what may be shown of it and of its percentages of a total.

    Percentages are of the exact counts. They narrow down a count that is rounded beside them, and are part of the attack.

    Args:
        table: as for ``protect``.
        policy: under which policy.
        of: the column whose total the percentages are of.
        layout: as for ``protect``.
        places: decimal places of the percentages.
        earlier: as for ``protect``.

    Returns:
        As ``protect``, with columns ``SHARE_COLUMNS``.

    Raises:
        UsageError: as for ``protect``.
    """
    layout = layout or Layout()
    keys = ["period", "area", *(name for name in categories_of(table) if name != of)]
    whole = table.loc[table[of] == layout.total(of), [*keys, "count", "rounded_to"]]
    joined = table[keys].merge(whole, on=keys, how="left")
    total = joined["count"].fillna(0).to_numpy(dtype=float)
    low, high = rounding_limits(total.astype(np.int64), joined["rounded_to"].fillna(1).to_numpy(dtype=np.int64))
    percent = _exact(table, total, 100, places)
    given = _beside(table, percent, (low, high), total > 0, 0.5 / 10**places / 100, 100)
    protected = protect(given, policy, layout, earlier).drop(columns=["least", "most"])
    hidden = (protected["symbol"] == HIDDEN).to_numpy()
    of_hidden = protected.loc[hidden & (table[of] == layout.total(of)).to_numpy(), keys].assign(gone=True)
    hidden = hidden | table[keys].merge(of_hidden, on=keys, how="left")["gone"].notna().to_numpy()
    symbol = _symbols(table, percent, hidden, total == 0)
    return protected.assign(percent=np.where(symbol == "", percent, np.nan), percent_symbol=symbol)


def protect_with_rates(
    table: pd.DataFrame,
    policy: Policy,
    base: Floats,
    layout: Layout | None = None,
    *,
    per: int,
    places: int = 0,
    earlier: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """A table of exact counts with what may be shown of it and of its rates.

    Args:
        table: as for ``protect``.
        policy: under which policy.
        base: what the rate of every row is of, such as the children of the area, shown as it is; missing where not known.
        layout: as for ``protect``.
        per: of how many the rate is.
        places: decimal places of the rates.
        earlier: as for ``protect``.

    Returns:
        As ``protect``, with columns ``RATE_COLUMNS``; neither rate nor symbol where ``base`` is missing.

    Raises:
        UsageError: as for ``protect``.
    """
    rate = _exact(table, base, per, places)
    given = _beside(table, rate, (base, base), np.nan_to_num(base) > 0, 0.5 / 10**places / per, per)
    protected = protect(given, policy, layout, earlier).drop(columns=["least", "most"])
    symbol = _symbols(table, rate, (protected["symbol"] == HIDDEN).to_numpy(), base == 0)
    return protected.assign(rate=np.where(symbol == "", rate, np.nan), rate_symbol=symbol)


def _exact(table: pd.DataFrame, of: Floats, per: int, places: int) -> Floats:
    """The shares of exact counts, rounded; missing of nobody, and of what is not known."""
    known = np.nan_to_num(of).astype(np.int64)
    return np.asarray(rounded(table["count"].to_numpy(), known, per=per, places=places), dtype=float)


def _beside(
    table: pd.DataFrame, share: Floats, of: tuple[Floats, Floats], shares: np.ndarray, half: float, per: int
) -> pd.DataFrame:
    """The table with what the shares leave of the counts that are rounded beside them."""
    judged = (table["rounded_to"] > 1).to_numpy() & shares
    part, low, high = np.nan_to_num(share) / per, np.nan_to_num(of[0]), np.nan_to_num(of[1])
    least = np.where(judged, np.ceil(low * np.maximum(part - half, 0) - 1e-9), 0.0)
    most = np.where(judged, np.floor(high * (part + half) + 1e-9), np.inf)
    return table.assign(least=least, most=most)


def _symbols(table: pd.DataFrame, share: Floats, hidden: np.ndarray, of_nobody: np.ndarray) -> np.ndarray:
    to_zero = (share == 0) & (table["count"] > 0).to_numpy()
    return np.select([hidden, of_nobody, to_zero], [HIDDEN, NOT_APPLICABLE, ROUNDS_TO_ZERO], "")
