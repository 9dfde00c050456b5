"""Who was looked after without a break for the whole year."""

from __future__ import annotations

from csc_data.standards.ssda903.codes import LEGAL_STATUS, REC, RNE, SHORT_BREAKS

from csc_data.declare import Mask, PerGroup, Period, Rows, possibly, view


def in_year(episodes: Rows, period: Period) -> Mask:
    """Episodes open on some day of the year; an end that cannot be read counts as open."""
    return (episodes.DECOM <= period.end) & (~episodes.DEC.known | (episodes.DEC >= period.start))


@view
def continuously_looked_after(episodes: Rows, period: Period) -> PerGroup[Mask]:
    """Whether the child was looked after through the year, by child.

    Some episode lies in the year, none began care after its first day, none ended care before its last day, and none in
    the year was a short break. A reason or legal status that is no code may be one of these.
    """
    lies_in_year = in_year(episodes, period)
    starts, breaks = episodes.RNE.may_be("S", RNE), episodes.LS.may_be(SHORT_BREAKS, LEGAL_STATUS)
    entry = starts & (episodes.DECOM > period.start) & (episodes.DECOM <= period.end)
    return _through_year(episodes, lies_in_year, entry | _leaving(episodes, period) | (breaks & lies_in_year))


@view
def possibly_continuously_looked_after(episodes: Rows, period: Period) -> PerGroup[Mask]:
    """Whether the child was, or may have been, looked after through the year, as what would tell it cannot be read."""
    begun = possibly(episodes.DECOM <= period.end, episodes.DECOM)
    may_lie_in_year = begun & (~episodes.DEC.known | (episodes.DEC >= period.start))
    surely_in_year = in_year(episodes, period) & ~episodes.DEC.unreadable
    entry = (episodes.RNE == "S") & (episodes.DECOM > period.start) & (episodes.DECOM <= period.end)
    surely_left = _leaving(episodes, period) & ~episodes.REC.may_be("X1", REC)
    short_break = episodes.LS.isin(SHORT_BREAKS) & surely_in_year
    return _through_year(episodes, may_lie_in_year, entry | surely_left | short_break)


def _leaving(episodes: Rows, period: Period) -> Mask:
    """Episodes with which care ended before the last day of the year."""
    return (episodes.REC != "X1") & (episodes.DEC >= period.start) & (episodes.DEC < period.end)


def _through_year(episodes: Rows, some: Mask, breaks: Mask) -> PerGroup[Mask]:
    """By child, whether ``some`` episode lies in the year and nothing breaks care."""
    broken = episodes.per_child.any(breaks)
    return PerGroup(episodes.per_child.any(some).values & ~broken.values, "child")
