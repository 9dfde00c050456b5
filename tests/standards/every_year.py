"""The examples of every rule and measure, in every year: ``python -m tests.standards.every_year``.

Lists what is not as the examples say; the suite runs each example in the first and the last year that it is of.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support import measure_examples, rule_examples

from csc_data.metadata.installed import collections


def main() -> int:
    """Run them all. 0 if every one holds."""
    wrong: list[object] = []
    for collection in collections():
        for code in rule_examples.examples_of(collection):
            wrong += rule_examples.wrong_in_rule(collection, code, every_year=True)
        for file in measure_examples.examples_of(collection):
            wrong += measure_examples.wrong_in_file(collection, file, every_year=True)
    sys.stdout.write("".join(f"{line}\n" for line in [*wrong, f"{len(wrong)} examples do not hold"]))
    return int(bool(wrong))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
