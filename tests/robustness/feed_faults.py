"""Faults planted in an invented message, one at a time: each is to be found at its pointer, and nothing else with it.

``python -m tests.robustness.feed_faults [FAULTS]`` plants so many (1,000 unless said); the suite plants one of each kind.
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
from csc_data.reading.json_objects import payload_of

STANDARD = csc.standard("csc_api/1.0.1")
DAYS = (dt.date(2023, 4, 1), dt.date(2026, 3, 31))

# The property or object (a regular expression of its pointer), the value that is put there, and the rule that says so.
FAULTS: list[tuple[str, Any, str, str]] = [
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
    where, value, rule, label = FAULTS[seed % len(FAULTS)]
    chosen = Random(seed).choice([pointer for pointer in _all_pointers() if re.search(f"{where}$", pointer)])
    payload = json.loads(json.dumps(drawn()))
    holder, _, last = chosen.rpartition("/")
    parent = at(payload, holder)
    parent[int(last) if type(parent) is list else last] = value
    issues = issues_of(payload, folder)
    reported = issues[["rule", "label", "pointer", "line"]].astype("str").to_numpy().tolist()
    line = str(int(chosen.split("/")[1]) + 1)
    return "" if reported == [[rule, label, chosen, line]] else f"{chosen} {value!r}: {reported}"


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
