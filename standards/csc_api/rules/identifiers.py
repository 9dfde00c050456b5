"""Rules on identifiers: each once within what is around it, and of the form that those who use them expect."""

from __future__ import annotations

import re
from typing import Any

from csc_data.standards.csc_api import tables
from csc_data.standards.csc_api.views import WITHIN_EPISODES, standing_in

from csc_data.declare import Mask, PerGroup, Rows, rule, rule_family

OURS: Any = {"origin": "own", "label": "ours"}
GUIDANCE: Any = {"origin": "own", "label": "against the guidance"}

_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")
_POSTCODE = re.compile(r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}")
_WORKER = re.compile(r"(SW|XX)[0-9A-Z]+", re.IGNORECASE)
_NOTHING = frozenset({"NULL", "NONE", "NAN", "N/A", "NA", "DBNULL", "SYSTEM.DBNULL", "UNDEFINED", "NIL"})


@rule("F141", fields=["Children.la_child_id"], dimension="uniqueness", per="child", **OURS)
def child_twice(children: Rows) -> Mask:
    """A child stands in the message twice.

    Why: Which of the two counts depends on the order in which they are stored.
    Fix: Send everything about a child in one object.
    """
    return children.repeated("la_child_id")


@rule("F142", fields=["SocialCareEpisodes.social_care_episode_id"], dimension="uniqueness", **OURS)
def episode_twice(social_care_episodes: Rows, repeated_children: PerGroup[Mask] | None = None) -> Mask:
    """In SocialCareEpisodes, two objects of one parent have the same social_care_episode_id.

    Why: The receiver keeps one of them: the other is lost.
    Fix: Give each its own identifier, or send it once.
    """
    twice = social_care_episodes.repeated(*WITHIN_EPISODES)
    return twice & ~standing_in(repeated_children, social_care_episodes)


@rule_family(
    {
        "F143": {"rows": tables.ChildAndFamilyAssessments, "identifier": "child_and_family_assessment_id"},
        "F144": {"rows": tables.ChildInNeedPlans, "identifier": "child_in_need_plan_id"},
        "F145": {"rows": tables.Section47Assessments, "identifier": "section_47_assessment_id"},
        "F146": {"rows": tables.ChildProtectionPlans, "identifier": "child_protection_plan_id"},
        "F147": {"rows": tables.Placements, "identifier": "child_looked_after_placement_id"},
    },
    fields=["{rows}.{identifier}"],
    dimension="uniqueness",
    **OURS,
)
def identifier_twice(rows: Rows, identifier: str, repeated_episodes: PerGroup[Mask] | None = None) -> Mask:
    """In {rows}, two objects of one parent have the same {identifier}.

    Why: The receiver keeps one of them: the other is lost.
    Fix: Give each its own identifier, or send it once.
    """
    return rows.repeated(*WITHIN_EPISODES, identifier) & ~standing_in(repeated_episodes, rows)


@rule_family(
    {
        "F148": {"rows": tables.Placements, "identifier": "child_looked_after_placement_id"},
        "F149": {"rows": tables.ChildProtectionPlans, "identifier": "child_protection_plan_id"},
    },
    fields=["{rows}.{identifier}", "{rows}.social_care_episode_id"],
    severity="query",
    dimension="uniqueness",
    per="child",
    **OURS,
)
def under_several_episodes(rows: Rows, identifier: str) -> Mask:
    """In {rows}, the same {identifier} stands under several episodes of a child.

    Why: It is counted once for each of them.
    Fix: Send it with the episode in which it began.
    """
    across = rows.repeated("la_child_id", identifier)
    return across & ~rows.repeated(*WITHIN_EPISODES, identifier)


@rule("F151", fields=["ChildDetails.unique_pupil_number"], dimension="validity", **GUIDANCE)
def no_pupil_number(child_details: Rows) -> Mask:
    """A pupil number is not of the form of one: a letter, 11 digits, and a digit or letter.

    Why: Children cannot be found in education by it. The schema asks for 13 characters of any kind.
    Fix: Correct the number, or give the reason for its absence.
    """
    number = child_details.unique_pupil_number
    return number.filled & ~number.test(lambda text: bool(_UPN.fullmatch(text)))


@rule_family(
    {"F152": {"rows": tables.ChildDetails}, "F153": {"rows": tables.Placements}},
    fields=["{rows}.postcode"],
    dimension="validity",
    **OURS,
)
def no_postcode(rows: Rows) -> Mask:
    """In {rows}, a postcode is not of the form of one.

    Why: It tells no place. The schema asks for 8 characters at most, of any kind.
    Fix: Correct the postcode, or leave it out.
    """
    return rows.postcode.filled & ~rows.postcode.test(lambda text: bool(_POSTCODE.fullmatch(text)))


@rule("F154", fields=["CareWorkers.worker_id"], severity="query", dimension="validity", **OURS)
def no_registration(care_workers: Rows) -> Mask:
    """A worker's identifier is no registration number (SW or XX and what follows).

    Why: A staff number of the authority changes with every system, and cannot be found in the register.
    Fix: Give the number at Social Work England where there is one.
    """
    worker = care_workers.worker_id
    return worker.filled & ~worker.test(lambda text: bool(_WORKER.fullmatch(text)))


@rule("F155", fields=["CareWorkers.worker_id"], dimension="completeness", severity="query", **OURS)
def spell_of_nobody(care_workers: Rows) -> Mask:
    """The spell of a worker does not say who it was.

    Why: Changes of worker cannot be counted.
    Fix: Give the identifier of the worker.
    """
    return care_workers.worker_id.blank


@rule_family(
    {
        "F156": {"rows": tables.ChildDetails, "name": "first_name"},
        "F157": {"rows": tables.ChildDetails, "name": "surname"},
        "F158": {"rows": tables.Children, "name": "mis_child_id"},
    },
    fields=["{rows}.{name}"],
    dimension="validity",
    severity="query",
    fidelity="may over-report",
    fidelity_note="A person may be called so.",
    **OURS,
)
def word_for_nothing(rows: Rows, name: str) -> Mask:
    """In {rows}, {name} is a word for nothing, such as null.

    Why: A database that hands over nothing as a word makes it a value.
    Fix: Leave the property out where there is no value.
    """
    return rows[name].test(lambda text: text.upper() in _NOTHING)
