"""Which flagged rows of the census are one issue: those of an episode, of a child, of a value, of the whole return."""

from __future__ import annotations

import pandas as pd

import csc_data

EPISODES = {"LAchildID": ["a", "a", "b"], "CINdetailsID": ["1", "2", "1"]}
TABLES = {
    "Header": pd.DataFrame({"LEA": ["302"], "ReferenceDate": ["2026-03-31"]}),
    "ChildIdentifiers": pd.DataFrame(
        {"LAchildID": ["a", "b", "c"], "UPN": ["U302456789012", "U302456789012", ""], "Sex": "M",
         "PersonDeathDate": ["2025-04-30", "2025-04-30", ""]}
    ),
    "CINdetails": pd.DataFrame({**EPISODES, "CINreferralDate": "2025-05-01", "ReferralNFA": "1", "DateOfInitialCPC": ""}),
    "Section47": pd.DataFrame({**EPISODES, "DateOfInitialCPC": ""}),
    "CINplanDates": pd.DataFrame({**EPISODES, "CINPlanStartDate": "2025-06-01", "CINPlanEndDate": ""}),
    "ChildProtectionPlans": pd.DataFrame({**EPISODES, "CPPID": "1", "CPPstartDate": "2025-06-01", "CPPendDate": ""}),
}  # fmt: skip


def issues(code: str) -> list[list[tuple[str, int]]]:
    """The rows of each issue of a rule."""
    checked = csc_data.validate(TABLES, "cin/2025-26", only=[code]).issues
    rows = zip(checked["table"].astype(str), checked["row"].astype(int), strict=True)
    tied = checked.assign(where=list(rows)).groupby("issue", sort=True)["where"]
    return sorted(sorted(entry) for _, entry in tied)


def test_rows_of_one_episode_are_an_issue() -> None:
    assert issues("4000") == [[("CINdetails", row), ("CINplanDates", row)] for row in (0, 1, 2)]
    assert issues("8832") == [[("CINdetails", row), ("ChildProtectionPlans", row)] for row in (0, 1, 2)]


def test_rows_of_one_child_are_an_issue_where_episodes_are_compared() -> None:
    assert issues("8940") == [[("ChildProtectionPlans", 0), ("ChildProtectionPlans", 1)]]
    assert issues("4016") == [
        [("CINplanDates", 0), ("CINplanDates", 1), ("ChildProtectionPlans", 0), ("ChildProtectionPlans", 1)],
        [("CINplanDates", 2), ("ChildProtectionPlans", 2)],
    ]
    assert issues("8555Q") == [
        [("CINdetails", 0), ("CINdetails", 1), ("ChildIdentifiers", 0)],
        [("CINdetails", 2), ("ChildIdentifiers", 1)],
    ]


def test_rows_that_share_a_value_are_an_issue() -> None:
    assert issues("1520") == [[("ChildIdentifiers", 0), ("ChildIdentifiers", 1)]]


def test_a_rule_on_single_rows_has_an_issue_a_row_and_one_on_the_whole_return_has_one() -> None:
    assert issues("8590") == [[("ChildIdentifiers", 2)]]
    assert issues("8600") == []
    assert issues("2883") == [[("Header", 0)]]
