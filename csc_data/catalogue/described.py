"""What the catalogue knows of one collection over the years described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from csc_data.declare.collection import Collection, Standard
from csc_data.declare.measures import Measure
from csc_data.declare.tables import Item, Table
from csc_data.metadata.code_sets import CodeSet, code_sets
from csc_data.metadata.differences import Difference, Differences, differences
from csc_data.metadata.versions import RuleVersion, fields_of, rule_versions
from csc_data.synthetic.examples import Example, read_examples
from csc_data.versions import Version


@dataclass(frozen=True, eq=False)
class DescribedCollection:
    """One collection with the standards described, oldest first, and the folder of its examples, if there is one."""

    collection: Collection
    standards: tuple[Standard, ...]
    examples: Path | None

    @property
    def id(self) -> str:
        """Id of the collection."""
        return self.collection.id

    @property
    def latest(self) -> Standard:
        """The last year described."""
        return self.standards[-1]

    @cached_property
    def tables(self) -> dict[str, type[Table]]:
        """Every table of the years."""
        return {name: model for standard in self.standards for name, model in standard.models.items()}

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item of the years by full name, in the order of the latest year."""
        by_table = [
            (table, item) for table in self.tables for standard in self.standards
            for item in standard.items.get(table, {}).values()
        ]  # fmt: skip
        declared = {name: list(model.declared_items()) for name, model in self.tables.items()}
        ordered = sorted(
            by_table, key=lambda pair: (list(self.tables).index(pair[0]), declared[pair[0]].index(pair[1].name))
        )
        return {item.field: item for _, item in ordered}

    @cached_property
    def rules(self) -> dict[str, list[RuleVersion]]:
        """Every rule of the years by code, with its versions."""
        return rule_versions(self.standards)

    @cached_property
    def code_sets(self) -> dict[str, CodeSet]:
        """Every code set of the items by name."""
        return code_sets(self.items.values())

    def code_set_of(self, item: Item) -> CodeSet | None:
        """The code set that an item uses."""
        return next((code_set for code_set in self.code_sets.values() if item.field in code_set.fields), None)

    @cached_property
    def steps(self) -> tuple[Differences, ...]:
        """What changed from each year described to the next."""
        return tuple(differences(old, new) for old, new in pairwise(self.standards))

    def changes_of(self, kind: str, names: Sequence[str]) -> list[tuple[Differences, Difference]]:
        """What changed of an item, a rule or codes, with the step in which it did."""
        return [
            (step, change)
            for step in self.steps
            for change in step.changes
            if change.kind == kind and change.name in names
        ]

    @cached_property
    def rules_by_item(self) -> dict[str, list[str]]:
        """The codes of the rules that touch each item in any year described, in the order of codes."""
        codes: dict[str, list[str]] = {}
        for code, known in self.rules.items():
            for field in dict.fromkeys(field for version in known for field in fields_of(version.rule)):
                codes.setdefault(field, []).append(code)
        return codes

    def years_of_rule(self, code: str) -> list[Version]:
        """The years described in which a rule is in force."""
        return [year for version in self.rules[code] for year in version.years]

    def years_of_item(self, item: Item) -> list[Version]:
        """The years described in which an item is collected."""
        return [standard.version for standard in self.standards if item.name in standard.items.get(item.table, {})]

    def examples_of(self, code: str) -> list[Example]:
        """The examples of a rule."""
        path = self.examples / f"{code}.txt" if self.examples else None
        return read_examples(path) if path and path.is_file() else []

    @cached_property
    def measures(self) -> dict[str, tuple[Measure, list[Version]]]:
        """How each indicator is worked out in the latest year described that has it, with all its years."""
        held: dict[str, tuple[Measure, list[Version]]] = {}
        for standard in self.standards:
            for name, measure in standard.measures.items():
                held[name] = (measure, [*held.get(name, (measure, []))[1], standard.version])
        return held

    def hand_cases_of(self, indicator: str) -> list[Example]:
        """The hand cases of an indicator."""
        return [example for example in self._hand_cases if indicator in example.figures]

    @cached_property
    def _hand_cases(self) -> list[Example]:
        folder = self.examples.parent / "measures" if self.examples else None
        paths = sorted(folder.glob("*.txt")) if folder and folder.is_dir() else []
        return [example for path in paths for example in read_examples(path)]


def describe(standards: Sequence[Standard], examples: Path | None) -> list[DescribedCollection]:
    """Sort standards by collection and year. ``examples`` holds a folder ``<collection>/rules`` for each."""
    by_collection: dict[str, list[Standard]] = {}
    for standard in standards:
        by_collection.setdefault(standard.collection.id, []).append(standard)
    return [
        DescribedCollection(
            of_collection[0].collection,
            tuple(sorted(of_collection, key=lambda standard: standard.version)),
            examples / name / "rules" if examples else None,
        )
        for name, of_collection in by_collection.items()
    ]
