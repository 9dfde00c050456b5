"""Rules on episodes of care: their dates, their order and how they follow one another."""

from __future__ import annotations

from csc_data.declare import Mask, Rows, rule


@rule("142", fields=["Episodes.DEC", "Episodes.REC"])
def earlier_episode_left_open(episodes: Rows) -> Mask:
    """An episode has no end although a later episode of the child has begun.

    Why: Two open episodes place a child in two placements at once and inflate every count of children in care.
    Fix: Give the earlier episode its end date and reason, or correct the start date of the later one.
    """
    latest = episodes.per_child.latest(episodes.DECOM).on(episodes)
    return (episodes.DECOM < latest) & (episodes.DEC.blank | episodes.REC.blank)
