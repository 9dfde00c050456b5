"""Faults planted in an invented message, one at a time: each is to be found at its pointer, and nothing else with it.

Some are written out here. The others follow from the form: every property, list and object of it is null, of another kind,
too long, empty, of another form or left out, and every object has a property too many. ``python -m
tests.robustness.feed_faults [FAULTS]`` plants so many (1,000 unless said); the suite plants a sample.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.given_numbers import given_numbers

import csc_data as csc
from csc_data.declare.form_rules import GUIDANCE, OURS, REFUSED
from csc_data.declare.json_form import JsonForm, JsonTable, JsonValue
from csc_data.reading.json_objects import payload_of

STANDARD = csc.standard("csc_api/1.0.1")
DAYS = (dt.date(2023, 4, 1), dt.date(2026, 3, 31))

LEFT_OUT = object()

# The property or object (a regular expression of its pointer), the value that is put there, and the rule that says so.
Fault = tuple[str, Any, str, str]
FAULTS: list[Fault] = [
    (r"/child_details/date_of_birth", "2015-02-30", "J-DATE", REFUSED),
    (r"/child_details/postcode", None, "J-NULL", REFUSED),
    (r"/child_details/sex", None, "J-NULL", REFUSED),
    (r"/child_details/sex", "Q", "S-CODE", GUIDANCE),
    (r"/child_details/ethnicity", "ZZZZ", "S-CODE", GUIDANCE),
    (r"/child_details/postcode", "AB12 3CDEF", "J-LENGTH", REFUSED),
    (r"/child_details/postcode", "NOWHERE", "F152", OURS),
    (r"/child_details/surname", 5, "J-KIND", REFUSED),
    (r"/child_details/surname", "null", "F157", OURS),
    (r"/child_details/disabilities/\d+", "", "F230", GUIDANCE),
    (r"/social_care_episodes/\d+/referral_date", "2025-01-01T00:00:00", "J-DATE", REFUSED),
    (r"/social_care_episodes/\d+/referral_source", "99", "S-CODE", GUIDANCE),
    (r"/social_care_episodes/\d+/referral_no_further_action_flag", "false", "J-KIND", REFUSED),
    (r"/child_looked_after_placements/\d+/placement_type", "U6XX", "J-LENGTH", REFUSED),
    (r"/child_looked_after_placements/\d+/start_date", 20250101, "J-KIND", REFUSED),
    (r"/child_protection_plans/\d+/start_date", "01/02/2025", "J-DATE", REFUSED),
    (r"/child_and_family_assessments/\d+/factors/\d+", "99Z", "S-CODE", GUIDANCE),
    (r"/care_worker_details/\d+/worker_id", "SW12345678901", "J-LENGTH", REFUSED),
    (r"/health_and_wellbeing/sdq_assessments/\d+/score", 41, "F219", GUIDANCE),
    (r"/health_and_wellbeing/sdq_assessments/\d+/score", 20.0, "S-POINT", GUIDANCE),
    (r"/health_and_wellbeing/sdq_assessments/\d+/score", "20", "J-KIND", REFUSED),
]


def faults_of_form() -> Iterator[Fault]:
    """A fault of every kind in every property, list and object of the form, written as those above."""
    form = STANDARD.collection.form(JsonForm)
    assert form is not None
    for layout in form.tables:
        if layout.table not in STANDARD.items:
            continue
        pattern = _pattern(layout, form)
        if layout.parent:
            holds = pattern.removesuffix(ENTRY)
            yield from ((where, None, "J-NULL", REFUSED) for where in dict.fromkeys((holds, pattern)))
            yield from ((where, True, "J-KIND", REFUSED) for where in dict.fromkeys((holds, pattern)))
        if not layout.plain:
            yield rf"{pattern}/colour", "red", "J-EXTRA", REFUSED
            for item, value in layout.values.items():
                yield from _faults_of_value(rf"{pattern}/{layout.property_of(item)}", value)
        if layout.identifier:
            yield rf"{pattern}/{layout.property_of(layout.identifier)}", LEFT_OUT, "J-ID", REFUSED


ENTRY = r"/\d+"


def _pattern(layout: JsonTable, form: JsonForm) -> str:
    """The pointers of the objects, or plain values, of a table."""
    above = form.of(layout.parent)
    start = f"^{ENTRY}" if above is None else f"{_pattern(above, form)}/{layout.property}"
    return start + (ENTRY if above and layout.many else "")


def _faults_of_value(where: str, value: JsonValue) -> Iterator[Fault]:
    version = STANDARD.version
    yield where, None, "J-NULL", REFUSED
    yield where, [], "J-KIND", REFUSED
    if value.type == "boolean":
        yield where, "false", "J-KIND", REFUSED
    elif value.type == "integer":
        yield where, "20", "J-KIND", REFUSED
    elif value.type == "date":
        yield from ((where, day, "J-DATE", REFUSED) for day in ("", "2025-02-30", "01/02/2025", "2025-01-01T00:00:00"))
    else:
        if (longest := value.longest(version)) is not None:
            yield where, "A" * (longest + 1), "J-LENGTH", REFUSED
        if (form := value.form(version)) is not None:
            yield where, "a.b", "J-PATTERN", REFUSED
        refused = "J-LENGTH" if value.min_length else "J-PATTERN" if form and not re.fullmatch(form, "") else ""
        yield (where, "", refused, REFUSED) if refused else (where, "", "S-EMPTY", GUIDANCE)


@cache
def all_faults() -> list[Fault]:
    """The faults of which there is an object to plant them in."""
    pointers_of_all = _all_pointers()
    return [*FAULTS, *(fault for fault in faults_of_form() if _places(fault, pointers_of_all))]


def _places(fault: Fault, pointers_of_all: list[str]) -> list[str]:
    """Where a fault can be planted: where there is such a thing, or an object that could hold it."""
    where = fault[0]
    if found := [pointer for pointer in pointers_of_all if re.search(f"{where}$", pointer)]:
        return found
    holder, _, name = where.rpartition("/")
    return [
        f"{pointer}/{name}" for pointer in pointers_of_all if name.isidentifier() and re.search(f"{holder}$", pointer)
    ]


@cache
def drawn(children: int = 40) -> list[dict[str, Any]]:
    """Invented children in whom nothing is wrong."""
    made = STANDARD.collection.draw(STANDARD, children, 4)  # type: ignore[misc]
    return list(payload_of(made.tables, STANDARD.collection.forms[0]))  # type: ignore[arg-type]


def issues_of(payload: list[Any], folder: Path) -> Any:
    """The issues of a payload, one record a line."""
    path = folder / "payload.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in payload))
    return csc.validate(path, STANDARD, period=DAYS).issues


def pointers(node: Any, pointer: str = "") -> Iterator[str]:
    """The pointer of everything in a payload."""
    yield pointer
    for key, value in node.items() if type(node) is dict else enumerate(node) if type(node) is list else ():
        yield from pointers(value, f"{pointer}/{key}")


@cache
def _all_pointers() -> list[str]:
    return list(pointers(drawn()))


def at(payload: Any, pointer: str) -> Any:
    """What stands at a pointer."""
    for part in pointer.split("/")[1:]:
        payload = payload[int(part) if type(payload) is list else part]
    return payload


def misses(seed: int, folder: Path) -> str:
    """What was found in the place of a planted fault; "" if the fault and nothing else was."""
    fault = all_faults()[seed % len(all_faults())]
    _, value, rule, label = fault
    chosen = Random(seed).choice(_places(fault, _all_pointers()))
    payload = json.loads(json.dumps(drawn()))
    holder, _, last = chosen.rpartition("/")
    parent = at(payload, holder)
    if value is LEFT_OUT:
        del parent[last]
    else:
        parent[int(last) if type(parent) is list else last] = value
    issues = issues_of(payload, folder)
    reported = issues[["rule", "label", "pointer", "line"]].astype("str").to_numpy().tolist()
    line = str(int(chosen.split("/")[1]) + 1)
    wanted = [rule, label, holder if value is LEFT_OUT else chosen, line]  # what is absent stands nowhere
    return "" if reported == [wanted] else f"{chosen} {value!r}: {reported}"


def main(faults: int) -> int:
    """Plant so many faults; gives 1 if one of them was not found as it should be."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(faults):
            if problem := misses(seed, Path(folder)):
                missed += 1
                sys.stdout.write(f"fault {seed}: {problem}\n")
    sys.stdout.write(
        f"{faults - missed:,} of {faults:,} planted faults were found at their pointer, and nothing else\n"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, faults=1_000)))
