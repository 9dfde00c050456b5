"""Rules on the health of children looked after through the year (OC2)."""

from __future__ import annotations

from csc_data.declare import Flags, Mask, PerGroup, Period, Rows, rule, rule_family

CORE = ("IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE")
OTHERS = ("CONVICTED", "HEALTH_CHECK", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED")
HEALTH = (*OTHERS[:2], *CORE, *OTHERS[2:])
"""Both, in the order of the table."""

_CORE_FIELDS = [f"OC2.{item}" for item in CORE]


def _of_age_for_a_score(oc2: Rows, period: Period) -> Mask:
    """4 when the year began, and not yet 17 when it ended."""
    return (oc2.DOB.plus_years(4) <= period.start) & (oc2.DOB.plus_years(17) > period.end)


@rule(
    "157",
    fields=["OC2.SDQ_REASON", "OC2.DOB"],
    dimension="validity",
    fidelity="may over-report",
    fidelity_note="Children who had not been in care for a whole year when the questionnaire was due are not told apart.",
    departure="The 17th birthday decides, as for the other checks on the score; the common validator takes the 16th.",
)
def wrong_age_given_as_reason(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """The reason for no questionnaire score is the child's age, but the child is of the age for a score.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: The emotional health of children aged 4 to 16 is published, and this child's is lost.
    Fix: Enter the score, or the reason that applies.
    """
    no_score = oc2.SDQ_SCORE.blank & (oc2.SDQ_REASON == "SDQ1")
    return continuously_looked_after.on(oc2) & _of_age_for_a_score(oc2, period) & no_score


@rule("158", fields=["OC2.INTERVENTION_RECEIVED", "OC2.INTERVENTION_OFFERED"])
def intervention_received_and_offered(oc2: Rows) -> Mask:
    """Help with substance misuse was received, and yet an answer is given on whether it was offered.

    Why: The second question is for children who received none, so one of the answers is wrong.
    Fix: Leave the offer blank, or correct whether help was received.
    """
    return (oc2.INTERVENTION_RECEIVED == "1") & oc2.INTERVENTION_OFFERED.filled


@rule(
    "159",
    fields=["OC2.SUBSTANCE_MISUSE", "OC2.INTERVENTION_RECEIVED", "OC2.INTERVENTION_OFFERED"],
    dimension="completeness",
)
def offer_of_intervention_missing(oc2: Rows) -> Mask:
    """Help with substance misuse was not received, and it is not said whether it was offered.

    Why: Refused help cannot be told from help that was never offered.
    Fix: Enter 0 or 1 for the offer.
    """
    return (oc2.SUBSTANCE_MISUSE == "1") & (oc2.INTERVENTION_RECEIVED == "0") & oc2.INTERVENTION_OFFERED.blank


@rule(
    "182",
    fields=[*_CORE_FIELDS, *(f"OC2.{item}" for item in OTHERS)],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Which items a child needs depends on ages that are not looked at here.",
    departure="An item missing among the four is enough even if none of the other four is given.",
)
def health_items_incomplete(oc2: Rows) -> Mask:
    """One of immunisations, teeth check, health assessment and substance misuse is blank, but other health items are given.

    Why: Percentages of these four items are published for the same children.
    Fix: Fill in all four.
    """
    return oc2.any_blank(*CORE) & oc2.any_filled(*HEALTH)


@rule_family(
    {"185": {"item": "SDQ_SCORE"}, "198": {"item": "SDQ_REASON"}},
    fields=["OC2.{item}"],
)
def questionnaire_without_a_year_in_care(
    oc2: Rows, possibly_continuously_looked_after: PerGroup[Mask], item: str
) -> Mask:
    """{item} is given for a child who was not looked after through the whole year.

    Why: The questionnaire is collected only for children in care for the 12 months to 31 March.
    Fix: Remove it, or correct the episodes that interrupt the care.
    """
    return oc2[item].filled & ~possibly_continuously_looked_after.on(oc2)


@rule("186", fields=["OC2.SDQ_SCORE"], dimension="completeness")
def questionnaire_missing(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """A child aged 4 to 16 looked after through the year has neither a questionnaire score nor a reason for none.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: The emotional health of these children is published, and this child's is lost.
    Fix: Enter the score, or the reason for none.
    """
    neither = oc2.SDQ_SCORE.blank & oc2.SDQ_REASON.blank
    return continuously_looked_after.on(oc2) & _of_age_for_a_score(oc2, period) & neither


@rule("188", fields=["OC2.SDQ_SCORE", "OC2.SDQ_REASON"], dimension="validity")
def questionnaire_under_4(oc2: Rows, period: Period) -> Mask:
    """A questionnaire score, or a reason for none, is given for a child under 4 at the end of the year.

    Why: The questionnaire is for children aged 4 to 16.
    Fix: Remove it, or correct the date of birth.
    """
    return (oc2.DOB.plus_years(4) > period.end) & oc2.any_filled("SDQ_SCORE", "SDQ_REASON")


@rule("189", fields=["OC2.DOB", "OC2.SDQ_SCORE", "OC2.SDQ_REASON"], dimension="validity")
def questionnaire_over_16(oc2: Rows, period: Period) -> Mask:
    """A questionnaire score, or a reason for none, is given for a young person who was 17 before the year began.

    Why: The questionnaire is for children aged 4 to 16.
    Fix: Remove it, or correct the date of birth.
    """
    return (oc2.DOB.plus_years(17) < period.start) & oc2.any_filled("SDQ_SCORE", "SDQ_REASON")


@rule("190", fields=[f"OC2.{item}" for item in HEALTH])
def health_items_without_a_year_in_care(oc2: Rows, possibly_continuously_looked_after: PerGroup[Mask]) -> Mask:
    """Health items are given for a child who was not looked after through the whole year.

    Why: They are collected only for children in care for the 12 months to 31 March.
    Fix: Remove them, or correct the episodes that interrupt the care.
    """
    return oc2.any_filled(*HEALTH) & ~possibly_continuously_looked_after.on(oc2)


@rule("191", fields=[*_CORE_FIELDS, "Episodes.CHILD"], dimension="completeness")
def health_record_missing(oc2: Rows, episodes: Rows, continuously_looked_after: PerGroup[Mask]) -> Flags:
    """A child looked after through the whole year has no health record, or one that lacks a needed item.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: The health of children looked after is published as a percentage of all of them.
    Fix: Add the record, or fill in immunisations, teeth check, health assessment and substance misuse.
    """
    first = episodes.DECOM == episodes.per_child.earliest(episodes.DECOM).on(episodes)
    unrecorded = continuously_looked_after.on(episodes) & ~episodes.has_any_in(oc2)
    return oc2.flag(continuously_looked_after.on(oc2) & oc2.any_blank(*CORE)) | episodes.flag(first & unrecorded)


@rule("192", fields=["OC2.SUBSTANCE_MISUSE", "OC2.INTERVENTION_RECEIVED"], dimension="completeness")
def intervention_missing(oc2: Rows) -> Mask:
    """A substance misuse problem is recorded, but not whether the child received help.

    Why: How many of these children get help is published.
    Fix: Enter 0 or 1 for help received.
    """
    return (oc2.SUBSTANCE_MISUSE == "1") & oc2.INTERVENTION_RECEIVED.blank


@rule("193", fields=["OC2.SUBSTANCE_MISUSE", "OC2.INTERVENTION_RECEIVED", "OC2.INTERVENTION_OFFERED"])
def intervention_without_problem(oc2: Rows) -> Mask:
    """No substance misuse problem is recorded, but help for one is.

    Why: Either the problem is missing, or the help is wrong.
    Fix: Enter 1 for substance misuse, or remove the answers on help.
    """
    no_problem = oc2.SUBSTANCE_MISUSE.blank | (oc2.SUBSTANCE_MISUSE == "0")
    return no_problem & oc2.any_filled("INTERVENTION_RECEIVED", "INTERVENTION_OFFERED")


@rule("197a", fields=["OC2.SDQ_SCORE", "OC2.SDQ_REASON"])
def score_and_reason_for_none(oc2: Rows) -> Mask:
    """A questionnaire score and a reason for having none are both given.

    Why: Only one of them can be true.
    Fix: Remove the one that is wrong.
    """
    return oc2.SDQ_SCORE.filled & oc2.SDQ_REASON.filled


@rule("197B", fields=["OC2.SDQ_REASON", "OC2.DOB"], dimension="completeness")
def questionnaire_missing_at_4_or_17(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """A child looked after through the year turned 4 or 17 in it and has neither a score nor a reason for none.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: These children need no score, but without the reason a forgotten one looks the same.
    Fix: Enter the score, or the reason for none.
    """
    fourth, seventeenth = oc2.DOB.plus_years(4), oc2.DOB.plus_years(17)
    birthday = fourth.within(period.start, period.end) | seventeenth.within(period.start, period.end)
    return continuously_looked_after.on(oc2) & birthday & oc2.SDQ_SCORE.blank & oc2.SDQ_REASON.blank


@rule("542", fields=["OC2.CONVICTED"], dimension="validity")
def conviction_under_10(oc2: Rows, period: Period) -> Mask:
    """An answer on convictions is given for a child under 10 at the end of the year.

    Why: Children under 10 cannot be convicted, so the question is not asked.
    Fix: Leave it blank, or correct the date of birth.
    """
    return oc2.CONVICTED.filled & (oc2.DOB.plus_years(10) > period.end)


@rule(
    "543",
    fields=["OC2.DOB", "OC2.CONVICTED"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Care that ended on the last day of the year still counts as care all year.",
    departure="A tenth birthday on the last day of the year counts.",
)
def conviction_missing(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """A child of 10 or over looked after through the year has no answer on convictions.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: The share of children in care who were convicted is published.
    Fix: Enter 0 or 1.
    """
    return oc2.CONVICTED.blank & (oc2.DOB.plus_years(10) <= period.end) & continuously_looked_after.on(oc2)


@rule_family(
    {"544": {"item": "CONVICTED"}, "547": {"item": "HEALTH_CHECK"}},
    fields=["OC2.{item}", *_CORE_FIELDS],
    dimension="completeness",
    departure="Any answer counts, 0 included; the common validator looks at 1 alone.",
)
def answered_but_health_items_incomplete(oc2: Rows, item: str) -> Mask:
    """{item} is answered, but immunisations, teeth check, health assessment or substance misuse is blank.

    Why: The record was begun, and its percentages are published for the same children.
    Fix: Fill in all four.
    """
    return oc2[item].filled & oc2.any_blank(*CORE)


@rule(
    "545",
    fields=["OC2.DOB", "OC2.HEALTH_CHECK"],
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="Care that ended on the last day of the year still counts as care all year.",
)
def health_check_missing(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """A child under 5 looked after through the year has no answer on health promotion checks.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: The share of young children whose development checks are up to date is published.
    Fix: Enter 0 or 1.
    """
    return oc2.HEALTH_CHECK.blank & (oc2.DOB.plus_years(5) > period.end) & continuously_looked_after.on(oc2)


@rule(
    "546",
    fields=["OC2.DOB", "OC2.HEALTH_CHECK"],
    dimension="validity",
    fidelity="may over-report",
    fidelity_note="Care that ended on the last day of the year still counts as care all year.",
)
def health_check_over_5(oc2: Rows, continuously_looked_after: PerGroup[Mask], period: Period) -> Mask:
    """An answer on health promotion checks is given for a child of 5 or over.

    A last day of care that cannot be read counts as none, as if care went on.

    Why: These checks are for children under 5.
    Fix: Leave it blank, or correct the date of birth.
    """
    return oc2.HEALTH_CHECK.filled & (oc2.DOB.plus_years(5) <= period.end) & continuously_looked_after.on(oc2)
