"""The questions on the history of a store, held against tables that were made by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.stores import FIXTURE, SENT, write_store

from csc_data.store.history import QUESTIONS, Answer, ask
from csc_data.store.layout import Store

LONG_AFTER = "2026-12-01"

BY_HAND = {
    ("submissions", LONG_AFTER): """
        received number verdict              rules_run rules_failed rules_skipped rules_crashed issues children_with_issues rows_kept
        D1       1      returned             1         1            0             0             1      1                    True
        D2       2      accepted             1         0            0             0             0      0                    True
        E1       1      accepted             3         0            0             0             0      0                    True
        A1       1      returned             3         2            0             0             3      2                    True
        A2       2      unreadable           0         0            0             0             0      0                    False
        A3       3      accepted_with_issues 3         1            0             0             1      1                    True
        A4       4      returned             3         2            0             0             2      2                    True
        B1       1      returned             3         2            0             0             3      2                    True
        B2       2      returned             2         1            1             0             1      1                    True
        B3       3      returned             3         1            0             0             2      2                    True
        B4       4      accepted             3         0            0             0             0      0                    True
        C1       1      returned             3         1            0             0             1      1                    True
        C2       2      returned             3         2            0             0             2      1                    True
        C3       3      unreadable           0         0            0             0             0      0                    False
        C4       4      returned             2         1            0             1             2      2                    True
    """,
    ("submissions", "2026-05-18"): """
        received receipt number
        E1       E1      1
        A1       A1      1
        A2       A2      2
        B1       B1      1
    """,
    ("latest", LONG_AFTER): """
        authority collection version receipt number submissions issues sent_since
        E06000001 cin        2025-26 D2      2      2           0      0
        E06000001 ssda903    2024-25 E1      1      1           0      0
        E06000001 ssda903    2025-26 A3      3      4           1      1
        E06000002 ssda903    2025-26 B4      4      4           0      0
    """,
    ("latest", "2026-06-30"): """
        authority version receipt submissions sent_since
        E06000001 2024-25 E1      1           0
        E06000001 2025-26 A3      3           0
        E06000002 2025-26 B4      4           0
    """,
    ("latest", "2026-06-29"): """
        authority version receipt submissions sent_since
        E06000001 2024-25 E1      1           0
        E06000001 2025-26 A3      3           0
    """,
    ("latest", "2026-06-14"): """
        authority version receipt submissions sent_since
        E06000001 2024-25 E1      1           0
    """,
    ("versions", LONG_AFTER): """
        authority collection version submissions accepted returned unreadable first_received last_received last_verdict issues_at_first issues_at_last
        E06000001 cin        2025-26 2           1        1        0          D1             D2            accepted     1               0
        E06000001 ssda903    2024-25 1           1        0        0          E1             E1            accepted     0               0
        E06000001 ssda903    2025-26 4           1        2        1          A1             A4            returned     3               2
        E06000002 ssda903    2025-26 4           1        3        0          B1             B4            accepted     3               0
        E06000003 ssda903    2025-26 4           0        3        1          C1             C4            returned     1               2
    """,
    ("versions", "2026-05-18"): """
        authority version submissions accepted returned unreadable first_received last_received last_verdict issues_at_first issues_at_last
        E06000001 2024-25 1           1        0        0          E1             E1            accepted     0               0
        E06000001 2025-26 2           0        1        1          A1             A2            unreadable   3               3
        E06000002 2025-26 1           0        1        0          B1             B1            returned     3               3
    """,
    ("issues_now", LONG_AFTER): """
        authority rule status  rows_failed rows_checked children_failed receipt verdict
        E06000001 100  failed  1           10           1               A4      returned
        E06000001 500Q failed  1           10           1               A4      returned
        E06000003 100  failed  2           10           2               C4      returned
        E06000003 142  crashed -           -            -               C4      returned
    """,
    ("issues_now", "2026-06-10"): """
        authority rule status rows_failed children_failed receipt
        E06000001 100  failed 3           2               A1
        E06000001 142  failed 1           1               A1
        E06000002 100  failed 2           2               B3
    """,
    ("issues_over_time", LONG_AFTER): """
        collection rule authority receipt status  rows_failed children_failed change
        cin        8500 E06000001 D1      failed  1           1               -
        cin        8500 E06000001 D2      passed  0           0               -1
        ssda903    100  E06000001 A1      failed  3           2               -
        ssda903    100  E06000001 A3      passed  0           0               -3
        ssda903    100  E06000001 A4      failed  1           1               1
        ssda903    100  E06000002 B1      failed  2           2               -
        ssda903    100  E06000002 B2      failed  1           1               -1
        ssda903    100  E06000002 B3      failed  2           2               1
        ssda903    100  E06000002 B4      passed  0           0               -2
        ssda903    100  E06000003 C1      failed  1           1               -
        ssda903    100  E06000003 C2      failed  1           1               0
        ssda903    100  E06000003 C4      failed  2           2               1
        ssda903    142  E06000001 A1      failed  1           1               -
        ssda903    142  E06000001 A3      passed  0           0               -1
        ssda903    142  E06000001 A4      passed  0           0               0
        ssda903    142  E06000002 B1      failed  1           1               -
        ssda903    142  E06000002 B2      skipped -           -               -
        ssda903    142  E06000002 B3      passed  0           0               -1
        ssda903    142  E06000002 B4      passed  0           0               0
        ssda903    142  E06000003 C1      passed  0           0               -
        ssda903    142  E06000003 C2      failed  1           1               1
        ssda903    142  E06000003 C4      crashed -           -               -
        ssda903    500Q E06000001 A1      passed  0           0               -
        ssda903    500Q E06000001 A3      failed  1           1               1
        ssda903    500Q E06000001 A4      failed  1           1               0
    """,
    ("first_seen", LONG_AFTER): """
        authority key    child first_seen first_receipt last_seen state
        E06000001 8500:a a     D1         D1            D1        gone
        E06000001 100:a  a     A1         A1            A4        open
        E06000001 100:b  b     A1         A1            A1        gone
        E06000001 142:a  a     A1         A1            A1        gone
        E06000001 500Q:c c     A3         A3            A4        open
        E06000002 100:x  x     B1         B1            B3        gone
        E06000002 100:y  y     B1         B1            B3        gone
        E06000002 142:x  x     B1         B1            B1        gone
        E06000003 100:x  x     C1         C1            C4        open
        E06000003 100:z  z     C4         C4            C4        open
        E06000003 142:x  x     C2         C2            C2        not_known
    """,
    ("first_seen", "2026-06-20"): """
        authority key    first_seen last_seen state
        E06000001 100:a  A1         A1        gone
        E06000001 100:b  A1         A1        gone
        E06000001 142:a  A1         A1        gone
        E06000001 500Q:c A3         A3        open
        E06000002 100:x  B1         B3        open
        E06000002 100:y  B1         B3        open
        E06000002 142:x  B1         B1        not_known
    """,
    ("last_seen", LONG_AFTER): """
        authority key    first_seen last_seen last_receipt gone_on gone_receipt days_until_gone
        E06000001 8500:a D1         D1        D1           D2      D2           20
        E06000001 100:b  A1         A1        A1           A3      A3           42
        E06000001 142:a  A1         A1        A1           A3      A3           42
        E06000002 100:x  B1         B3        B3           B4      B4           51
        E06000002 100:y  B1         B3        B3           B4      B4           51
        E06000002 142:x  B1         B1        B1           B4      B4           51
    """,
    ("last_seen", "2026-05-26"): """
        authority key   last_seen gone_on days_until_gone
        E06000002 100:x B1        B2      15
    """,
    ("reopened", LONG_AFTER): """
        authority key   occasion seen_before gone_on gone_receipt back_on back_receipt
        E06000001 100:a 1        A1          A3      A3           A4      A4
        E06000002 100:x 1        B1          B2      B2           B3      B3
    """,
    ("reopened", "2026-06-20"): """
        authority key   occasion seen_before gone_on back_on
        E06000002 100:x 1        B1          B2      B3
    """,
    ("reopened", "2026-06-09"): """
        authority key
    """,
    ("time_to_clean", LONG_AFTER): """
        authority version collection first_received accepted_on submissions submissions_until_accepted days days_waiting
        E06000001 2025-26 cin        D1             D2          2           2                          20   -
        E06000001 2024-25 ssda903    E1             E1          1           1                          0    -
        E06000001 2025-26 ssda903    A1             A3          4           3                          42   -
        E06000002 2025-26 ssda903    B1             B4          4           4                          51   -
        E06000003 2025-26 ssda903    C1             -           4           -                          -    156
    """,
    ("time_to_clean", "2026-06-20"): """
        authority version first_received accepted_on submissions submissions_until_accepted days days_waiting
        E06000001 2024-25 E1             E1          1           1                          0    -
        E06000001 2025-26 A1             A3          3           3                          42   -
        E06000002 2025-26 B1             -           3           -                          -    41
    """,
    ("late", LONG_AFTER): """
        receipt deadline   days_before_deadline late
        D1      2026-07-31 21                   False
        D2      2026-07-31 1                    False
        E1      2025-06-30 10                   False
        A1      2026-06-30 57                   False
        A2      2026-06-30 43                   False
        A3      2026-06-30 15                   False
        A4      2026-06-30 -2                   True
        B1      2026-06-30 51                   False
        B2      2026-06-30 36                   False
        B3      2026-06-30 20                   False
        B4      2026-06-30 0                    False
        C1      2026-06-30 2                    False
        C2      2026-06-30 -1                   True
        C3      2026-06-30 -3                   True
        C4      2026-06-30 -20                  True
    """,
    ("rules_prevalence", LONG_AFTER): """
        collection version rule failed passed passed_in_part not_applicable did_not_run share rows_failed rows_checked children_failed children_checked
        cin        2025-26 8500 0      1      0              0              0           0.00  0           10           0               5
        ssda903    2024-25 100  0      1      0              0              0           0.00  0           10           0               5
        ssda903    2024-25 142  0      1      0              0              0           0.00  0           10           0               5
        ssda903    2024-25 500Q 0      1      0              0              0           0.00  0           10           0               5
        ssda903    2025-26 100  2      1      0              0              0           0.67  3           30           3               15
        ssda903    2025-26 500Q 1      2      0              0              0           0.33  1           30           1               15
        ssda903    2025-26 142  0      2      0              0              1           0.00  0           20           0               10
    """,
    ("rules_prevalence", "2026-06-20"): """
        version rule failed passed passed_in_part did_not_run share rows_failed rows_checked
        2024-25 100  0      1      0              0           0.00  0           10
        2024-25 142  0      1      0              0           0.00  0           10
        2024-25 500Q 0      1      0              0           0.00  0           10
        2025-26 100  1      1      0              0           0.50  2           20
        2025-26 500Q 1      1      0              0           0.50  1           20
        2025-26 142  0      1      1              0           0.00  0           20
    """,
    ("indicator_series", LONG_AFTER): """
        authority indicator    version status  numerator denominator value receipt
        E06000001 looked_after 2024-25 exact   3.00      10.00       0.30  E1
        E06000001 looked_after 2025-26 exact   4.00      10.00       0.40  A3
        E06000002 looked_after 2025-26 exact   5.00      20.00       0.25  B4
    """,
    ("indicator_series", "2026-06-14"): """
        authority indicator    version value receipt
        E06000001 looked_after 2024-25 0.30  E1
    """,
    ("burden", LONG_AFTER): """
        authority collection version submissions resubmissions minutes_low minutes_central minutes_high
        E06000001 cin        2025-26 2           1             120.00      360.00          960.00
        E06000001 ssda903    2024-25 1           0             0.00        0.00            0.00
        E06000001 ssda903    2025-26 4           3             360.00      1080.00         2880.00
        E06000002 ssda903    2025-26 4           3             360.00      1080.00         2880.00
        E06000003 ssda903    2025-26 4           3             360.00      1080.00         2880.00
    """,
    ("burden", "2026-05-20"): """
        authority version submissions resubmissions minutes_low
        E06000001 2024-25 1           0             0.00
        E06000001 2025-26 2           1             120.00
        E06000002 2025-26 1           0             0.00
    """,
}
"""By question and day, some columns of the answer. A submission stands for the moment it was received and its receipt."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write_store(tmp_path_factory.mktemp("history") / "store", FIXTURE)


