"""When a submission is accepted is data: what blocks, above which threshold, and what a policy may not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.submissions import CARE, drawn

import csc_data
from csc_data.errors import UsageError
from csc_data.report import Report
from csc_data.store.policy import Policy, Threshold

OPENING = 'name = "ours"\ndate = 2026-04-01\n'
BLOCKING = '[blocking]\nseverities = ["error"]\norigins = ["official"]\ngaps = ["table missing"]\n'


@pytest.fixture(scope="module")
def report() -> Report:
    """Rule 101 flags 1 row of 29, rule 142 two; nothing else that is an error."""
    made = csc_data.validate(drawn(CARE, 30)[0], CARE, authority="Barnet", only=["101", "142", "103"])
    failed = made.rules.set_index("rule").query("status == 'failed'")["rows"].to_dict()
    assert failed == {"101": 1, "142": 2}
    return made


def policy(folder: Path, *rules: str, blocking: str = BLOCKING) -> Policy:
    path = folder / "policy.toml"
    path.write_text(OPENING + blocking + "\n".join(rules))
    return Policy.read(path)


def test_the_policy_of_the_package_lets_official_errors_block(report: Report) -> None:
    default = Policy.read()
    verdict, reasons = default.verdict(report)
    assert verdict == "returned"
    assert [reason for reason in reasons if reason.startswith("Rule ")] == [
        "Rule 101: 1 row. Sex is blank or is not one of the codes of the year.",
        "Rule 142: 2 rows. An episode has no end although a later episode of the child has begun.",
    ]
    assert (default.used.name, default.used.date) == ("official errors block", "2026-04-01")


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        (["[rules.101]\nblocks = false", "[rules.142]\nrows = 2"], "accepted with issues"),
        (["[rules.101]\nblocks = false", "[rules.142]\nrows = 1"], "returned"),
        (["[rules.101]\nshare = 0.04", "[rules.142]\nblocks = false"], "accepted with issues"),
        (["[rules.101]\nshare = 0.03", "[rules.142]\nblocks = false"], "returned"),
    ],
)
def test_a_rule_blocks_above_its_threshold_alone(
    rules: list[str], verdict: str, report: Report, tmp_path: Path
) -> None:
    assert policy(tmp_path, *rules).verdict(report)[0] == verdict


def test_queries_do_not_block_unless_the_policy_says_so(tmp_path: Path, report: Report) -> None:
    queries = BLOCKING.replace('"error"', '"query"')
    assert policy(tmp_path, blocking=queries).verdict(report)[0] == "accepted with issues"


def test_what_was_not_checked_blocks_where_the_policy_says_so(tmp_path: Path) -> None:
    tables = {name: table for name, table in drawn(CARE, 30)[0].items() if name != "Header"}
    without = csc_data.validate(tables, CARE, authority="Barnet", only=["103"])
    verdict, reasons = policy(tmp_path).verdict(without)
    assert verdict == "returned"
    assert reasons[0].startswith("Header, which every return has, was not supplied")
    lenient = BLOCKING.replace('"table missing"', "")
    verdict, reasons = policy(tmp_path, blocking=lenient).verdict(without)
    assert verdict == "accepted with issues"
    assert any(reason.startswith("Header, which every return has") for reason in reasons)


def test_rules_that_did_not_run_are_said(report: Report) -> None:
    _, reasons = Policy.read().verdict(report)
    assert any("rules did not run: switched off" in reason for reason in reasons), reasons


def test_a_clean_submission_is_accepted(tmp_path: Path) -> None:
    clean = csc_data.validate(drawn(CARE, 30)[0], CARE, authority="Barnet", only=["103"])
    assert Policy.read().verdict(clean)[0] == "accepted"


def test_a_threshold_is_exceeded_above_it_and_not_at_it() -> None:
    assert not Threshold(rows=5).exceeded(5, 100)
    assert Threshold(rows=5).exceeded(6, 100)
    assert not Threshold(share=0.5).exceeded(5, 10)
    assert Threshold(share=0.5).exceeded(6, 10)
    assert not Threshold(blocks=False).exceeded(100, 100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "cannot be used"),
        (BLOCKING, "it has no name"),
        ('name = "x"\n' + BLOCKING, "it has no date"),
        (OPENING, r"\[blocking\] must say"),
        (OPENING + "colour = 1\n" + BLOCKING, "it holds colour"),
        (OPENING + BLOCKING.replace('"error"', '"fatal"'), "severities of"),
        (OPENING + BLOCKING.replace("table missing", "rain"), "gaps of"),
        (OPENING + BLOCKING + "[rules.1]\nrows = -1", "must be a number of rows"),
        (OPENING + BLOCKING + "[rules.1]\nrows = true", "must be a number of rows"),
        (OPENING + BLOCKING + "[rules.1]\nshare = 2", "between 0 and 1"),
        (OPENING + BLOCKING + "[rules.1]\nblocks = 1", "true or false"),
        (OPENING + BLOCKING + "[rules.1]\nlimit = 1", "must say blocks or rows or share"),
        (OPENING + BLOCKING + "[rules]\n1 = 3", "must say blocks"),
    ],
)
def test_what_is_no_policy_is_refused_in_words(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        Policy.read(path)


def test_the_hash_of_a_policy_is_that_of_its_file(tmp_path: Path) -> None:
    first, second = policy(tmp_path), policy(tmp_path, "[rules.101]\nrows = 1")
    assert first.used.sha256 != second.used.sha256
    assert policy(tmp_path).used == first.used
