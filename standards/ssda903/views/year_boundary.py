"""The turn of the year: how a child's episodes of last year's return go on in this year's."""

from __future__ import annotations

from csc_data.declare import Pairs, Rows, pairs, view


@view
def year_boundary(episodes: Rows, previous_episodes: Rows) -> Pairs:
    """This year's first episode (left) with last year's final one (right): at most one pair a child.

    None of a child with a start that cannot be read, as another episode may have been the first or the final one; nor of one
    whose first episodes start together, if the end of one of them cannot be read.
    """
    now, before = (rows.where(rows.per_child.readable(rows.DECOM).on(rows)) for rows in (episodes, previous_episodes))
    firsts = now.where(now.DECOM == now.per_child.earliest(now.DECOM).on(now))
    unclear = (firsts.per_child.count().on(now) > 1) & firsts.per_child.any(firsts.DEC.unreadable).on(now)
    return pairs(now.where(~unclear).in_order("DECOM", "DEC").first, final_episodes(before))


@view
def carried_over(year_boundary: Pairs) -> Pairs:
    """The pairs in which last year's final episode was left open, so that this year's first must be the same one."""
    return year_boundary.where(year_boundary.right.DEC.blank)


def final_episodes(episodes: Rows) -> Rows:
    """One row a child: the last to start; of several that start together an open one, else the last to end."""
    latest = episodes.where(episodes.DECOM == episodes.per_child.latest(episodes.DECOM).on(episodes))
    still_open = latest.DEC.blank
    none_open = ~latest.per_child.any(still_open).on(latest)
    return latest.where(still_open | none_open).in_order("DECOM", "DEC").last
