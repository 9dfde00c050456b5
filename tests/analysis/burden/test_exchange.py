"""The exchange file: what it says is right, and nothing small is in it, nor worked out by whoever knows the rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.burden_cases import small, validated
from support.exchange_attack import counted, named_in, recovered, recovered_together, spoilt, spoilt_twice
from support.invented import check, faulty

import csc_data
from csc_data.analysis.exchange.declared import Declared
from csc_data.analysis.exchange.exchange_file import MOST_BYTES, as_text, exchange, exchange_schema, write_exchange
from csc_data.analysis.exchange.groups import Groups
from csc_data.commands.cli import main
from csc_data.errors import UsageError
from csc_data.metadata.snapshot import rule_fingerprints
from csc_data.report import Report

GIVEN = Path(__file__).parents[3] / "fixtures/ssda903/returns/2025-26"


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    sizes = (("ssda903/2025-26", 200), ("cin/2025-26", 60), ("cin/2025-26", 200))
    return [check(faulty(name, size), csc_data.standard(name)) for name, size in sizes]


@pytest.fixture(scope="module")
def made(reports: list[Report]) -> list[dict[str, Any]]:
    return [exchange(report.official, report.analyses) for report in reports]


def metrics(document: dict[str, Any]) -> dict[str, Any]:
    return {metric["metric"]: metric["value"] for metric in document["burden"]["metrics"]}


def test_it_follows_its_schema_and_is_small(made: list[dict[str, Any]]) -> None:
    validator = jsonschema.Draft202012Validator(exchange_schema())
    for document in made:
        assert not list(validator.iter_errors(document))
        text = as_text(document)
        assert json.loads(text) == json.loads(json.dumps(document))
        assert len(text.encode()) <= MOST_BYTES
    spoiled = {**made[0], "children": 3}
    assert list(validator.iter_errors(spoiled))


def test_counts_that_are_shown_are_those_of_the_report(reports: list[Report], made: list[dict[str, Any]]) -> None:
    for report, document in zip(reports, made, strict=True):
        rules = report.official.rules.set_index("rule")
        records = report.burden().details["by_rule"].set_index("rule")["records"]
        for rule in document["rules"]:
            code = rule["rule"]
            assert rule["status"] == rules.loc[code, "status"]
            if rule["status"] in ("passed", "failed"):
                assert rule["rows"] in ("c", records.get(code, 0))
                assert rule["of_rows"] in ("c", rules.loc[code, "rows_checked"])
                assert rule["children"] in ("c", "z", rules.loc[code, "children"])
            else:
                absent = "z" if rule["status"] == "not_applicable" else "x"
                assert {rule[name] for name in ("rows", "children", "of_rows", "of_children")} == {absent}
            if rule["status"] == "passed":
                assert rule["rows"] == rule["children"] == 0
        sizes = {str(name): len(source) for name, source in report.typed.sources.items()}
        assert all(shown in ("c", sizes[table]) for table, shown in document["sizes"].items())
        figures = report.indicators().query("breakdown == 'all'").set_index("indicator")
        for entry in document["indicators"]:
            if isinstance(entry["n"], int):
                assert entry["n"] == figures.loc[entry["indicator"], "numerator"]
            if isinstance(entry["d"], int):
                assert entry["d"] == figures.loc[entry["indicator"], "denominator"]
    assert any(isinstance(rule["rows"], int) and rule["rows"] for rule in made[0]["rules"])
    assert any(isinstance(item["missing"], int) and item["missing"] for item in made[0]["items"])
    assert any(isinstance(entry["n"], int) and entry["n"] for entry in made[0]["indicators"])


def test_nothing_is_worked_out_of_it(reports: list[Report], made: list[dict[str, Any]]) -> None:
    assert recovered(reports[1], made[1]) == []


def test_the_attack_finds_what_a_file_gives_away() -> None:
    """A file that shows a count of few, or that hides one of them alone beside their total, does not pass."""
    report = spoilt("cin/2025-26", 150, 5)
    document = exchange(report.official, report.analyses)
    counts = counted(report, document)
    true = {name[1]: count.true for name, count in counts.items() if name[2] == "rows"}
    errors = {rule["rule"] for rule in document["rules"] if rule["severity"] == "error"} & true.keys()
    code = next(
        code
        for code in sorted(errors)
        if counts["rules", code, "rows"].small
        and counts["rules", code, "rows"].children
        and counts["rules", code, "rows"].shown == "c"
    )
    one_shown = [rule | {"rows": true[code]} if rule["rule"] == code else rule for rule in document["rules"]]
    assert any(code in words for words in recovered(report, {**document, "rules": one_shown}))
    one_hidden = [
        rule | {"rows": true[rule["rule"]]} if rule["rule"] in true and rule["rule"] != code else rule
        for rule in document["rules"]
    ]
    total = sum(true[error] for error in errors)
    told = [
        metric | {"value": total} if metric["metric"] == "R4" else metric for metric in document["burden"]["metrics"]
    ]
    burden = document["burden"] | {"metrics": told}
    beside_total = recovered(report, {**document, "rules": one_hidden, "burden": burden})
    assert any(f"is {true[code]} to {true[code]}" in words for words in beside_total)


def test_without_scipy_no_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody would know whether hidden counts can be worked out. It is said before the return is read."""
    monkeypatch.setitem(sys.modules, "scipy", None)
    out = tmp_path / "exchange.json"
    assert main(["burden", "exchange", str(tmp_path / "nowhere"), "--out", str(out)]) == 2
    assert 'pip install "csc-data[statistics]"' in capsys.readouterr().err
    assert main(["validate", str(tmp_path / "nowhere"), "--out", str(tmp_path), "--format", "exchange"]) == 2
    assert not any(tmp_path.iterdir())


