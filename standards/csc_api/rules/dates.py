"""Rules on dates: in order, not to come, within the episode, within the window."""

from __future__ import annotations

from typing import Any

from csc_data.standards.csc_api import tables

from csc_data.declare import Dates, Flags, Mask, PerGroup, Period, Rows, rule, rule_family

OURS: Any = {"origin": "own", "label": "ours"}


@rule_family(
    {
        "F101": {"rows": tables.SocialCareEpisodes, "first": "referral_date", "second": "closure_date"},
        "F102": {"rows": tables.ChildAndFamilyAssessments, "first": "start_date", "second": "authorisation_date"},
        "F103": {"rows": tables.ChildInNeedPlans, "first": "start_date", "second": "end_date"},
        "F104": {"rows": tables.Section47Assessments, "first": "start_date", "second": "end_date"},
        "F105": {"rows": tables.ChildProtectionPlans, "first": "start_date", "second": "end_date"},
        "F106": {"rows": tables.Placements, "first": "start_date", "second": "end_date"},
        "F107": {"rows": tables.CareWorkers, "first": "start_date", "second": "end_date"},
        "F108": {"rows": tables.Section47Assessments, "first": "start_date", "second": "icpc_date"},
        "F109": {"rows": tables.Adoption, "first": "initial_decision_date", "second": "matched_date"},
        "F110": {"rows": tables.Adoption, "first": "matched_date", "second": "placed_date"},
    },
    fields=["{rows}.{second}", "{rows}.{first}"],
    **OURS,
)
def out_of_order(rows: Rows, first: str, second: str) -> Mask:
    """In {rows}, {second} lies before {first}.

    Why: The time between the two comes out negative.
    Fix: Correct one of the dates.
    """
    return rows[second] < rows[first]


@rule_family(
    {
        "F111": {"rows": tables.ChildDetails, "event": "date_of_birth"},
        "F112": {"rows": tables.SocialCareEpisodes, "event": "referral_date"},
        "F113": {"rows": tables.SocialCareEpisodes, "event": "closure_date"},
        "F114": {"rows": tables.ChildAndFamilyAssessments, "event": "authorisation_date"},
        "F115": {"rows": tables.CareLeavers, "event": "contact_date"},
        "F116": {"rows": tables.SdqAssessments, "event": "date"},
        "F117": {"rows": tables.Placements, "event": "start_date"},
        "F118": {"rows": tables.Placements, "event": "end_date"},
        "F119": {"rows": tables.ChildProtectionPlans, "event": "start_date"},
        "F120": {"rows": tables.Section47Assessments, "event": "start_date"},
    },
    fields=["{rows}.{event}"],
    **OURS,
)
def yet_to_come(rows: Rows, period: Period, event: str) -> Mask:
    """In {rows}, {event} lies after the day of sending.

    Why: What is sent has happened; a date to come is a slip of the pen, or a plan.
    Fix: Correct the date, or leave it out until the day has come.
    """
    return rows[event] > period.end


@rule_family(
    {
        "F121": {"rows": tables.ChildAndFamilyAssessments},
        "F122": {"rows": tables.ChildInNeedPlans},
        "F123": {"rows": tables.Section47Assessments},
        "F124": {"rows": tables.ChildProtectionPlans},
        "F125": {"rows": tables.Placements, "severity": "query"},
    },
    fields=["{rows}.start_date"],
    **OURS,
)
def begins_before_the_referral(rows: Rows, referred: PerGroup[Dates]) -> Mask:
    """In {rows}, something begins before the referral of its episode.

    Why: It belongs to another episode, or one of the dates is wrong.
    Fix: Correct the date, or send it with the episode to which it belongs.
    """
    return rows.start_date < referred.on(rows)


