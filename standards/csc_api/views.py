"""Values that several rules of the feed share."""

from __future__ import annotations

from csc_data.declare import Dates, PerGroup, Rows, view

EPISODE = "SocialCareEpisodes"


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