def test_two_files_of_one_return_give_nothing_away_together() -> None:
    """In this return all sums together tell more than each does by itself."""
    assert recovered_together(*spoilt_twice("cin/2025-26", 400, 31)) == []


def test_what_a_file_sent_before_hid_stays_hidden() -> None:
    first, second = spoilt_twice("cin/2025-26", 150, 5)
    before = exchange(first.official, first.analyses)
    after = exchange(second.official, second.analyses, sent=before)
    hid = {rule["rule"] for rule in before["rules"] if rule["rows"] == "c"}
    assert hid
    assert all(rule["rows"] in ("c", 0) for rule in after["rules"] if rule["rule"] in hid)
    alone = exchange(second.official, second.analyses)
    assert alone != after
    for old, new in zip(before["rules"], after["rules"], strict=True):
        for name in ("rows", "children"):
            if isinstance(old[name], int) and isinstance(new[name], int):
                assert abs(old[name] - new[name]) not in range(1, 6)


def test_nothing_of_a_child_is_in_the_file(reports: list[Report], made: list[dict[str, Any]]) -> None:
    for report, document in zip(reports, made, strict=True):
        assert named_in(report, document) == []
    child = next(child for child in reports[0].typed.children if len(child) > 4 and not child.isalpha())
    assert named_in(reports[0], {**made[0], "system_version": child})


def test_burden_is_in_it_with_its_estimates(reports: list[Report], made: list[dict[str, Any]]) -> None:
    for report, document in zip(reports, made, strict=True):
        card = report.burden()
        known = card.counts.set_index("metric")["value"]
        for metric in document["burden"]["metrics"]:
            if metric["value"] is not None:
                assert metric["value"] == pytest.approx(known[metric["metric"]], abs=0.05)
        assert document["burden"]["caveats"] == list(card.caveats)
        assert {entry["id"] for entry in document["burden"]["assumptions"]} == set(card.assumptions["id"])
    assert metrics(made[2])["R4"] is not None


def test_hours_are_hidden_with_the_counts_they_give_away() -> None:
    report = validated(small(), ("101", "102", "131", "132", "133"))
    document = exchange(report.official, report.analyses)
    assert all(value in (None, 0) for metric, value in metrics(document).items() if metric not in ("R10",))
    by_id = {estimate["metric"]: estimate for estimate in document["burden"]["estimates"]}
    assert by_id["R13.errors"]["central"] is None
    assert by_id["R13.hours"]["symbol"] == "c"
    assert by_id["R13.fixed"]["central"] == 60
    assert by_id["R14.cost"]["low"] == 9000


def test_many_records_of_few_children_are_hidden() -> None:
    # Forty rows of two children fail two rules.
    tables = small()
    rows = [f"c{number}" for number in range(60)]
    tables["Header"] = pd.DataFrame({"CHILD": rows, "SEX": "M", "DOB": "01/01/2006", "ETHNIC": "WBRI"})
    tables["OC3"] = pd.DataFrame(
        {"CHILD": ["c1", "c2"] * 20 + rows[3:], "DOB": "01/01/2006", "IN_TOUCH": "YES",
         "ACTIV": [None] * 40 + ["F1"] * 57, "ACCOM": [None] * 20 + ["B1"] * 77}
    )  # fmt: skip
    report = validated(tables, ("132", "133"))
    document = exchange(report.official, report.analyses)
    failing = [rule for rule in document["rules"] if rule["status"] == "failed"]
    assert failing
    assert {rule["rows"] for rule in failing} == {rule["children"] for rule in failing} == {"c"}
    assert metrics(document)["R4"] is None
    assert metrics(document)["R4.children"] is None


