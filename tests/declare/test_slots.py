"""Tables are addressed by slot and name, and as text in one way only."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import csc_data
from csc_data.declare import Slot, TableRef
from csc_data.declare.slots import in_slot, rows_in_slot

NAMES = ["Episodes", "PlacedAdoption"]


@pytest.mark.parametrize("slot", Slot)
@pytest.mark.parametrize("name", NAMES)
def test_a_reference_is_read_back_from_its_text(slot: Slot, name: str) -> None:
    assert TableRef.of(str(TableRef(slot, name))) == TableRef(slot, name)


def test_parameters_of_rules_name_tables_whatever_their_underscores() -> None:
    assert TableRef.of_parameter("placed_adoption", NAMES) == TableRef(Slot.THIS, "PlacedAdoption")
    assert TableRef.of_parameter("previous_placed_adoption", NAMES) == TableRef(Slot.PREVIOUS, "PlacedAdoption")
    assert TableRef.of_parameter("previous_weather", NAMES) is None


def test_tables_and_rows_of_one_slot() -> None:
    assert in_slot({"Episodes": 1, "Episodes_last": 2}, Slot.PREVIOUS) == {"Episodes": 2}
    column = pd.Series(["Episodes", "Episodes_last"], dtype="category")
    assert rows_in_slot(column, Slot.THIS).tolist() == [True, False]
    assert rows_in_slot(column[:0], Slot.THIS).tolist() == []


def test_no_other_module_puts_endings_on_names_or_takes_them_off() -> None:
    engine = Path(csc_data.__file__).parent
    others = {path.name for path in engine.rglob("*.py") if '"_last"' in path.read_text(encoding="utf-8")}
    assert others == {"slots.py"}
