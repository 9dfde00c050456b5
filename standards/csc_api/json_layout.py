"""The JSON form of the daily feed: how the objects of a message nest, and what their properties may hold in each version.

The first versions are as the Department published them on 12 March 2025; what changed since carries its version.
"""

from __future__ import annotations

from csc_data.declare import JsonForm, JsonTable, JsonValue, Threshold

MOST_CHILDREN = 100
"""Children that one request takes."""

_DAY = JsonValue("date")
_FLAG = JsonValue("boolean")
_IDENTIFIER = JsonValue(max_length=36, pattern="^[A-Za-z0-9_-]*$")
_PUPIL_NUMBER = JsonValue(min_length=13, max_length=13)
_POSTCODE = JsonValue(max_length=8)


def _days(*items: str) -> dict[str, JsonValue]:
    return dict.fromkeys(items, _DAY)


def _in_episode(table: str, name: str, identifier: str, values: dict[str, JsonValue], ends: str) -> JsonTable:
    return JsonTable(
        table,
        {identifier: _IDENTIFIER, **values, "purge": _FLAG},
        parent="SocialCareEpisodes",
        property=name,
        identifier=identifier,
        ends=ends,
    )


LAYOUT = JsonForm(
    purge="purge",
    tables=(
        JsonTable(
            "Children",
            {
                "la_child_id": JsonValue(
                    max_length=Threshold(36).then("1.0.1", 20),
                    pattern=Threshold("^[A-Za-z0-9_-]*$").then("1.0.1", "^[A-Za-z0-9]+$"),
                ),
                "mis_child_id": _IDENTIFIER,
                "purge": _FLAG,
            },
            identifier="la_child_id",
            max_items=MOST_CHILDREN,
        ),
        JsonTable(
            "ChildDetails",
            {
                "unique_pupil_number": _PUPIL_NUMBER,
                "former_unique_pupil_number": _PUPIL_NUMBER,
                "unique_pupil_number_unknown_reason": JsonValue(max_length=Threshold(3).then("0.8.0-2025-11-03", 4)),
                "first_name": JsonValue(),
                "surname": JsonValue(),
                "date_of_birth": _DAY,
                "expected_date_of_birth": _DAY,
                "sex": JsonValue(max_length=1),
                "ethnicity": JsonValue(max_length=4),
                "postcode": _POSTCODE,
                "uasc_flag": _FLAG,
                "uasc_end_date": _DAY,
                "purge": _FLAG,
            },
            parent="Children",
            property="child_details",
            many=False,
            lasting=("date_of_birth", "sex", "ethnicity", "unique_pupil_number"),
        ),
        JsonTable(
            "Disabilities",
            {"disability": JsonValue(max_length=4)},
            parent="ChildDetails",
            property="disabilities",
            plain=True,
            max_items=12,
            unique=True,
        ),
        JsonTable(
            "HealthAndWellbeing",
            {"purge": _FLAG},
            parent="Children",
            property="health_and_wellbeing",
            many=False,
        ),
        JsonTable(
            "SdqAssessments",
            {"date": _DAY, "score": JsonValue("integer")},
            parent="HealthAndWellbeing",
            property="sdq_assessments",
        ),
        JsonTable(
            "EducationHealthCarePlans",
            {
                "education_health_care_plan_id": _IDENTIFIER,
                **_days("request_received_date", "request_outcome_date", "assessment_outcome_date", "plan_start_date"),
                "purge": _FLAG,
            },
            parent="Children",
            property="education_health_care_plans",
            identifier="education_health_care_plan_id",
        ),
        JsonTable(
            "SocialCareEpisodes",
            {
                "social_care_episode_id": _IDENTIFIER,
                "referral_date": _DAY,
                "referral_source": JsonValue(max_length=2),
                "referral_no_further_action_flag": _FLAG,
                "closure_date": _DAY,
                "closure_reason": JsonValue(max_length=3),
                "purge": _FLAG,
            },
            parent="Children",
            property="social_care_episodes",
            identifier="social_care_episode_id",
            ends="closure_date",
            lasting=("referral_date",),
        ),
        JsonTable(
            "CareWorkers",
            {
                "worker_id": JsonValue(max_length=12, pattern="^[A-Za-z0-9_-]*$"),
                **_days("start_date", "end_date"),
            },
            parent="SocialCareEpisodes",
            property="care_worker_details",
        ),
        _in_episode(
            "ChildAndFamilyAssessments",
            "child_and_family_assessments",
            "child_and_family_assessment_id",
            _days("start_date", "authorisation_date"),
            ends="authorisation_date",
        ),
        JsonTable(
            "AssessmentFactors",
            {"factor": JsonValue(max_length=3)},
            parent="ChildAndFamilyAssessments",
            property="factors",
            plain=True,
            max_items=41,
            unique=True,
        ),
        _in_episode(
            "ChildInNeedPlans",
            "child_in_need_plans",
            "child_in_need_plan_id",
            _days("start_date", "end_date"),
            ends="end_date",
        ),
        _in_episode(
            "Section47Assessments",
            "section_47_assessments",
            "section_47_assessment_id",
            {"start_date": _DAY, "icpc_required_flag": _FLAG, **_days("icpc_date", "end_date")},
            ends="end_date",
        ),
        _in_episode(
            "ChildProtectionPlans",
            "child_protection_plans",
            "child_protection_plan_id",
            _days("start_date", "end_date"),
            ends="end_date",
        ),
        _in_episode(
            "Placements",
            "child_looked_after_placements",
            "child_looked_after_placement_id",
            {
                "start_date": _DAY,
                "start_reason": JsonValue(max_length=1),
                "placement_type": JsonValue(max_length=Threshold(2).then("1.0.0", 3)),
                "postcode": _POSTCODE,
                "end_date": _DAY,
                "end_reason": JsonValue(max_length=3),
                "change_reason": JsonValue(max_length=6),
            },
            ends="end_date",
        ),
        JsonTable(
            "Adoption",
            {**_days("initial_decision_date", "matched_date", "placed_date"), "purge": _FLAG},
            parent="SocialCareEpisodes",
            property="adoption",
            many=False,
        ),
        JsonTable(
            "CareLeavers",
            {
                "contact_date": _DAY,
                "activity": JsonValue(max_length=2),
                "accommodation": JsonValue(max_length=1),
                "purge": _FLAG,
            },
            parent="SocialCareEpisodes",
            property="care_leavers",
            many=False,
        ),
    ),
)
