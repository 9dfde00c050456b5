"""Rules on what lasts: spells that overlap, several open at once, placements that do not follow one another."""

from __future__ import annotations

from typing import Any

from csc_data.standards.csc_api import tables
from csc_data.standards.csc_api.views import EPISODE, WITHIN_EPISODES, standing_in

from csc_data.declare import Mask, PerGroup, Rows, rule, rule_family

OURS: Any = {"origin": "own", "label": "ours"}
GUIDANCE: Any = {"origin": "own", "label": "against the guidance"}


def _overlaps(rows: Rows, end: str, start: str, kind: str = "child") -> Mask:
    """Rows that begin before the one before them in their group has ended, and those before them."""
    ordered = rows.in_order(start, end, kind=kind)
    before = ordered.previous
    too_early = ~ordered.is_first & (ordered[start] < before[end])
    mask = rows.none
    mask[ordered.positions[too_early]] = True
    mask[before.positions[too_early]] = True
    return mask


def _stands_twice(care_workers: Rows) -> Mask:
    return care_workers.repeated(*WITHIN_EPISODES, "worker_id", "start_date")


@rule_family(
    {
        "F301": {"rows": tables.Placements, "identifier": "child_looked_after_placement_id"},
        "F302": {"rows": tables.ChildProtectionPlans, "identifier": "child_protection_plan_id"},
        "F303": {"rows": tables.ChildInNeedPlans, "identifier": "child_in_need_plan_id"},
    },
    fields=["{rows}.start_date", "{rows}.end_date"],
    per="child",
    **OURS,
)
def overlapping(rows: Rows, identifier: str) -> Mask:
    """In {rows}, one begins before the one before it has ended.

    Why: A child has one at a time; days are counted twice.
    Fix: Correct the dates.
    """
    return _overlaps(rows, "end_date", "start_date") & ~rows.repeated(*WITHIN_EPISODES, identifier)


@rule_family(
    {
        "F304": {"rows": tables.Placements, "identifier": "child_looked_after_placement_id"},
        "F305": {"rows": tables.ChildProtectionPlans, "identifier": "child_protection_plan_id"},
        "F306": {"rows": tables.ChildInNeedPlans, "identifier": "child_in_need_plan_id"},
    },
    fields=["{rows}.end_date"],
    per="child",
    **OURS,
)
def several_open(rows: Rows, identifier: str) -> Mask:
    """In {rows}, a child has several without an end.

    Why: One goes on at a time.
    Fix: Enter the end of those that are over.
    """
    going_on = rows.end_date.blank & rows.start_date.filled & ~rows.repeated(*WITHIN_EPISODES, identifier)
    return going_on & (rows.per_child.count(going_on).on(rows) > 1)


@rule("F307", fields=["SocialCareEpisodes.closure_date"], per="child", severity="query", **OURS)
def several_open_episodes(social_care_episodes: Rows) -> Mask:
    """A child has several episodes that are open.

    Why: A child in need is counted once; a second referral belongs to the open episode.
    Fix: Enter the closure of those that are over.
    """
    once = ~social_care_episodes.repeated(*WITHIN_EPISODES)
    going_on = social_care_episodes.closure_date.blank & social_care_episodes.referral_date.filled & once
    return going_on & (social_care_episodes.per_child.count(going_on).on(social_care_episodes) > 1)


@rule("F308", fields=["CareWorkers.end_date"], per=EPISODE, severity="query", **OURS)
def several_workers_at_once(care_workers: Rows, repeated_episodes: PerGroup[Mask] | None = None) -> Mask:
    """Several workers hold the case of an episode without an end.

    Why: The one who holds the case cannot be told.
    Fix: Enter the end of the spells that are over.
    """
    going_on = care_workers.end_date.blank & care_workers.start_date.filled & ~_stands_twice(care_workers)
    several = care_workers.per(EPISODE).count(going_on).on(care_workers) > 1
    return going_on & several & ~standing_in(repeated_episodes, care_workers)


@rule("F309", fields=["CareWorkers.worker_id", "CareWorkers.start_date"], dimension="uniqueness", **OURS)
def spell_twice(care_workers: Rows, repeated_episodes: PerGroup[Mask] | None = None) -> Mask:
    """The same spell of a worker stands in an episode twice.

    Why: It is counted as a change of worker.
    Fix: Send it once.
    """
    return _stands_twice(care_workers) & ~standing_in(repeated_episodes, care_workers)


@rule("F310", fields=["SdqAssessments.date"], dimension="uniqueness", per="child", **OURS)
def questionnaire_twice(sdq_assessments: Rows, repeated_children: PerGroup[Mask] | None = None) -> Mask:
    """Two questionnaires of a child have one day.

    Why: The day is what tells questionnaires apart.
    Fix: Send the one that counts.
    """
    return sdq_assessments.repeated("la_child_id", "date") & ~standing_in(repeated_children, sdq_assessments)


@rule("F311", fields=["Placements.end_reason"], severity="query", per="child", **GUIDANCE)
def care_goes_on_without_a_placement(placements: Rows) -> Mask:
    """A placement ended because the next one begins on the same day (X1), and none does.

    Why: The end of a period of care is counted by another reason.
    Fix: Send the next placement, or correct the reason.
    """
    goes_on = (placements.end_reason == "X1") & placements.end_date.known
    ordered = placements.in_order("start_date", "end_date")
    following = ordered.next
    gap = ordered.is_last | (following.start_date != ordered.end_date)
    mask = placements.none
    mask[ordered.positions[gap]] = True
    every_start_known = placements.per_child.all(placements.start_date.known).on(placements)
    once = ~placements.repeated(*WITHIN_EPISODES, "child_looked_after_placement_id")
    return mask & goes_on & every_start_known & once


@rule("F312", fields=["Placements.start_reason"], severity="query", per="child", **GUIDANCE)
def care_began_twice(placements: Rows) -> Mask:
    """A placement is said to begin a period of care (S) on the day on which the one before it ended.

    Why: Care went on, and is counted as begun again.
    Fix: Correct the reason for the start.
    """
    ordered = placements.in_order("start_date", "end_date")
    again = (ordered.start_reason == "S") & (ordered.start_date == ordered.previous.end_date)
    mask = placements.none
    mask[ordered.positions[again]] = True
    return mask
