"""Who was looked after without a break for the whole year."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import SHORT_BREAKS

from csc_data.declare import Mask, PerGroup, Period, Rows, possibly, view


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
    return _through_year(episodes, period, some=lies_in_year, short_break=lies_in_year)


@view
def possibly_continuously_looked_after(episodes: Rows, period: Period) -> PerGroup[Mask]:
    """Whether the child was, or may have been, looked after through the year, as dates that tell it cannot be read."""
    begun = possibly(episodes.DECOM <= period.end, episodes.DECOM)
    may_lie_in_year = begun & (~episodes.DEC.known | (episodes.DEC >= period.start))
    surely_in_year = in_year(episodes, period) & ~episodes.DEC.unreadable
    return _through_year(episodes, period, some=may_lie_in_year, short_break=surely_in_year)


def _through_year(episodes: Rows, period: Period, some: Mask, short_break: Mask) -> PerGroup[Mask]:
    """By child, whether ``some`` episode lies in the year and nothing breaks care, such as a short break among these."""
    entry = (episodes.RNE == "S") & (episodes.DECOM > period.start) & (episodes.DECOM <= period.end)
    leaving = (episodes.REC != "X1") & (episodes.DEC >= period.start) & (episodes.DEC < period.end)
    broken = episodes.per_child.any(entry | leaving | (episodes.LS.isin(SHORT_BREAKS) & short_break))
    return PerGroup(episodes.per_child.any(some).values & ~broken.values, "child")
