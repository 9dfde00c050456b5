"""A fault put in for every rule, in turn: ``python -m tests.standards.faults``.

Lists the rules that do not fire on the children chosen for them; the suite tries half of the rules.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import csc_data
from csc_data.reference.providers import Providers
from csc_data.synthetic.edits import known_edits
from csc_data.synthetic.synthesise import synthesise

STANDARDS = ("ssda903/2025-26", "cin/2025-26")
PARTS = 4
MOVES_THE_PERIOD = "100"
"""A wrong reference date in the header changes what every other rule of the census calls the year."""


def unbroken(name: str, part: int) -> list[str]:
    """What is wrong where a quarter of the rules of a standard have each a fault put in for one child.

    The rules that do not fire on their child; all for which no fault could be put in, where they are more than an eighth.
    """
    standard = csc_data.standard(name)
    known = known_edits(standard.collection)
    codes = [code for code in standard.rules if code in known and code != MOVES_THE_PERIOD][part::PARTS]
    made = synthesise(standard, children=700, seed=part, faults=dict.fromkeys(codes, 1))
    report = csc_data.validate(
        made.tables, standard, previous=made.previous or None, authority=made.authority,
        providers=Providers.from_frame(made.providers),
    )  # fmt: skip
    flagged = {*zip(report.issues["rule"].astype(str), report.issues["child"].astype(str), strict=True)}
    wrong = [
        f"{name}: {fault.rule} does not fire on {fault.child}"
        for fault in made.faults.itertuples()
        if not {(fault.rule, fault.child), (fault.rule, f"NOBODY{fault.rule}".upper())} & flagged
    ]
    if len(made.impossible) > 0.12 * len(codes):
        wrong += [f"{name}: no fault could be put in for {code}" for code in made.impossible]
    return wrong


def main() -> int:
    """Try every rule. 0 if each fires."""
    wrong = [line for name in STANDARDS for part in range(PARTS) for line in unbroken(name, part)]
    sys.stdout.write("".join(f"{line}\n" for line in [*wrong, f"{len(wrong)} wrong"]))
    return int(bool(wrong))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
