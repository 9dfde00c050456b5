"""Percentages beside protected counts: worked out exactly, then hidden with their counts, then written with symbols."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csc_data.disclosure.policies import Policy
from csc_data.disclosure.sums import rounding_limits
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
    total = joined["count"].fillna(0).to_numpy(dtype=np.int64)
    percent = np.asarray(rounded(table["count"].to_numpy(), total, places=places), dtype=float)
    low, high = rounding_limits(total, joined["rounded_to"].fillna(1).to_numpy(dtype=np.int64))
    half = 0.5 / 10**places
    judged = (table["rounded_to"] > 1).to_numpy() & (total > 0)
    least = np.where(judged, np.ceil(low * np.maximum(np.nan_to_num(percent) - half, 0) / 100 - 1e-9), 0.0)
    most = np.where(judged, np.floor(high * (np.nan_to_num(percent) + half) / 100 + 1e-9), np.inf)
    given = table.assign(least=least, most=most)
    protected = protect(given, policy, layout, earlier)
    hidden = (protected["symbol"] == HIDDEN).to_numpy()
    of_hidden = protected.loc[hidden & (table[of] == layout.total(of)).to_numpy(), keys].assign(gone=True)
    hidden = hidden | table[keys].merge(of_hidden, on=keys, how="left")["gone"].notna().to_numpy()
    to_zero = (percent == 0) & (table["count"] > 0).to_numpy()
    symbol = np.select([hidden, total == 0, to_zero], [HIDDEN, NOT_APPLICABLE, ROUNDS_TO_ZERO], "")
    return protected.drop(columns=["least", "most"]).assign(
        percent=np.where(symbol == "", percent, np.nan), percent_symbol=symbol
    )
