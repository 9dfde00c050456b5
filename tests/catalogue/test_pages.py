"""The generated pages are those of the standards and examples as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

import csc_data
from csc_data.catalogue.pages import departures_page, rules_page, verification_page

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", csc_data.collections())
def test_pages_are_up_to_date(name: str) -> None:
    collection = csc_data.collections()[name]
    advice = f"Run: python -m csc_data.catalogue.pages {name} fixtures/{name}/rules docs"
    rules = rules_page(collection, ROOT / "fixtures" / name / "rules")
    assert (ROOT / "docs" / name / "rules.md").read_text(encoding="utf-8") == rules, advice
    assert (ROOT / "docs" / name / "departures.md").read_text(encoding="utf-8") == departures_page(collection), advice
    verification = (ROOT / "docs" / name / "verification.md").read_text(encoding="utf-8")
    assert verification == verification_page(collection), advice
