"""For authors of rules: run the examples of rules, small text tables that say which rows must be flagged.

For authors of senders: ``StandIn``, a receiver in memory that answers over HTTP as the official one is declared to.

>>> from csc_data.testing import check_examples
>>> assert not [one for one in check_examples("examples", "ssda903") if not one.passed]  # doctest: +SKIP

``csc_data.synthetic.examples`` says how an example is written. ``csc-data rules examples`` runs them at the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import pandas as pd

from csc_data.declare.collection import Collection, Standard
from csc_data.errors import InputError, UsageError, sealed
from csc_data.feed.receiver import Receiver
from csc_data.feed.stand_in import StandIn
from csc_data.metadata.installed import all_rules, collections, rule_packs
from csc_data.reading import Supplied, read_supplied
from csc_data.reference.local_authorities import find_authority
from csc_data.reference.postcodes import Postcodes
from csc_data.reference.providers import Providers
from csc_data.results.rule_results import RAN, RuleResult
from csc_data.returns.given import previous_standard, table_shapes
from csc_data.returns.read import Return
from csc_data.synthetic.examples import Example, read_examples
from csc_data.validation.run import engine_for

__all__ = [
    "Example",
    "ExampleCheck",
    "Receiver",
    "StandIn",
    "check_examples",
    "expected_rows",
    "flagged_rows",
    "read_examples",
    "run_example",
]

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class ExampleCheck:
    """One example, run in one version of the standard.

    Attributes:
        example: the example.
        standard: name of the standard, "ssda903/2025-26".
        status: status of the rule: "passed", "failed", "skipped", "not_applicable" or "crashed".
        reason: why it did not run, if it did not.
        flagged: the rows that the rule reported, numbered from 0, by table.
        expected: the rows that the example marks, by table.
    """

    example: Example
    standard: str
    status: str
    reason: str
    flagged: Mapping[str, set[int]]
    expected: Mapping[str, set[int]]

    @property
    def passed(self) -> bool:
        """Whether the rule judged something, and reported what the example marks and nothing else."""
        return self.status in RAN and self.flagged == self.expected

    def __str__(self) -> str:
        where = f"rule {self.example.code}, {self.standard}, case: {self.example.case}"
        if self.passed:
            return f"{where}: as it says"
        if self.status not in RAN:
            return f"{where}: {self.status.replace('_', ' ')}, {self.reason}"
        return f"{where}: should flag {_listed(self.expected)}, and flags {_listed(self.flagged)}"


def _listed(rows: Mapping[str, set[int]]) -> str:
    """Rows of tables in words, counted from 1 as a reader of the example would."""
    tables = [f"{name} row {', '.join(str(row + 1) for row in sorted(numbers))}" for name, numbers in rows.items()]
    return "; ".join(tables) or "nothing"


@sealed
def check_examples(
    folder: str | PathLike[str],
    collection: str | Collection,
    *,
    postcodes: Postcodes | None = None,
    providers: Providers | None = None,
) -> list[ExampleCheck]:
    """Run every example of a folder (``<code>.txt``, one file a rule) in every version in which rule and example hold.

    Args:
        folder: the folder of the examples.
        collection: the collection, or its name. Local rules of installed packs are among its rules.
        postcodes: the postcode directory; the installed one when left out.
        providers: the list of providers for examples that say ``providers: yes``.

    Raises:
        InputError: there is no such folder, or no example in it.
        UsageError: there is no such collection, or a file is named after no rule of it.
        StandardError: an example does not follow the form; the message names file and line.
    """
    paths = sorted(Path(folder).glob("*.txt"))
    if not paths:
        raise InputError(f"{folder} holds no examples. Write one file a rule, named after its code: CODE.txt.")
    standards = _standards(collection)
    known = {code for standard in standards for code in all_rules(standard)}
    if unknown := [path.name for path in paths if path.stem not in known]:
        raise UsageError(f"{', '.join(unknown)}: {standards[0].collection.id} has no such rule in any version.")
    return [
        _checked(example, standard, postcodes, providers)
        for path in paths
        for example in read_examples(path)
        for standard in standards
        if path.stem in all_rules(standard) and standard.version in example.window
    ]


def _standards(collection: str | Collection) -> list[Standard]:
    if isinstance(collection, str):
        known = collections()
        if collection not in known:
            raise UsageError(f"There is no collection {collection!r}. Give one of: {', '.join(known)}.")
        collection = known[collection]
    return [collection.standard(version) for version in collection.versions]


def _checked(
    example: Example, standard: Standard, postcodes: Postcodes | None, providers: Providers | None
) -> ExampleCheck:
    result = run_example(example, standard, postcodes=postcodes, providers=providers)
    return ExampleCheck(
        example, standard.id, result.status, result.reason, flagged_rows(result), expected_rows(example)
    )


def run_example(
    example: Example,
    standard: Standard,
    *,
    this_year: Frames | None = None,
    last_year: Frames | None = None,
    postcodes: Postcodes | None = None,
    providers: Providers | None = None,
) -> RuleResult:
    """Run the rule of an example over its tables, and give what came of it.

    Args:
        example: the example.
        standard: the version of the standard to run it in.
        this_year: tables to use in place of those of the example, by name, as text.
        last_year: the same for last year's return.
        postcodes: the postcode directory; the installed one when left out.
        providers: the list of providers, used if the example says ``providers: yes``.

    Raises:
        UsageError: the rule is not in force in that version.
    """
    rule = all_rules(standard).get(example.code)
    if rule is None:
        raise UsageError(f"{standard.id} has no rule {example.code}.")
    ret = _return(example, standard, this_year, last_year)
    views = {name: view for pack in rule_packs(standard) if rule in pack.rules for name, view in pack.views.items()}
    return engine_for(ret, providers if example.providers else None, postcodes, views=views).run(rule)


def _return(example: Example, standard: Standard, this_year: Frames | None, last_year: Frames | None) -> Return:
    frames = example.frames(standard) if this_year is None else this_year
    before = example.frames(standard, previous=True) if last_year is None else last_year
    supplied = replace(supplied_of(frames or {}, standard), format=example.input_format)
    previous = None
    if before is not None:
        last = supplied_of(before, previous_standard(standard), standard)
        previous = replace(last, format=example.input_format)
    authority = find_authority(example.authority) if example.authority else None
    return Return(standard, supplied, previous, authority, standard.period)


def supplied_of(frames: Frames, standard: Standard, newer: Standard | None = None) -> Supplied:
    """The tables of an example, by name, as they are read for a standard, and for a newer one where it has others."""
    known = {**(table_shapes(newer) if newer else {}), **table_shapes(standard)}
    shapes = {name: shape for name, shape in known.items() if name in frames}
    return read_supplied(dict(frames), shapes)


def flagged_rows(result: RuleResult) -> dict[str, set[int]]:
    """The rows that a rule reported, numbered from 0, by table."""
    return {flagged.table: {int(row) for row in flagged.rows} for flagged in result.flagged}


def expected_rows(example: Example) -> dict[str, set[int]]:
    """The rows that an example marks, numbered from 0, by table."""
    return {name: set(table.flagged) for name, table in example.tables.items() if table.flagged}


def rules_without_examples(folder: str | PathLike[str], collection: str | Collection) -> Iterator[str]:
    """Codes of the local rules of a collection that have no file of examples in a folder."""
    written = {path.stem for path in Path(folder).glob("*.txt")}
    codes = {rule.code for standard in _standards(collection) for pack in rule_packs(standard) for rule in pack.rules}
    yield from sorted(codes - written)
