"""Rules on the social workers of a child (collected since 2023-24)."""

from __future__ import annotations

import datetime as dt

from csc_data.standards.ssda903.codes import SHORT_BREAKS, SW_REASON
from csc_data.standards.ssda903.partly_known_dates import is_partly_known_date

from csc_data.declare import Dates, Flags, Mask, OrderedRows, Period, Rows, Threshold, rule

COLLECTED_FROM = dt.date(2023, 4, 1)
SHORTEST_ID = Threshold(2).then("2025-26", 4)
YEARS_BACK = Threshold(0).then("2024-25", 1)
"""From 2024-25 social workers of the year before are returned too."""


def _first_day(period: Period) -> dt.date:
    """First day of the reporting period of social workers."""
    return period.earlier(YEARS_BACK.at(period.version))[0]


@rule(
    "SW01STG1",
    fields=["Episodes.DEC"],
    since="2023-24",
    until="2023-24",
    dimension="completeness",
    departure="The open episode is what is reported, and each item is needed once a child.",
)
def open_care_without_social_worker(episodes: Rows, sw_episodes: Rows) -> Mask:
    """A child looked after at the end of the year has no complete social worker record.

    Why: How many social workers a child has had cannot be counted.
    Fix: Add the number, first day and reason of the social worker.
    """
    given = [sw_episodes.per_child.any(sw_episodes[item].filled) for item in ("SW_ID", "SW_DECOM", "SW_REASON")]
    complete = given[0].on(episodes) & given[1].on(episodes) & given[2].on(episodes)
    return episodes.DEC.blank & ~episodes.LS.isin(SHORT_BREAKS) & ~complete


_NOT_READABLE = "A first day that is given but cannot be read, or is partly known, is left to SW04STG1."


@rule(
    "SW01aSTG1",
    fields=["SWEpisodes.SW_DECOM", "SWEpisodes.SW_ID"],
    since="2024-25",
    until="2024-25",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="A row without a first day is reported here and by the other check on complete rows.",
    departure=_NOT_READABLE,
)
def earlier_social_worker_incomplete(sw_episodes: Rows) -> Mask:
    """A social worker who began before April 2023 has no number, or the first day is missing.

    Why: How many social workers a child has had cannot be counted.
    Fix: Enter the number and the first day.
    """
    began = sw_episodes.SW_DECOM
    return began.blank | ((began < COLLECTED_FROM) & sw_episodes.SW_ID.blank)


@rule(
    "SW01bSTG1",
    fields=["SWEpisodes.SW_DECOM", "SWEpisodes.SW_ID", "SWEpisodes.SW_REASON"],
    since="2024-25",
    until="2024-25",
    dimension="completeness",
    fidelity="may over-report",
    fidelity_note="A row without a first day is reported here and by the other check on complete rows.",
    departure=_NOT_READABLE,
)
def social_worker_incomplete(sw_episodes: Rows) -> Mask:
    """A social worker who began from April 2023 on has no number or no reason, or the first day is missing.

    Why: How many social workers a child has had, and why they change, cannot be counted.
    Fix: Enter the number, the first day and the reason.
    """
    began = sw_episodes.SW_DECOM
    return began.blank | ((began >= COLLECTED_FROM) & sw_episodes.any_blank("SW_ID", "SW_REASON"))


@rule("SW02STG1", fields=["SWEpisodes.SW_ID"], since="2023-24", dimension="validity")
def number_malformed(sw_episodes: Rows, period: Period) -> Mask:
    """A social worker's number does not begin with SW or XX, or is too short.

    Why: Social workers cannot be told apart.
    Fix: Enter the registration number with SW before it, or a stand-in that begins with XX.
    """
    number = sw_episodes.SW_ID
    return ~number.startswith(("SW", "XX")) | (number.length() < SHORTEST_ID.at(period.version))