def test_the_hash_of_a_rule_follows_its_text_alone(made: list[dict[str, Any]]) -> None:
    older = rule_fingerprints(csc_data.standard("ssda903/2024-25"))
    newer = {rule["rule"]: rule["text"] for rule in made[0]["rules"]}
    same = [code for code in older.keys() & newer.keys() if older[code] == newer[code]]
    assert len(same) > 100
    assert [code for code in older.keys() & newer.keys() if older[code] != newer[code]]
    assert len(set(newer.values())) == len(newer)


def test_what_the_authority_declares_is_in_it_and_nothing_is_guessed(tmp_path: Path, reports: list[Report]) -> None:
    report = reports[0]
    said = exchange(
        report.official, report.analyses, declared=Declared("mosaic", "12.4", "own sql", "draft", "consented")
    )
    assert [said[name] for name in ("supplier", "system_version", "extract", "stage", "names")] == [
        "mosaic", "12.4", "own sql", "draft", "consented"]  # fmt: skip
    silent = exchange(report.official, report.analyses)
    assert [silent[name] for name in ("supplier", "system_version", "extract", "stage", "names")] == [
        "unsaid", None, "unsaid", "unsaid", "withheld"]  # fmt: skip
    for wrong in (
        {"supplier": "mosiac"},
        {"extract": "sql"},
        {"stage": "sent"},
        {"names": "yes"},
        {"system_version": "\n"},
    ):
        with pytest.raises(UsageError):
            Declared(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Did you mean mosaic"):
        Declared("mosiac")


def test_it_takes_the_place_of_an_older_one_of_the_same_return_alone(tmp_path: Path, reports: list[Report]) -> None:
    report = reports[0]
    assert report.ret.authority
    target = tmp_path / "exchange.json"
    older = {
        "format": "csc-data exchange 1",
        "authority": {"ons_code": report.ret.authority.ons_code},
        "standard": {"id": report.ret.standard.id},
    }
    target.write_text(json.dumps(older))
    assert write_exchange(report.official, report.analyses, target) == target
    assert json.loads(target.read_text())["format"] == "csc-data exchange 2"
    with pytest.raises(UsageError, match="another return"):
        write_exchange(reports[1].official, reports[1].analyses, target)
    with pytest.raises(UsageError, match="version 1"):
        (tmp_path / "old.json").write_text(json.dumps(older))
        write_exchange(report.official, report.analyses, target, sent=tmp_path / "old.json")
    with pytest.raises(UsageError, match="cannot be read as an exchange file"):
        write_exchange(report.official, report.analyses, target, sent=tmp_path / "none.json")


def test_validate_writes_it_with_the_rest_and_the_settings_declare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings_file = tmp_path / "csc-data.toml"
    settings_file.write_text('supplier = "azeus"\nstage = "submitted"\n')
    given_and_out = [str(GIVEN / "this_year"), "--out", str(tmp_path / "out"), "--format", "json,exchange"]
    assert main(["validate", *given_and_out, "--settings", str(settings_file), "--quiet", "--only", "101,142"]) in (
        0,
        1,
        2,
        3,
    )
    document = json.loads((tmp_path / "out" / "exchange.json").read_text())
    assert (document["supplier"], document["stage"]) == ("azeus", "submitted")
    assert not list(jsonschema.Draft202012Validator(exchange_schema()).iter_errors(document))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["exchange.json", "report.json"]
    assert main(["validate", *given_and_out, "--supplier", "mosiac"]) == 2
    assert "Did you mean mosaic" in capsys.readouterr().err


GROUPS = st.lists(st.frozensets(st.integers(0, 17), min_size=1), min_size=2, max_size=5)


@given(GROUPS)
@settings(max_examples=100, deadline=None)
def test_no_small_group_is_told_by_those_around_it(groups: list[frozenset[int]]) -> None:
    """A hidden count could be six, whatever else of a table of eighteen rows, one a child, is shown."""
    numbered = Groups()
    numbered.add_table("t", np.arange(18))
    whole = numbered.records([("t", np.arange(18))])
    counts = [numbered.records([("t", np.array(sorted(group)))]) for group in groups]
    for number in counts:
        numbered.rest(whole, number)
    uses = dict.fromkeys([whole, *counts], 1)
    hidden = numbered.hidden(uses, [], [], [whole])
    for number, group in zip(counts, groups, strict=True):
        if len(group) < 6 or 0 < 18 - len(group) < 6:
            assert hidden[number] or hidden[whole]
        assert not (len(group) < 6 and not hidden[number])
        for other, larger in zip(counts, groups, strict=True):
            if group < larger and len(larger - group) < 6:
                assert hidden[number] or hidden[other]
