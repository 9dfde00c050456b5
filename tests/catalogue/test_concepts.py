"""Concepts and indicators: facts on what the collections share and what items are used for, checked as they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import csc_data
from csc_data.errors import StandardError
from csc_data.metadata.concepts import declared_items, make_concepts
from csc_data.metadata.facts import read_facts
from csc_data.metadata.indicators import make_indicators

CONCEPTS, INDICATORS = csc_data.concepts(), csc_data.indicators()

ABOUT_THE_FILE = {
    "Collection",
    "SourceLevel",
    "SoftwareCode",
    "Release",
    "SerialNo",
    "DateTime",
    "ChildNumber",
    "purge",
}
"""Items that say how a file was made, or what is to be done with it; they hold nothing about children."""


def test_a_concept_is_found_from_each_collection_that_holds_it() -> None:
    (started,) = CONCEPTS.of("Section47.S47ActualStartDate", "cin")
    assert started.items("csc_api") == ("Section47Assessments.start_date",)
    assert started.relation_between("cin", "ssd") == "identical"
    assert started.relation("ssda903") is None

    placed = CONCEPTS["adoption_placed"]
    assert placed.relation("ssda903") == "derivable"
    assert placed.items("ssda903") == ()
    assert placed in CONCEPTS.derivable_from("Episodes.PLACE", "ssda903")
    assert placed.relation_between("ssda903", "annex_a") == "derivable"
    assert CONCEPTS["primary_need"].relation_between("ssda903", "cin") == "overlapping"


@pytest.mark.parametrize("name", csc_data.collections())
def test_every_item_asked_of_an_authority_has_a_concept(name: str) -> None:
    items = declared_items(csc_data.collections()[name]).values()
    without = {item.name for item in items if not item.derived and not CONCEPTS.of(item.field, name)}
    assert without <= ABOUT_THE_FILE


def test_codes_of_the_years_lead_to_the_same_meaning() -> None:
    sex = CONCEPTS["sex"].code_map
    assert sex is not None
    male = {(entry.collection, code) for entry in sex.codes for code, meant in entry.to.items() if meant == "M"}
    assert {("ssda903", "1"), ("ssda903", "M"), ("cin", "1"), ("annex_a", "a) Male")} <= male


def test_items_of_a_like_name_are_told_apart() -> None:
    (pair,) = CONCEPTS.lookalikes_of("PlacedAdoption.DATE_PLACED", "ssda903")
    assert ("csc_api", "Adoption.placed_date") in pair.items


def test_frames_hold_every_concept_and_indicator() -> None:
    concepts, indicators = CONCEPTS.to_frame(), INDICATORS.to_frame()
    assert set(concepts["concept"]) == set(CONCEPTS)
    assert set(indicators["indicator"]) == set(INDICATORS)
    assert set(concepts["relation"]) == {"identical", "overlapping", "derivable"}
    assert not concepts.isna().any(axis=None)
    assert not indicators.isna().any(axis=None)


def test_an_item_tells_the_indicators_that_need_it() -> None:
    using = {entry.name for entry in INDICATORS.using("OC2.SDQ_SCORE", "ssda903")}
    assert using == {"cla_sdq_mean", "cla_sdq_concern", "cla_sdq_coverage"}
    assert INDICATORS.using("OC2.SDQ_SCORE", "cin") == ()
    assert {goal.name for goal in INDICATORS.goals_without_indicators()} == {"multi_agency", "leadership"}
    for indicator in INDICATORS.values():
        assert (indicator.status == "confirmed") == (not indicator.doubts) or indicator.status == "unconfirmed", (
            indicator.name
        )


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"identical": {"ssda903": ["Episodes.NONE"]}}, "ssda903 has no item Episodes.NONE"),
        ({"identical": {"unheard": ["A.B"]}}, "no collection unheard"),
        ({"derivable": {"ssda903": {"from": ["Header.NONE"], "how": "Somehow."}}}, "no item Header.NONE"),
        ({"identicle": {"ssda903": ["Header.DOB"]}}, "identicle means nothing here"),
        ({"derivable": {"cin": {"from": []}}}, "does not say: how"),
        ({"code_map": "none"}, "no code map none"),
        ({"codes": "alike"}, "codes are one of"),
    ],
)
def test_a_concept_that_cannot_be_is_refused(facts: dict[str, Any], message: str) -> None:
    concept = {"title": "x", "theme": "x", "codes": "uncoded", **facts}
    with pytest.raises(StandardError, match=message):
        _raise(make_concepts({"x": concept}, {}, {}, {}).contradictions(csc_data.collections()))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ({"collection": "ssda903", "until": "2023-24", "to": {"M": "M"}}, "M is no code of its items"),
        ({"collection": "ssda903", "to": {"M": "man"}}, "man is not among the meanings"),
        ({"collection": "elsewhere", "to": {}}, "no such collection"),
    ],
)
def test_a_code_map_that_leads_nowhere_is_refused(codes: dict[str, Any], message: str) -> None:
    concept = {
        "title": "x",
        "theme": "x",
        "codes": "mapped",
        "code_map": "sex",
        "identical": {"ssda903": ["Header.SEX"]},
    }
    maps = {"sex": {"title": "x", "meaning": {"M": "Male"}, "codes": [codes]}}
    with pytest.raises(StandardError, match=message):
        _raise(make_concepts({"x": concept}, maps, {}, {}).contradictions(csc_data.collections()))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"items": {"cin": ["Header.NONE"]}}, "cin has no item Header.NONE"),
        ({"population": "nobody"}, "no population 'nobody'"),
        ({"serves": "nothing"}, "no goal 'nothing'"),
        ({"sources": ["hearsay"]}, "no source 'hearsay'"),
        ({"status": "sure"}, "no status 'sure'"),
    ],
)
def test_an_indicator_that_cannot_be_is_refused(facts: dict[str, Any], message: str) -> None:
    indicator = {
        "title": "x", "measures": "x", "unit": "x", "serves": "safe", "theme": "x", "published": "x",
        "status": "confirmed", "sources": ["s"], **facts,
    }  # fmt: skip
    goals = {"safe": {"kind": "outcome", "title": "x", "number": 3}}
    with pytest.raises(StandardError, match=message):
        made = make_indicators({"x": indicator}, {}, goals, {"s": "x"})
        _raise(made.contradictions(csc_data.collections(), {}))


def test_a_pack_adds_to_the_facts_and_cannot_change_them(tmp_path: Path) -> None:
    ours, pack, contrary = (tmp_path / name for name in ("ours.toml", "pack.toml", "contrary.toml"))
    ours.write_text('[sex]\ntitle = "Sex"\nidentical.cin = ["ChildIdentifiers.Sex"]\n', encoding="utf-8")
    pack.write_text('[sex]\nidentical.pack = ["Child.sex"]\n[shoe_size]\ntitle = "Shoe size"\n', encoding="utf-8")
    contrary.write_text('[sex]\ntitle = "Gender"\n', encoding="utf-8")
    both = read_facts([ours, pack])
    assert both["sex"]["identical"] == {"cin": ["ChildIdentifiers.Sex"], "pack": ["Child.sex"]}
    assert "shoe_size" in both
    with pytest.raises(StandardError, match=r"contrary.toml: sex: title is said already"):
        read_facts([ours, contrary])


def _raise(problems: list[str]) -> None:
    if problems:
        raise StandardError("; ".join(problems))
