"""A rule that lays out pairs of rows stops before they fill the memory, and says so."""

from __future__ import annotations

import tracemalloc

import pytest
from support.hostile import check, one_child

import csc_data
from csc_data.typed import rows
from csc_data.typed.rows import TooManyPairsError, pairs


def test_a_rule_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_PAIRS", 0)
    standard = csc_data.standard("ssda903/2026-27")
    drawn = standard.collection.draw(standard, 10, 1)
    rules = check(standard, drawn.tables, drawn.previous).rules
    reasons = rules[rules["reason"].str.contains("pairs of rows of Episodes and Episodes_last share an identifier")]
    assert set(reasons["status"]) == {"skipped"}
    assert "502" in set(reasons["rule"])
    assert "crashed" not in set(rules["status"])


def test_no_memory_is_taken_before_it_is_refused() -> None:
    standard = csc_data.standard("ssda903/2026-27")
    episodes = check(standard, one_child(standard, 10_000)).typed.rows["Episodes"]
    tracemalloc.start()
    with pytest.raises(TooManyPairsError, match="100,000,000 pairs of rows of Episodes and Episodes"):
        pairs(episodes, episodes)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
