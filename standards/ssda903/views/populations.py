"""Whom the indicators of the return are about: one row a child, short breaks left out of every one of them.

An end that cannot be read counts as open, as in the other views; the rule on the date says that it cannot be read.
"""

from __future__ import annotations

from csc_data.standards.ssda903.codes import SHORT_BREAKS
from csc_data.standards.ssda903.views.continuous_care import in_year

from csc_data.declare import Dates, Mask, PerGroup, Period, Rows, view


@view
def lasting_care(episodes: Rows) -> Rows:
    """The episodes that are no short breaks."""
    return episodes.where(~episodes.LS.isin(SHORT_BREAKS))


@view
def previous_lasting_care(previous_episodes: Rows) -> Rows:
    """Last year's episodes that are no short breaks."""
    return previous_episodes.where(~previous_episodes.LS.isin(SHORT_BREAKS))


@view
def looked_after_31_march(episodes: Rows, period: Period) -> Rows:
    """The episode in which each child was looked after at the end of the last day: begun by then, and not ended by then."""
    still_open = ~episodes.DEC.known | (episodes.DEC > period.end)
    here = (episodes.DECOM <= period.end) & still_open & ~episodes.LS.isin(SHORT_BREAKS)
    return episodes.where(here).in_order("DECOM", "DEC").last


@view
def looked_after_in_year(episodes: Rows, period: Period) -> Rows:
    """The last episode of each child who was looked after on some day of the year."""
    here = in_year(episodes, period) & ~episodes.LS.isin(SHORT_BREAKS)
    return episodes.where(here).in_order("DECOM", "DEC").last


@view
def started_in_year(episodes: Rows, period: Period) -> Rows:
    """The episode with which each child's care began in the year, the first time."""
    starts = (episodes.RNE == "S") & episodes.DECOM.within(period.start, period.end)
    return episodes.where(starts & ~episodes.LS.isin(SHORT_BREAKS)).in_order("DECOM", "DEC").first


@view
def ceased_in_year(episodes: Rows, period: Period) -> Rows:
    """The episode with which each child's care ended in the year, the last time."""
    ends = episodes.REC.filled & (episodes.REC != "X1") & episodes.DEC.within(period.start, period.end)
    return episodes.where(ends & ~episodes.LS.isin(SHORT_BREAKS)).in_order("DEC", "DECOM").last


@view
def born(header: Rows) -> PerGroup[Dates]:
    """The date of birth of each child."""
    return header.per_child.earliest(header.DOB)


@view
def looked_after_12_months(looked_after_31_march: Rows, continuously_looked_after: PerGroup[Mask]) -> Rows:
    """Of the children looked after on the last day, those who were so through the year, from its first day on."""
    return looked_after_31_march.where(continuously_looked_after.on(looked_after_31_march))


def aged(born: Dates, period: Period, youngest: int, oldest: int) -> Mask:
    """Whose age on the last day of the period lies between two ages, both included."""
    return (born.plus_years(youngest) <= period.end) & (born.plus_years(oldest + 1) > period.end)
