"""The past does not drift unseen: every year equals its frozen catalogue."""

from __future__ import annotations

import json

import pytest

import csc_data
from csc_data.catalogue.freeze import frozen_path, frozen_text

STANDARDS = [
    collection.standard(year) for collection in csc_data.collections().values() for year in collection.versions
]
OFFICIAL_RULES = {
    "ssda903/2022-23": 293,
    "ssda903/2023-24": 312,
    "ssda903/2024-25": 305,
    "ssda903/2025-26": 316,
    "ssda903/2026-27": 327,
}


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.id)
def test_a_standard_equals_its_frozen_catalogue(standard: csc_data.Standard) -> None:
    frozen = frozen_path(standard).read_text(encoding="utf-8")
    advice = "The catalogue changed. If that is meant, run: python -m csc_data.catalogue.freeze"
    assert json.loads(frozen) == json.loads(frozen_text(standard)), advice


@pytest.mark.parametrize(("name", "count"), OFFICIAL_RULES.items())
def test_every_official_rule_of_the_year_is_there(name: str, count: int) -> None:
    rules = csc_data.standard(name).rules.values()
    assert sum(rule.origin == "official" for rule in rules) == count


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.id)
def test_every_rule_says_what_why_and_how(standard: csc_data.Standard) -> None:
    for rule in standard.rules.values():
        for text in (rule.title, rule.why, rule.fix):
            assert text.strip()
            assert text.strip().endswith((".", "?")), (rule.code, text)
        assert (rule.fidelity == "exact") == (not rule.fidelity_note), rule.code
        assert "{" not in rule.title
