"""Rules of our own on the return on children looked after. In every report they stand apart, as local rules."""

from __future__ import annotations

from csc_data.declare import Mask, PerGroup, Rows, rule, view


@view
def episodes_of_child(episodes: Rows) -> PerGroup[Mask]:
    """Children who have an episode: a view that several rules may name."""
    return episodes.per_child.any(episodes.every)


@rule("LOCAL01", fields=["Header.CHILD"], severity="query", dimension="completeness")
def child_without_episode(header: Rows, episodes_of_child: PerGroup[Mask]) -> Mask:
    """A child in the header has no episode of care.

    Why: We look at every child without an episode before we submit.
    Fix: Add the episode, or explain why there is none.
    """
    return ~episodes_of_child.on(header)


@rule("LOCAL02", fields=["Episodes.DECOM"], severity="error", dimension="consistency")
def episode_before_birth(header: Rows, episodes: Rows) -> Mask:
    """An episode begins before the child was born.

    Why: Our system lets the two dates be mixed up.
    Fix: Correct the date of birth or the first day of the episode.
    """
    return episodes.DECOM < header.per_child.earliest(header.DOB).on(episodes)