@rule("SW03STG1", fields=["SWEpisodes.SW_ID", "SWEpisodes.SW_DECOM", "SWEpisodes.SW_REASON"], since="2023-24",
      until="2023-24", dimension="completeness")  # fmt: skip
def social_worker_lacks_an_item(sw_episodes: Rows) -> Mask:
    """A social worker's number, first day or reason is blank.

    Why: How many social workers a child has had, and why they change, cannot be counted.
    Fix: Fill in all three.
    """
    return sw_episodes.any_blank("SW_ID", "SW_DECOM", "SW_REASON")


def _partly_known(text: str) -> bool:
    """A year is written in full, or as zzzz."""
    return is_partly_known_date(text) and not text.endswith("/ZZ")


@rule("SW04STG1", fields=["SWEpisodes.SW_DECOM"], since="2023-24", until="2024-25", dimension="validity")
def first_day_malformed_where_partly_known(sw_episodes: Rows) -> Mask:
    """The first day of a social worker is no date, not even a partly known one.

    Why: How long social workers stay cannot be worked out.
    Fix: Enter it as dd/mm/yyyy, with zz for an unknown day or month and zzzz for an unknown year.
    """
    written = sw_episodes.text("SW_DECOM")
    return written.filled & ~written.test(_partly_known)


@rule("SW04STG1", fields=["SWEpisodes.SW_DECOM"], since="2025-26", dimension="validity")
def first_day_malformed(sw_episodes: Rows) -> Mask:
    """The first day of a social worker is not a real date dd/mm/yyyy.

    Why: How long social workers stay cannot be worked out.
    Fix: Enter it as dd/mm/yyyy.
    """
    return sw_episodes.SW_DECOM.unreadable


@rule("SW05STG1", fields=["SWEpisodes.SW_DEC"], since="2023-24", until="2024-25", dimension="validity")
def last_day_malformed_where_partly_known(sw_episodes: Rows) -> Mask:
    """The last day of a social worker is no date, not even a partly known one.

    Why: How long social workers stay cannot be worked out.
    Fix: Enter it as dd/mm/yyyy, with zz for an unknown day or month and zzzz for an unknown year.
    """
    written = sw_episodes.text("SW_DEC")
    return written.filled & ~written.test(_partly_known)


@rule("SW05STG1", fields=["SWEpisodes.SW_DEC"], since="2025-26", dimension="validity")
def last_day_malformed(sw_episodes: Rows) -> Mask:
    """The last day of a social worker is not a real date dd/mm/yyyy.

    Why: How long social workers stay cannot be worked out.
    Fix: Enter it as dd/mm/yyyy.
    """
    return sw_episodes.SW_DEC.unreadable


@rule(
    "SW06STG2",
    fields=["SWEpisodes.SW_DECOM"],
    since="2023-24",
    dimension="validity",
    fidelity="may under-report",
    fidelity_note="Only the end of the period is tested.",
)
def begins_after_year(sw_episodes: Rows, period: Period) -> Mask:
    """A social worker begins after the last day of the year.

    Why: What happens after 31 March belongs to the next return.
    Fix: Correct the first day, or remove the row.
    """
    return sw_episodes.SW_DECOM > period.end


@rule(
    "SW07STG2",
    fields=["SWEpisodes.SW_DEC"],
    since="2023-24",
    dimension="validity",
    departure="The first day of the reporting period belongs to it in every year.",
)
def ends_outside_period(sw_episodes: Rows, period: Period) -> Mask:
    """A social worker's last day lies before or after the reporting period.

    Why: Only social workers of the reporting period belong in the return.
    Fix: Correct the last day, or remove the row.
    """
    ended = sw_episodes.SW_DEC
    return (ended > period.end) | (ended < _first_day(period))


def _left_open(sw_episodes: Rows) -> Mask:
    latest = sw_episodes.per_child.latest(sw_episodes.SW_DECOM).on(sw_episodes)
    return (sw_episodes.SW_DECOM < latest) & sw_episodes.SW_DEC.blank


