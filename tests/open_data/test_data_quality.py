"""The specification ``data_quality``: how common issues are, of any collection, held against the report itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data as csc
from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.open_data.exact import exact_counts
from csc_data.open_data.specs import FIGURE, spec_named

SPEC = spec_named("data_quality")


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for standard, faults in (("ssda903/2025-26", "157:8,231:7,232:2"), ("cin/2025-26", "8500:2,4220:8,8540:3,1560Q:7")):
        folder = tmp_path_factory.mktemp("returns")
        given = ["synthesise", "--standard", standard, "--children", "40", "--seed", "5", "--faults", faults]
        assert main([*given, "--out", str(folder)]) == 0
        made[standard] = folder / "this_year"
    return made


def counted(path: Path, standard: str) -> tuple[csc.Report, pd.Series]:
    report = csc.validate(path, standard, authority="Birmingham")
    exact = exact_counts([report.analyses.source], SPEC)
    assert not any(exact.not_known.values())
    return report, exact.counts.set_index(["breakdown_topic", "breakdown", FIGURE])["count"].astype(int).sort_index()


@pytest.mark.parametrize("standard", ["ssda903/2025-26", "cin/2025-26"])
def test_issues_and_children_are_those_of_the_report(returns: dict[str, Path], standard: str) -> None:
    report, counts = counted(returns[standard], standard)
    issues = report.issues[~report.issues["table"].astype(str).str.endswith("_last")]
    of_children = issues[issues["child"].notna() & (issues["child"] != "")]
    error = set(of_children.loc[of_children["severity"] == "error", "child"])
    query = set(of_children.loc[of_children["severity"] == "query", "child"])
    by = "Children by issues"
    assert error and counts[by, "Children with an error", "children_count"] == len(error)
    assert counts[by, "Children with queries alone", "children_count"] == len(query - error)
    assert counts[by, "Total", "children_count"] == counts[by].sum() / 2
    for topic, column in (("Issues by dimension", "dimension"), ("Issues by severity", "severity")):
        total = counts[topic, "Total", "issue_count"]
        assert total == issues["issue"].nunique() == counts[topic].sum() / 2
        words = {"error": "Errors", "query": "Queries"}
        for name, here in issues.groupby(column, observed=True):
            label = words.get(str(name), str(name).capitalize())
            assert counts[topic, label, "issue_count"] == here["issue"].nunique()


def test_files_are_of_one_collection_and_say_which(
    returns: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"E08000025={path}" for path in returns.values()]
    assert main(["open-data", given[1], "--spec", "data_quality", "--out", str(tmp_path)]) in (0, 3)
    path = tmp_path / "data_quality_cin.csv"
    assert main(["open-data", "check", str(path)]) == 0
    assert main(["check-release", str(path)]) == 0
    assert not pd.read_csv(path, dtype=str)[["children_count", "issue_count"]].isin(list("12345")).any(axis=None)
    capsys.readouterr()
    # The folder holds the package of another collection, and returns of two do not go together.
    assert main(["open-data", given[0], "--spec", "data_quality", "--out", str(tmp_path)]) == 2
    assert "Choose another folder" in capsys.readouterr().err
    assert main(["open-data", *given, "--spec", "data_quality", "--out", str(tmp_path / "new")]) == 2
    assert "made from returns of ssda903" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no specification"):
        spec_named("data_quality_cin")