@rule_family(
    {
        "F126": {"rows": tables.ChildAndFamilyAssessments, "end": "authorisation_date"},
        "F127": {"rows": tables.ChildInNeedPlans, "end": "end_date"},
        "F128": {"rows": tables.Section47Assessments, "end": "end_date", "severity": "query"},
        "F129": {"rows": tables.ChildProtectionPlans, "end": "end_date"},
        "F130": {"rows": tables.Placements, "end": "end_date"},
        "F131": {"rows": tables.CareWorkers, "end": "end_date", "severity": "query"},
    },
    fields=["{rows}.{end}"],
    **OURS,
)
def outlasts_the_episode(rows: Rows, closed: PerGroup[Dates], end: str) -> Mask:
    """In {rows}, something is open, or ends later, though its episode is closed.

    Why: It is counted as going on although nobody works with the child.
    Fix: Enter its end, or correct the closure of the episode.
    """
    over = closed.on(rows)
    return (rows[end].blank & over.known) | (rows[end] > over)


@rule_family(
    {
        "F161": {"rows": tables.SocialCareEpisodes, "end": "closure_date"},
        "F162": {"rows": tables.ChildAndFamilyAssessments, "end": "authorisation_date"},
        "F163": {"rows": tables.ChildInNeedPlans, "end": "end_date"},
        "F164": {"rows": tables.Section47Assessments, "end": "end_date"},
        "F165": {"rows": tables.ChildProtectionPlans, "end": "end_date"},
        "F166": {"rows": tables.Placements, "end": "end_date"},
        "F167": {"rows": tables.SdqAssessments, "end": "date"},
        "F168": {"rows": tables.CareLeavers, "end": "contact_date"},
    },
    fields=["{rows}.{end}"],
    severity="query",
    fidelity="may over-report",
    fidelity_note="What the Department's own rule on the window says is not known; this is how the sector's extract has it.",
    dimension="timeliness",
    **OURS,
)
def before_the_window(rows: Rows, period: Period, end: str) -> Mask:
    """In {rows}, {end} lies before the window.

    Why: The feed reaches back to the 1 April at least 24 months ago; what was over by then is not asked for.
    Fix: Leave it out.
    """
    return rows[end] < period.start


@rule("F169", fields=["ChildDetails.date_of_birth"], severity="query", dimension="timeliness", **OURS)
def too_old(child_details: Rows, period: Period) -> Mask:
    """The child was 26 or older when the window began.

    Why: The feed is about children and young people up to 25.
    Fix: Check the date of birth, and leave the child out if it is right.
    """
    return child_details.date_of_birth.plus_years(26) <= period.start


@rule("F170", fields=["SocialCareEpisodes.referral_date"], severity="query", **OURS)
def referred_before_birth(social_care_episodes: Rows, born: PerGroup[Dates]) -> Mask:
    """A child was referred more than 40 weeks before birth.

    Why: One of the dates is wrong, or the episode is another child's.
    Fix: Correct the referral or the date of birth.
    """
    return social_care_episodes.referral_date.plus_days(280) < born.on(social_care_episodes)


@rule("F171", fields=["Placements.start_date"], **OURS)
def placed_before_birth(placements: Rows, born: PerGroup[Dates]) -> Mask:
    """A child is placed before the date of birth.

    Why: One of the dates is wrong, or the placement is another child's.
    Fix: Correct the start of the placement or the date of birth.
    """
    return placements.start_date < born.on(placements)


@rule("F172", fields=["Placements.start_date"], **OURS)
def placed_as_an_adult(placements: Rows, born: PerGroup[Dates]) -> Mask:
    """A placement begins on the 18th birthday or later.

    Why: Nobody is looked after from that day on.
    Fix: Correct the start of the placement or the date of birth, or leave the placement out.
    """
    return placements.start_date >= born.on(placements).plus_years(18)


@rule("F173", fields=["CareWorkers.start_date", "CareWorkers.end_date"], severity="query", **OURS)
def worker_outside_the_episode(care_workers: Rows, referred: PerGroup[Dates], closed: PerGroup[Dates]) -> Flags:
    """The spell of a worker lies outside the episode under which it is sent.

    Why: Workers of other episodes are counted as changes of this one.
    Fix: Send with each episode the workers who held the case in it.
    """
    ended_before = care_workers.end_date < referred.on(care_workers)
    return care_workers.flag(ended_before | (care_workers.start_date > closed.on(care_workers)))
