"""Finds single-row edits that break rules: ``python -m csc_data.synthetic.find_edits COLLECTION EXAMPLES [CODE ...]``.

Candidates are the cells of the flagged rows of a rule's examples (one cell alone first, then all of them), a row repeated,
removed or added, and a row that belongs to nobody. Each is tried on an invented clean return; the first that makes the rule
fire in a year is kept beside the standard, as data.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.slots import Slot, TableRef
from csc_data.metadata.installed import collections
from csc_data.synthetic.edits import FILE, NOBODY, Edit, as_json, known_edits
from csc_data.synthetic.examples import Example, read_examples
from csc_data.synthetic.synthesise import SAMPLE, Faults

CHILDREN, SEED = 4 * SAMPLE, 1


def candidates(standard: Standard, code: str, examples: list[Example]) -> Iterator[Edit]:
    """Edits worth trying for a rule, the simplest first, each once."""
    child = standard.collection.subject.item
    tried: list[Edit] = []
    for edit in _candidates(standard, code, examples, child):
        if edit not in tried:
            tried.append(edit)
            yield edit


def _candidates(standard: Standard, code: str, examples: list[Example], child: str) -> Iterator[Edit]:
    rule = standard.rules[code]
    in_force = [example for example in examples if standard.version in example.window]
    marked = [
        (name, dict(zip(table.columns, row, strict=True)), number in table.flagged)
        for example in in_force
        for name, table in example.tables.items()
        for number, row in enumerate(table.rows)
    ]
    known = set(standard.items)
    marked = [
        (name, _supplied(row, name, standard), hit) for name, row, hit in marked if TableRef.of(name).name in known
    ]
    for hit_first in (True, False):
        rows = [(name, row) for name, row, hit in marked if hit == hit_first]
        for name, row in rows:
            for item, text in row.items():
                if item != child:
                    yield Edit("change", name, {item: text})
    for name, row, hit in marked:
        if hit:
            yield Edit("change", name, {item: text for item, text in row.items() if item != child})
    for name in dict.fromkeys(
        [*rule.tables, *standard.models, *(str(TableRef(Slot.PREVIOUS, name)) for name in rule.tables)]
    ):
        yield Edit("repeat", name)
        yield Edit("change", name, {child: NOBODY})
        yield Edit("remove", name)
    for name, row, hit in marked:
        if hit:
            yield Edit("repeat", name, {item: text for item, text in row.items() if item != child})
    for name, row, _ in marked:
        if (cells := {item: text for item, text in row.items() if item != child}) and name != next(
            iter(standard.models)
        ):
            yield Edit("add", name, cells)


def _supplied(row: dict[str, str], name: str, standard: Standard) -> dict[str, str]:
    """The cells of items that are supplied, not worked out."""
    items = standard.items[TableRef.of(name).name]
    return {item: text for item, text in row.items() if item in items and not items[item].derived}


def find(collection: Collection, examples: dict[str, list[Example]], codes: list[str]) -> dict[str, list[Edit]]:
    """For each rule the edits that work, as few as serve all its years."""
    kept = known_edits(collection)
    for year in reversed(collection.versions):
        standard = collection.standard(year)
        faults = Faults(standard, collection.draw(standard, CHILDREN, SEED), SEED)
        for code in standard.rules:
            if codes and code not in codes:
                continue
            of_rule = kept.setdefault(code, [])
            if any(_works(faults, edit, code) for edit in of_rule):
                continue
            for edit in candidates(standard, code, examples.get(code, [])):
                if _works(faults, edit, code):
                    of_rule.append(edit)
                    break
            else:
                sys.stdout.write(f"{year} {code}: none found\n")
    return {code: of_rule for code, of_rule in kept.items() if of_rule}


def _works(faults: Faults, edit: Edit, code: str) -> bool:
    """Whether the edit breaks the rule for a few of the children at least."""
    if edit.table not in faults.tables:
        return False
    children = faults.children()
    for sample in (children[:SAMPLE], children[SAMPLE:]):
        likely = faults.broken_by(edit, code, sample)
        if likely and faults.broken_by(edit, code, sample, likely[:1]):
            return True
    return False


def main(arguments: list[str]) -> int:
    """Find the edits of a collection and write its file."""
    collection = collections()[arguments[0]]
    examples = {path.stem: read_examples(path) for path in sorted(Path(arguments[1]).glob("*.txt"))}
    edits = find(collection, examples, arguments[2:])
    package = sys.modules[collection.package]
    Path(next(iter(package.__path__)), FILE).write_text(as_json(edits), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
