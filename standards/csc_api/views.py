"""Values that several rules of the feed share."""

from __future__ import annotations

from csc_data.declare import Dates, Mask, PerGroup, Rows, view

EPISODE = "SocialCareEpisodes"
WITHIN_EPISODES = ("la_child_id", "social_care_episode_id")
"""What tells the episodes of a message apart."""


@view
def referred(social_care_episodes: Rows) -> PerGroup[Dates]:
    """The referral of each episode."""
    return social_care_episodes.per(EPISODE).earliest(social_care_episodes.referral_date)


@view
def closed(social_care_episodes: Rows) -> PerGroup[Dates]:
    """The closure of each episode; unknown while it is open."""
    return social_care_episodes.per(EPISODE).latest(social_care_episodes.closure_date)


@view
def born(child_details: Rows) -> PerGroup[Dates]:
    """The date of birth of each child."""
    return child_details.per_child.earliest(child_details.date_of_birth)


@view
def repeated_children(children: Rows) -> PerGroup[Mask]:
    """Whether a child stands in the message twice, and with it everything beneath."""
    return children.per_child.any(children.repeated("la_child_id"))


@view
def repeated_episodes(social_care_episodes: Rows) -> PerGroup[Mask]:
    """Whether an episode stands in the message twice, and with it everything beneath."""
    return social_care_episodes.per(EPISODE).any(social_care_episodes.repeated(*WITHIN_EPISODES))


def standing_in(repeated: PerGroup[Mask] | None, rows: Rows) -> Mask:
    """Rows that stand in a child or episode which is there twice: that alone is reported of them."""
    return rows.none if repeated is None else repeated.on(rows)