@rule(
    "SW08STG2",
    fields=["SWEpisodes.SW_DEC"],
    since="2023-24",
    dimension="completeness",
    departure="A row without a readable first day proves nothing.",
)
def earlier_social_worker_left_open(sw_episodes: Rows) -> Mask:
    """A social worker has no last day although a later one has begun.

    Why: The child seems to have two social workers at once.
    Fix: Enter the last day of the earlier one.
    """
    return _left_open(sw_episodes)


@rule(
    "SW14STG2",
    fields=["SWEpisodes.SW_DEC"],
    since="2023-24",
    until="2023-24",
    dimension="completeness",
    fidelity="may under-report",
    fidelity_note="Rows that share the latest first day are not told apart.",
    departure="A row without a readable first day proves nothing.",
)
def social_worker_before_the_latest_left_open(sw_episodes: Rows) -> Mask:
    """A social worker other than the child's latest one has no last day.

    Why: The child seems to have two social workers at once.
    Fix: Enter the last day.
    """
    return _left_open(sw_episodes)


@rule(
    "SW09STG2",
    fields=["SWEpisodes.SW_DECOM", "SWEpisodes.SW_DEC"],
    since="2023-24",
    until="2024-25",
    dimension="accuracy",
    fidelity="may over-report",
    fidelity_note="A social worker can be changed on the first day.",
    departure="The days are compared, however they are written.",
)
def social_worker_for_one_day(sw_episodes: Rows) -> Mask:
    """A social worker began and ended on the same day.

    Why: Changes of social worker are overcounted.
    Fix: Correct the dates, or remove the row.
    """
    return sw_episodes.SW_DECOM == sw_episodes.SW_DEC


@rule(
    "SW09STG2",
    fields=["SWEpisodes.SW_DECOM", "SWEpisodes.SW_DEC"],
    since="2025-26",
    dimension="accuracy",
    fidelity="may over-report",
    fidelity_note="A social worker can be changed within three days.",
)
def social_worker_for_under_three_days(sw_episodes: Rows) -> Mask:
    """A social worker was responsible for less than three days.

    Why: Changes of social worker are overcounted.
    Fix: Correct the dates, or remove the row.
    """
    return (sw_episodes.SW_DEC - sw_episodes.SW_DECOM) < 3


def _too_early(order: OrderedRows) -> Mask:
    return order.SW_DECOM < order.previous.SW_DEC.plus_days(-7)


def _too_late(order: OrderedRows) -> Mask:
    return order.SW_DECOM > order.previous.SW_DEC.plus_days(7)


_OPEN_BEFORE = "Nothing is tested after a social worker without a last day."


@rule(
    "SW10STG2",
    fields=["SWEpisodes.SW_DECOM"],
    since="2023-24",
    until="2023-24",
    fidelity="may over-report",
    fidelity_note="A child who left care and came back has a gap between social workers.",
    departure=_OPEN_BEFORE,
)
def gap_or_overlap_between_social_workers(sw_episodes: Rows) -> Flags:
    """A social worker begins more than 7 days before or after the previous one ended.

    Why: The child seems to have no social worker, or two.
    Fix: Correct the first day, or the last day of the previous social worker.
    """
    order = sw_episodes.in_order("SW_DECOM", "SW_DEC")
    return order.flag(_too_early(order) | _too_late(order))


@rule(
    "SW10STG2",
    fields=["SWEpisodes.SW_DECOM"],
    since="2024-25",
    fidelity="may over-report",
    fidelity_note="A long handover between two social workers is reported too.",
    departure=_OPEN_BEFORE,
)
def overlap_of_social_workers(sw_episodes: Rows) -> Flags:
    """A social worker begins more than 7 days before the previous one ended.

    Why: The child seems to have two social workers at once.
    Fix: Correct the first day, or the last day of the previous social worker.
    """
    order = sw_episodes.in_order("SW_DECOM", "SW_DEC")
    return order.flag((order.SW_REASON != "FCONTA") & _too_early(order))


