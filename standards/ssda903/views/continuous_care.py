"""Who was looked after without a break for the whole year."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import SHORT_BREAKS

from csc_data.declare import Mask, PerGroup, Period, Rows, view


def in_year(episodes: Rows, period: Period) -> Mask:
    """Episodes open on some day of the year; an end that cannot be read counts as open."""
    return (episodes.DECOM <= period.end) & (~episodes.DEC.known | (episodes.DEC >= period.start))


@view
def continuously_looked_after(episodes: Rows, period: Period) -> PerGroup[Mask]:
    """Whether the child was looked after through the year, by child.

    Some episode lies in the year, none began care after its first day, none ended care before its last day, and none in
    the year was a short break.
    """
    lies_in_year = in_year(episodes, period)
    entry = (episodes.RNE == "S") & (episodes.DECOM > period.start) & (episodes.DECOM <= period.end)
    leaving = (episodes.REC != "X1") & (episodes.DEC >= period.start) & (episodes.DEC < period.end)
    short_break = episodes.LS.isin(SHORT_BREAKS) & lies_in_year
    broken = episodes.per_child.any(entry | leaving | short_break)
    some = episodes.per_child.any(lies_in_year)
    return PerGroup(some.values & ~broken.values, "child")
