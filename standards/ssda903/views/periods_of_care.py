"""Periods of care: stretches of a child's episodes without a day between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csc_data.declare import Mask, Rows, view


@dataclass(frozen=True)
class PeriodsOfCare:
    """Every period of care: ``first`` and ``last`` hold its first and last episode, period by period."""

    first: Rows
    last: Rows


@view
def periods_of_care(episodes: Rows) -> PeriodsOfCare:
    """A period begins with a child's first episode, and with each that starts after the one before had ended.

    An open period has a last episode without a readable end.
    """
    order = episodes.in_order("DECOM", "DEC")
    begins: Mask = order.is_first | (order.DECOM > order.previous.DEC)
    ends = np.append(begins[1:], True)[: len(begins)]
    return PeriodsOfCare(order.where(begins), order.where(ends))