@rule("SW10aSTG2", fields=["SWEpisodes.SW_DECOM"], since="2025-26", departure=_OPEN_BEFORE)
def gap_or_overlap_without_first_contact(sw_episodes: Rows) -> Flags:
    """A social worker who is not the first begins more than 7 days before or after the previous one ended.

    Why: The child seems to have no social worker, or two.
    Fix: Correct the first day, or the last day of the previous social worker.
    """
    order = sw_episodes.in_order("SW_DECOM", "SW_DEC")
    return order.flag((order.SW_REASON != "FCONTA") & (_too_early(order) | _too_late(order)))


@rule("SW10bSTG2", fields=["SWEpisodes.SW_DECOM", "SWEpisodes.SW_REASON"], since="2025-26")
def first_contact_while_another_is_responsible(sw_episodes: Rows) -> Flags:
    """A social worker begins for first contact on or before the last day of the previous one.

    Why: First contact means that the child had no social worker before.
    Fix: Correct the reason or the dates.
    """
    order = sw_episodes.in_order("SW_DECOM", "SW_DEC")
    return order.flag((order.SW_REASON == "FCONTA") & (order.SW_DECOM <= order.previous.SW_DEC))


@rule(
    "SW11aSTG2",
    fields=["SWEpisodes.SW_DEC"],
    since="2023-24",
    until="2023-24",
    fidelity="may over-report",
    fidelity_note="A child who left care needs no further social worker.",
    departure="The row that ended is what is reported, a child's last row included.",
)
def not_followed_within_five_days(sw_episodes: Rows, period: Period) -> Flags:
    """A social worker ended by 26 March, and none begins within 5 days of it.

    Why: The child seems to have no social worker.
    Fix: Add the next social worker, or correct the last day.
    """
    order = sw_episodes.in_order("SW_DECOM", "SW_DEC")
    days = order.next.SW_DECOM - order.SW_DEC
    followed = (days >= -5) & (days <= 5)
    none_undated = sw_episodes.per_child.readable(sw_episodes.SW_DECOM).on(order)
    return order.flag((order.SW_DEC <= dt.date(period.end.year, 3, 26)) & ~followed & none_undated)


@rule(
    "SW11bSTG2",
    fields=["SWEpisodes.SW_DEC"],
    since="2023-24",
    fidelity="may under-report",
    fidelity_note="Whether the child was still in care is not looked at.",
    departure="The child's latest rows decide, and the last day of the year is accepted.",
)
def ended_in_last_days_of_march(sw_episodes: Rows, period: Period) -> Mask:
    """The child's latest social worker ended from 26 to 30 March, and none follows.

    Why: The child seems to have no social worker at the end of the year.
    Fix: Add the next social worker, or correct the last day.
    """
    latest = sw_episodes.SW_DECOM == sw_episodes.per_child.latest(sw_episodes.SW_DECOM).on(sw_episodes)
    year = period.end.year
    in_last_days = sw_episodes.SW_DEC.within(dt.date(year, 3, 26), dt.date(year, 3, 30))
    others = sw_episodes.per_child.any(latest & ~in_last_days).on(sw_episodes)
    none_later = sw_episodes.per_child.readable(sw_episodes.SW_DECOM).on(sw_episodes)
    return latest & ~others & none_later