NAMES = {moment.replace(tzinfo=None): name for name, moment in ((sent.name, sent.received) for sent in SENT)}
RECEIPTS = {sent.receipt: sent.name for sent in SENT}


def word(value: object) -> str:
    """A cell as the tables by hand have it."""
    match value:
        case None:
            return "-"
        case float():
            return f"{value:.2f}"
        case dt.datetime():
            return NAMES[value]
        case str():
            return RECEIPTS.get(value, value).replace(" ", "_")
        case _:
            return str(value)


def table(answer: Answer, columns: list[str]) -> list[list[str]]:
    return [[word(value) for value in row.values()] for row in answer.rows.select(columns).to_pylist()]


@pytest.mark.parametrize(("question", "day"), BY_HAND)
def test_the_answer_is_the_table_made_by_hand(question: str, day: str, store: Store) -> None:
    columns, *expected = [line.split() for line in BY_HAND[question, day].strip().splitlines()]
    answer = ask(store, question, as_at=dt.date.fromisoformat(day))
    assert table(answer, columns) == expected
    assert not answer.unknown


def test_every_question_has_a_table_made_by_hand_on_the_last_day_and_on_one_between() -> None:
    days = {name: {day for question, day in BY_HAND if question == name} for name in QUESTIONS}
    assert all(LONG_AFTER in known for known in days.values())
    alike_on_any_day = {"late"}
    assert {name for name, known in days.items() if len(known) < 2} - alike_on_any_day == {"issues_over_time"}
