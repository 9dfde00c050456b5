from __future__ import annotations

from pathlib import Path

import pytest

from csc_data.analysis.burden import default_assumptions
from csc_data.errors import UsageError


def test_every_default_is_in_order_and_says_where_it_comes_from() -> None:
    each = list(default_assumptions())
    assert [entry.id for entry in each][:17] == [f"A{number}" for number in range(1, 18)]
    for assumption in each:
        assert assumption.in_order and assumption.basis and assumption.unit and not assumption.changed
        assert assumption.status in ("published", "unconfirmed", "stated", "ask")
        assert assumption.price_base or "pounds" not in assumption.unit


def test_published_values() -> None:
    published = default_assumptions()["A2"]
    assert (published.low, published.central, published.high) == (9000, 15750, 22500)
    assert default_assumptions().value("A6", "central") == pytest.approx(0.37)
    assert default_assumptions().value("A13", "high") == 0


def test_a_file_changes_only_what_it_names(tmp_path: Path) -> None:
    toml = tmp_path / "mine.toml"
    toml.write_text("A1 = 30\n[A5]\ncentral = 12\n")
    table = tmp_path / "mine.csv"
    table.write_text("id,low,central,high\nA1,30,30,30\nA5,,12,\n")
    for path in (toml, table):
        mine = default_assumptions().with_values(path)
        assert (mine["A1"].low, mine["A1"].high) == (30, 30)
        assert (mine["A5"].low, mine["A5"].central, mine["A5"].high) == (3, 12, 30)
        frame = mine.frame()
        assert frame.loc[frame["changed"], "id"].tolist() == ["A1", "A5"]
        assert mine["A1"].status == "yours"
        assert mine.value("A9", "central") == 60


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("B7 = 1", "no assumption 'B7'"),
        ("[A5]\nlow = 40", "must rise"),
        ("[A6]\nlow = 10", "must fall"),
        ("[A6]\nlow = 140", "at most 100"),
        ("A5 = -1", "from 0 up"),
        ("A5 = 'ten'", "not a number"),
        ("A5 = true", "from 0 up"),
        ("[A5]\nmiddle = 4", "none of low, central, high"),
        ("A5 4", "not TOML"),
        ("[A13]\ncentral = 500", "no default for high burden"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        default_assumptions().with_values(path)


def test_every_fault_of_a_file_is_listed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("id,low\nB7,1\nA5,99\n")
    with pytest.raises(UsageError) as refused:
        default_assumptions().with_values(path)
    assert "B7" in str(refused.value) and "A5" in str(refused.value)


def test_a_csv_file_needs_its_header_and_each_id_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("A5,1,2,3\n")
    with pytest.raises(UsageError, match="header"):
        default_assumptions().with_values(path)
    path.write_text("id,central\nA5,10\nA5,11\n")
    with pytest.raises(UsageError, match="twice"):
        default_assumptions().with_values(path)
    with pytest.raises(UsageError, match="cannot be read"):
        default_assumptions().with_values(tmp_path / "absent.csv")