@rule(
    "SW12STG2",
    fields=["Episodes.DECOM", "Episodes.DEC"],
    since="2023-24",
    fidelity="may under-report",
    fidelity_note="Only the child's first social worker is compared with the starts and ends of care.",
    departure="Only children still looked after at the end of the year are judged, on starts and ends of care alone.",
)
def care_without_social_worker_around(episodes: Rows, sw_episodes: Rows, period: Period) -> Mask:
    """Care of a child still looked after began or ended more than 7 days before the first social worker.

    Why: Every child in care has a social worker from the first days on.
    Fix: Add the earlier social worker, or correct the dates.
    """
    settled = ~episodes.LS.isin(SHORT_BREAKS)
    looked_after = episodes.per_child.any(episodes.DEC.blank & settled).on(episodes)
    first = sw_episodes.per_child.earliest(sw_episodes.SW_DECOM).on(episodes)
    none_earlier = sw_episodes.per_child.readable(sw_episodes.SW_DECOM).on(episodes)
    nobody = ~episodes.has_any_in(sw_episodes)
    began = (episodes.RNE == "S") & _uncovered(episodes, "DECOM", first, nobody, period)
    left = episodes.REC.filled & (episodes.REC != "X1") & _uncovered(episodes, "DEC", first, nobody, period)
    return looked_after & settled & (began | left) & none_earlier


def _uncovered(episodes: Rows, item: str, first: Dates, nobody: Mask, period: Period) -> Mask:
    day = episodes[item]
    return day.within(_first_day(period), period.end) & (nobody | (first > day.plus_days(7)))


@rule("SW13STG1", fields=["SWEpisodes.SW_REASON"], since="2023-24", until="2023-24", dimension="validity")
def reason_invalid_or_missing(sw_episodes: Rows) -> Mask:
    """The reason for the change of social worker is missing or not one of the codes.

    Why: Why social workers change is published.
    Fix: Enter one of the codes.
    """
    return ~sw_episodes.SW_REASON.isin(SW_REASON)


@rule("SW13STG1", fields=["SWEpisodes.SW_REASON"], since="2024-25", dimension="validity")
def reason_invalid_or_missing_since_collected(sw_episodes: Rows) -> Mask:
    """The reason for the change of social worker is not one of the codes, or is missing although it was collected then.

    Why: Why social workers change is published.
    Fix: Enter one of the codes; the reason may be blank for social workers who began before April 2023.
    """
    reason = sw_episodes.SW_REASON
    return (reason.filled & ~reason.isin(SW_REASON)) | (reason.blank & (sw_episodes.SW_DECOM >= COLLECTED_FROM))


@rule("SW17STG2", fields=["SWEpisodes.SW_DEC", "SWEpisodes.SW_DECOM"], since="2025-26")
def latest_social_worker_ended(sw_episodes: Rows) -> Mask:
    """The child's latest social worker has a last day.

    Why: The child seems to have no social worker.
    Fix: Add the next social worker, or remove the last day.
    """
    latest = sw_episodes.per_child.latest(sw_episodes.SW_DECOM).on(sw_episodes)
    candidate = (sw_episodes.SW_DECOM == latest) | ~latest.known
    still_open = sw_episodes.per_child.any(candidate & sw_episodes.SW_DEC.blank).on(sw_episodes)
    none_later = sw_episodes.per_child.readable(sw_episodes.SW_DECOM).on(sw_episodes)
    return candidate & sw_episodes.SW_DEC.filled & ~still_open & none_later


@rule("SW18STG2", fields=["SWEpisodes.SW_DEC", "SWEpisodes.SW_DECOM"], since="2025-26")
def social_worker_ends_before_beginning(sw_episodes: Rows) -> Mask:
    """A social worker's last day is on or before the first.

    Why: The time the social worker stayed comes out as nothing, or negative.
    Fix: Correct one of the days.
    """
    return sw_episodes.SW_DEC <= sw_episodes.SW_DECOM


@rule(
    "SW19STG2",
    fields=["SWEpisodes.SW_DEC", "SWEpisodes.SW_DECOM"],
    since="2025-26",
    dimension="uniqueness",
    departure="Every one of the rows is reported, and rows without a first day are not.",
)
def social_workers_begin_together(sw_episodes: Rows) -> Mask:
    """Two social workers of a child begin on the same day.

    Why: A child has one social worker at a time.
    Fix: Correct the first day of one, or remove a repeated row.
    """
    return sw_episodes.SW_DECOM.known & sw_episodes.repeated("CHILD", "SW_DECOM")
