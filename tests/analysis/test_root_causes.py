"""Root causes: what hangs together by hand, and what must hold for any return."""

from __future__ import annotations

import pandas as pd
import pytest
from support.invented import check, faulty

import csc_data
from csc_data.analysis.root_causes import ROOT_CAUSE_COLUMNS, root_causes

EPISODES = ["CHILD", "DECOM", "DEC", "REC"]


def of(tables: dict[str, pd.DataFrame], *rules: str) -> tuple[csc_data.Report, pd.DataFrame]:
    report = csc_data.validate(tables, "ssda903/2025-26", only=rules)
    return report, report.root_causes().groups


def test_one_wrong_cell_is_one_place() -> None:
    # A: the end of the first episode is missing, so 142 and 148 report DEC and REC of one row. B: 148 alone.
    episodes = pd.DataFrame(
        [
            ["A", "01/05/2025", None, "X1"],
            ["A", "01/06/2025", None, None],
            ["B", "01/06/2025", "01/07/2025", None],
        ],
        columns=EPISODES,
    )
    report, groups = of({"Episodes": episodes}, "142", "148")
    assert [groups.index.name, *groups.columns] == list(ROOT_CAUSE_COLUMNS)
    assert groups[["rules", "fields", "places", "issues", "children"]].to_numpy().tolist() == [
        ["142, 148", "Episodes.DEC, Episodes.REC", 1, 2, 1],
        ["148", "Episodes.DEC, Episodes.REC", 1, 1, 1],
    ]
    advice = groups.loc[1, "advice"]
    assert "date episode ceased (Episodes.DEC) or reason episode ceased (Episodes.REC) first: both rules" in advice
    assert groups.loc[2, "advice"] == report.ret.standard.rules["148"].fix
    causes = report.root_causes()
    assert (causes.places, causes.components) == (2, 2)
    both = causes.by_issue.loc[report.issues.loc[report.issues["child"] == "A", "issue"]]
    assert both["cause"].tolist() == [1, 1]
    assert both["place"].nunique() == 1


def test_a_chain_of_issues_is_cut_at_the_cells_most_of_them_share() -> None:
    # Each start falls before the end before it (rule 501 flags the later row); one end has no reason (148).
    episodes = pd.DataFrame(
        [
            ["A", "01/05/2025", "20/06/2025", "X1"],
            ["A", "01/06/2025", "20/07/2025", None],
            ["A", "01/07/2025", "20/08/2025", "X1"],
        ],
        columns=EPISODES,
    )
    report, groups = of({"Episodes": episodes}, "501", "148")
    assert sorted(report.issues["rule"]) == ["148", "501", "501"]
    assert groups[["rules", "fields", "places"]].to_numpy().tolist() == [
        ["148, 501", "Episodes.DEC", 1],
        ["501", "Episodes.DECOM, Episodes.DEC", 1],
    ]


def test_a_fact_of_the_child_is_one_place_wherever_it_is_repeated() -> None:
    header = pd.DataFrame({"CHILD": ["A", "B"], "DOB": ["01/01/2012", "01/01/2012"]})
    reviews = pd.DataFrame(
        {"CHILD": ["A"] * 3, "DOB": ["01/01/2012"] * 3, "REVIEW": [f"0{day}/06/2025" for day in (1, 2, 3)],
         "REVIEW_CODE": ["PN0"] * 3}
    )  # fmt: skip
    _, groups = of({"Header": header, "Reviews": reviews}, "440")
    assert groups[["rules", "fields", "places", "issues"]].to_numpy().tolist() == [["440", "Header.DOB", 1, 3]]
    orphans = reviews.assign(CHILD="X")
    _, groups = of({"Header": header, "Reviews": orphans, "UASC": orphans.head(1)[["CHILD"]]}, "INT08", "INT09")
    assert groups[["rules", "fields", "places", "issues"]].to_numpy().tolist() == [
        ["INT08, INT09", "Header.CHILD", 1, 4]
    ]


def test_children_are_never_put_together() -> None:
    header = pd.DataFrame(
        {"CHILD": ["A", "B", "C"], "SEX": ["X", "X", None], "UPN": ["A123456789012", "A123456789012", "QQ"]}
    )
    report, groups = of({"Header": header}, "101", "168", "444")
    assert len(report.issues) == 6
    shared = groups[groups["rules"] == "444"]
    assert shared[["fields", "places", "issues", "children"]].to_numpy().tolist() == [["Header.UPN", 1, 1, 2]]
    assert groups.loc[groups["rules"] == "101", ["places", "children"]].to_numpy().tolist() == [[3, 3]]


def test_rows_of_no_child_are_kept_apart() -> None:
    header = pd.DataFrame({"CHILD": [None, None], "SEX": ["X", "X"]})
    report, groups = of({"Header": header}, "101", "S-BLANK")
    assert groups["places"].sum() == len(report.issues) == 4
    assert set(groups["children"]) == {0}


def test_nothing_wrong_has_no_cause() -> None:
    report, groups = of({"Header": pd.DataFrame({"CHILD": ["A"], "SEX": ["M"]})}, "101")
    causes = report.root_causes()
    assert (len(groups), len(causes.by_issue), causes.places, causes.components) == (0, 0, 0, 0)


@pytest.mark.parametrize("standard_id", ["ssda903/2022-23", "ssda903/2025-26", "cin/2022-23", "cin/2026-27"])
def test_what_holds_for_any_return(standard_id: str) -> None:
    standard, drawn = csc_data.standard(standard_id), faulty(standard_id)
    report = check(drawn, standard)
    causes = report.root_causes()
    issues = report.issues["issue"].nunique()
    assert len(causes.by_issue) == causes.groups["issues"].sum() == issues
    assert causes.groups["places"].sum() == causes.by_issue["place"].nunique() == causes.places
    assert causes.components <= causes.places < issues
    assert causes.groups["issues"].is_monotonic_decreasing
    assert not causes.groups.duplicated(["rules", "fields"]).any()
    # Every issue is of a rule of its cause, and the issues put down to one place are of one child.
    sample = report.issues.join(causes.by_issue, on="issue").join(causes.groups["rules"], on="cause")
    assert all(rule in rules.split(", ") for rule, rules in zip(sample["rule"], sample["rules"], strict=True))
    several = sample.groupby("place").filter(lambda group: group["issue"].nunique() > 1)
    assert (several.groupby("place")["child"].nunique() == 1).all()
    turned = {name: table.iloc[::-1] for name, table in drawn.tables.items()}
    previous = {name: table.iloc[::-1] for name, table in drawn.previous.items()}
    again = check(drawn, standard, turned, previous=previous or None).root_causes()
    pd.testing.assert_frame_equal(again.groups, causes.groups)


def test_places_of_errors_alone() -> None:
    report = check(faulty("ssda903/2025-26"), csc_data.standard("ssda903/2025-26"))
    errors = report.issues.loc[report.issues["severity"] == "error", "issue"]
    assert set(root_causes(report, "error").by_issue.index) == set(errors)
