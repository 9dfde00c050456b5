"""Collections and their yearly standards."""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

import pandas as pd
import pandera.pandas as pandera

from csc_data.declare.burden import BurdenFacts
from csc_data.declare.calendar import Calendar
from csc_data.declare.cell_rules import cell_rules, key_rules
from csc_data.declare.form_rules import form_rules, labelled
from csc_data.declare.forms import Form
from csc_data.declare.json_form import JsonForm
from csc_data.declare.measures import Breakdown, Measure, MeasureFamily
from csc_data.declare.quality import QualityFacts
from csc_data.declare.rules import CONTEXT, Parameter, Period, Rule, RuleFamily, View
from csc_data.declare.slots import EarlierReturn, Slot, TableRef
from csc_data.declare.subject import Subject
from csc_data.declare.tables import Item, Schemas, Table
from csc_data.declare.timeliness import Deadline, TimelinessFacts
from csc_data.declare.verification import Verification
from csc_data.errors import StandardError, UsageError
from csc_data.versions import Version

AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(frozen=True)
class Drawn:
    """An invented return: this year's and last year's tables as text, the authority's code, its list of providers if any.

    ``last_day`` is the day its period rests on, where that does not follow from the version.
    """

    tables: dict[str, pd.DataFrame]
    previous: dict[str, pd.DataFrame]
    authority: str
    providers: pd.DataFrame | None = None
    last_day: dt.date | None = None


@dataclass(frozen=True, eq=False)
class Collection:
    """A data collection: what is collected from whom, and its tables and rules over the years.

    Args:
        id: short name, "ssda903".
        title: full name.
        owner: who collects it.
        legal_basis: why authorities must send it.
        population: whom it covers.
        frequency: how often it is collected.
        formats: file forms it is submitted in.
        source: the documents the standard is taken from.
        subject: whom a return is about, in the singular and plural, and the item that identifies one in every table.
        tables: the Pandera models, that with one row a subject first.
        calendar: the versions known, and the period a return of each is about.
        package: the package of the standard; its modules ``views`` and ``rules.*`` are loaded when needed.
        period_item: "Table.ITEM" that states the last day of the period, if the return carries one.
        record_number: item that numbers the subjects of a return in its file, where the form has one; it outranks the
            identifier when rows are linked.
        forms: the forms it may be given in beside tables in CSV and workbooks, such as its XML form; any number.
        year_item: "Table.ITEM" that states the year in which the period ends, if the return carries one.
        authority_item: "Table.ITEM" that states whose return it is, as any of the authority's codes, if it carries one.
        dated_by: "Table.ITEM" of dates most of which lie in the reporting period; they tell the year otherwise.
        departures: what holds for all rules where they differ from the validator in common use, as lines of text.
        burden: what is known of the work the collection causes.
        journeys: module of the package that invents returns, with a function ``draw_returns``.
        quality: what the quality of returns is measured by.
        timeliness: when returns are submitted, and what can be timed in them.
        provider_item: "Table.ITEM" that names providers by their number in the published lists, if the return does.
        worker_item: "Table.ITEM" that names who is responsible for whom a return is about, such as a social worker or a
            team, so that the work on issues can be shared out.
        verification: by version, what its parts were checked against; a version that is left out, against nothing.
        guidance: address of the official guidance for whoever makes the return; "" where there is none that we are sure of.
    """

    id: str
    title: str
    owner: str
    legal_basis: str
    population: str
    frequency: str
    formats: tuple[str, ...]
    source: str
    subject: Subject
    tables: tuple[type[Table], ...]
    calendar: Calendar
    package: str
    period_item: str = ""
    record_number: str = ""
    forms: tuple[Form, ...] = ()
    journeys: str = ""
    year_item: str = ""
    authority_item: str = ""
    dated_by: tuple[str, ...] = ()
    departures: tuple[str, ...] = ()
    quality: QualityFacts = field(default_factory=QualityFacts)
    burden: BurdenFacts = field(default_factory=BurdenFacts)
    timeliness: TimelinessFacts = field(default_factory=TimelinessFacts)
    provider_item: str = ""
    worker_item: str = ""
    verification: Mapping[str, Verification] = field(default_factory=dict)
    guidance: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it by where it is declared, as Python does with classes and functions."""
        for name, module in list(sys.modules.items()):
            if name == self.package or name.startswith(f"{self.package}."):
                for attribute, value in vars(module).items():
                    if value is self:
                        return _declared, (name, attribute)
        raise StandardError(
            f"The collection {self.id!r} cannot be handed to another process, as no module of {self.package} names it. "
            "Assign it to a name in a module of its package."
        )

    @property
    def versions(self) -> tuple[Version, ...]:
        """Every version there is a standard for, the oldest first."""
        return self.calendar.versions

    def draw(self, standard: Standard, children: int, seed: int) -> Drawn:
        """Invent a clean return of one of the versions, about so many subjects.

        Raises:
            UsageError: the collection has no invented returns.
        """
        if not self.journeys:
            raise UsageError(f"{self.title} has no invented returns.")
        module = importlib.import_module(f"{self.package}.{self.journeys}")
        drawn: Drawn = module.draw_returns(standard, children, seed)
        return drawn

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        """Every rule function of the standard, whatever its years."""
        return tuple(declared for module in self._modules("rules") for declared in rules_in(module))

    @cached_property
    def views(self) -> Mapping[str, View]:
        """The views that rules and measures may name, by name."""
        modules = [*self._modules("views"), *self._modules("rules"), *self._modules("measures")]
        return MappingProxyType({view.name: view for module in modules for view in views_in(module)})

    @cached_property
    def declared_measures(self) -> tuple[Measure, ...]:
        """Every measure of the standard, whatever its years."""
        return tuple(declared for module in self._modules("measures") for declared in _measures_of(module))

    @cached_property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        """The characteristics by which every measure is broken down."""
        modules = self._modules("measures")
        return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Breakdown))

    def standard(self, version: str) -> Standard:
        """The standard of one year.

        Raises:
            UsageError: the year is not known; the message lists those that are.
        """
        known = {str(known_version): known_version for known_version in self.versions}
        if version not in known:
            raise UsageError(f"{self.id} has no standard for {version}. Known years: {', '.join(known)}.")
        if version not in self._standards:
            self._standards[version] = Standard(self, known[version])
        return self._standards[version]

    @cached_property
    def _standards(self) -> dict[str, Standard]:
        return {}

    def form(self, kind: type[AnyForm]) -> AnyForm | None:
        """The form of a kind (``XmlForm``); the first where there are several, None where there is none."""
        return next((form for form in self.forms if isinstance(form, kind)), None)

    def numbered(self) -> dict[str, str]:
        """For each item that is a running number in some form, the table whose records it numbers."""
        return {item: table for form in self.forms for item, table in form.numbered().items()}

    def table_named(self, parameter: str) -> TableRef | None:
        """The table that a parameter of a rule names, in whichever version there is one; None if it names none."""
        return TableRef.of_parameter(parameter, (table.__name__ for table in self.tables))

    def _modules(self, name: str) -> Iterable[ModuleType]:
        full = f"{self.package}.{name}"
        if importlib.util.find_spec(full) is None:
            return []
        module = importlib.import_module(full)
        below = [f"{full}.{submodule.name}" for submodule in pkgutil.iter_modules(getattr(module, "__path__", []))]
        return [module, *map(importlib.import_module, sorted(below))]

    def check(self) -> None:
        """Check that the standard does not contradict itself, in every year.

        Raises:
            StandardError: two windows of one code overlap, a field or parameter does not exist through a rule's window,
                or a code is declared both on an item and as a function; every contradiction is listed.
        """
        problems = [
            *contradictions_of_rules(self.declared_rules),
            *self._unknown_in_facts(),
            *self._misnamed_tables(),
            *self._unknown_in_tables(),
        ]
        for version in self.versions:
            problems += self.standard(version).contradictions()
            problems += self._unknown_in_statements(self.standard(version))
        if problems:
            raise StandardError(f"{self.id} contradicts itself:\n  " + "\n  ".join(dict.fromkeys(problems)))

    def _unknown_in_statements(self, standard: Standard) -> Iterable[str]:
        """What is said of the return as a whole and names nothing."""
        for name in filter(None, (self.period_item, self.year_item, self.authority_item)):
            table, _, item = name.partition(".")
            if item not in standard.items.get(table, {}):
                yield f"field {name}, which says what the return is, does not exist in {standard.version}"
        for name, model in standard.models.items():
            instead = model.declaration().unless_all_in
            if instead and instead not in standard.models:
                yield f"table {instead}, which takes the place of {name}, does not exist in {standard.version}"

    def _unknown_in_tables(self) -> Iterable[str]:
        """What the class keywords of a table name and the table does not have, in any of its years."""
        for table in self.tables:
            said, items = table.declaration(), table.declared_items()
            keywords = {
                "key": said.key,
                "numbered": filter(None, [said.numbered]),
                "known_by": said.known_by,
            }
            for keyword, names in keywords.items():
                yield from (
                    f"table {table.__name__}: {keyword} names {name}, which is no item of it"
                    for name in names
                    if name not in items
                )
            yield from (
                f"table {table.__name__}: known_by names {name}, which is of its key; name what else tells its rows apart"
                for name in said.known_by
                if name in said.key
            )

    def _misnamed_tables(self) -> Iterable[str]:
        """Tables whose names would be taken for tables of another return."""
        for name in (table.__name__ for table in self.tables):
            if not TableRef.of(name).of_this_return:
                yield f"table {name} ends in {TableRef.of(name).slot.ending}, as only tables of another return do"

    def _unknown_in_facts(self) -> Iterable[str]:
        items = {item.field for table in self.tables for item in table.declared_items().values()}
        tables = {table.__name__ for table in self.tables}
        codes = {code for version in self.versions for code in self.standard(version).rules}
        named = {"quality": self.quality.items(), "timeliness": self.timeliness.items()}
        for what, fields in named.items():
            yield from (f"{what}: field {field} does not exist" for field in fields if field not in items)
        yield from (f"quality: rule {code} does not exist" for code in self.quality.required_by if code not in codes)
        known = set(map(str, self.versions))
        yield from (f"verification: version {name} does not exist" for name in self.verification if name not in known)
        for coverage in self.quality.coverage:
            yield from (
                f"quality: table {name} does not exist" for name in {coverage.table, *coverage.expected_in} - tables
            )


def _declared(module: str, name: str) -> Any:
    """What a module declares under a name."""
    return getattr(importlib.import_module(module), name)


def rules_in(module: ModuleType) -> Iterable[Rule]:
    """The rules that a module declares itself."""
    for value in vars(module).values():
        if isinstance(value, Rule) and value.module == module.__name__:
            yield value
        elif isinstance(value, RuleFamily):
            yield from (member for member in value if member.module == module.__name__)


def _measures_of(module: ModuleType) -> Iterable[Measure]:
    for value in vars(module).values():
        members = value if isinstance(value, MeasureFamily) else [value] if isinstance(value, Measure) else []
        yield from (member for member in members if member.module == module.__name__)


def views_in(module: ModuleType) -> Iterable[View]:
    """The views that a module names."""
    return (value for value in vars(module).values() if isinstance(value, View))


def contradictions_of_rules(rules: Sequence[Rule]) -> Iterable[str]:
    """Which codes are declared twice for one version, in words."""
    by_code: dict[str, list[Rule]] = {}
    for rule in rules:
        for other in by_code.setdefault(rule.code, []):
            if rule.window.overlaps(other.window):
                yield f"rule {rule.code} is declared twice for the same year ({rule.window} and {other.window})"
        by_code[rule.code].append(rule)


def natural_order(code: str) -> tuple[Any, ...]:
    """Sort key that puts "99" before "100" and "197a" before "197B"."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.findall(r"\d+|\D+", code)
    )


class Standard:
    """One version of one collection, ``ssda903/2025-26``: the tables, code sets and rules in force that year."""

    def __init__(self, collection: Collection, version: Version) -> None:
        self.collection = collection
        self.version = version

    @property
    def id(self) -> str:
        """ "ssda903/2025-26"."""
        return f"{self.collection.id}/{self.version}"

    def __repr__(self) -> str:
        return f"<Standard {self.id}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it by its collection and version; tables and rules are made again from those."""
        return self.collection.standard, (str(self.version),)

    @property
    def subject(self) -> Subject:
        """Whom a return is about, and what it is called."""
        return self.collection.subject

    @property
    def verification(self) -> Verification:
        """What the parts of this version were checked against."""
        return self.collection.verification.get(str(self.version), Verification())

    @property
    def earlier(self) -> EarlierReturn:
        """What people call the return before one of this standard."""
        return self.collection.calendar.earlier

    @property
    def period(self) -> Period:
        """First and last day of the period of this version; resting on today where it rests on a day."""
        return self.period_to()

    def period_to(self, day: dt.date | None = None) -> Period:
        """The period that rests on a day: one that the return states or the caller gives, or today."""
        return Period(*self.collection.calendar.period(self.version, day), self.version)

    @property
    def previous(self) -> Standard | None:
        """The version before this one; None where none is known."""
        before = self.collection.calendar.before(self.version)
        return None if before is None else self.collection.standard(before)

    @property
    def deadline(self) -> Deadline | None:
        """The last day to submit the return of the year; None where nothing is known of it."""
        return self.collection.timeliness.deadline(self.version)

    @cached_property
    def models(self) -> Mapping[str, type[Table]]:
        """The tables of the year as Pandera models that check what the year asks, by name."""
        tables = [table for table in self.collection.tables if self.version in table.declaration().window]
        return MappingProxyType({table.__name__: table.bound_to(self.version) for table in tables})

    @property
    def child_record(self) -> str:
        """The table with one row a subject, where facts of it stand first; "" if there is none."""
        return next(
            (name for name, model in self.models.items() if model.declaration().key == (self.collection.subject.item,)),
            "",
        )

    @property
    def tables(self) -> Mapping[str, pandera.DataFrameSchema]:
        """The tables of the year as ordinary Pandera schemas over submitted text, by name; new ones each time."""
        return Schemas(self.models)

    @cached_property
    def items(self) -> Mapping[str, Mapping[str, Item]]:
        """The data items of the year: by table, by name."""
        items = {name: MappingProxyType(model.items_at(self.version)) for name, model in self.models.items()}
        return MappingProxyType(items)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule in force, by code: official ones first, then our checks of structure."""
        everything = [
            *self._structural_rules(),
            *(rule for rule in self.collection.declared_rules if self.version in rule.window),
        ]
        ordered = sorted(everything, key=lambda rule: (rule.origin == "structure", natural_order(rule.code)))
        return MappingProxyType({rule.code: rule for rule in ordered})

    def _structural_rules(self) -> list[Rule]:
        """The rules that follow from what tables and forms declare."""
        rules = [*cell_rules(self.items, self.version), *key_rules(self.models, self.version)]
        form = self.collection.form(JsonForm)
        return rules if form is None else [*form_rules(form, self.items, self.version), *labelled(rules, form)]

    def payload_schema(self) -> dict[str, Any]:
        """The JSON Schema (draft 7) of a payload, the body of one request; days are of the format "date".

        Raises:
            UsageError: the collection has no JSON form.
        """
        form = self.collection.form(JsonForm)
        if form is None:
            raise UsageError(f"{self.collection.title} has no JSON form, and so no schema of a payload.")
        return {**form.schema(self.version, self.items), "title": f"{self.collection.title}, {self.version}"}

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        """The measures in force, by indicator."""
        in_force = (measure for measure in self.collection.declared_measures if self.version in measure.window)
        return MappingProxyType({measure.indicator: measure for measure in in_force})

    def tables_read_by(self, rule: Rule) -> set[TableRef]:
        """The tables a rule concerns or reads, directly or through views."""
        names, seen = set(rule.tables), set()
        for item, check in rule.cells:
            declared = self.models[item.table].declaration()
            if declared.each and declared.parent and check.fault == "blank":
                names.add(TableRef(Slot.THIS, declared.parent.__name__))
        waiting = list(rule.parameters)
        while waiting:
            name = (parameter := waiting.pop()).table or parameter.name
            if name in seen:
                continue
            seen.add(name)
            if name in self.collection.views:
                waiting += self.collection.views[name].parameters
            elif name not in CONTEXT and (reference := self.collection.table_named(name)):
                names.add(reference)
        return names

    def contradictions(self) -> list[str]:
        """What is wrong with this year's rules, in words; empty when nothing is."""
        return [
            *self._declared_twice(),
            *(
                f"rule {rule.code} ({self.version}): {what}"
                for rule in self.rules.values()
                for what in self.unknown_in(rule)
            ),
            *(
                f"measure {measure.indicator} ({self.version}): {what}"
                for measure in self.measures.values()
                for what in self._unknown_in_measure(measure)
            ),
        ]

    def _declared_twice(self) -> list[str]:
        seen = [rule.code for rule in cell_rules(self.items, self.version)]
        seen += [rule.code for rule in key_rules(self.models, self.version)]
        seen += [rule.code for rule in self.collection.declared_rules if self.version in rule.window]
        return [f"rule {code} ({self.version}) is declared in two places" for code in set(seen) if seen.count(code) > 1]

    def unknown_in(self, rule: Rule, views: Mapping[str, View] = MappingProxyType({})) -> Iterable[str]:
        """What a rule names that does not exist in this version, in words.

        Args:
            rule: the rule.
            views: those it may name, apart from the collection's own.
        """
        for name in rule.fields:
            table, _, item = name.partition(".")
            if item not in self._items_of(table):
                yield f"field {name} does not exist"
        if rule.per == "value" and len(rule.tables) > 1:
            yield "a rule that reports once a value can concern one table alone"
        for parameter in rule.parameters:
            if parameter.name not in views and not self._names_something(parameter):
                yield f"parameter {parameter.name} names no table, view or reference data"

    def _unknown_in_measure(self, measure: Measure) -> Iterable[str]:
        yield from (
            f"field {name} does not exist"
            for name in measure.fields
            if name.partition(".")[2] not in self._items_of(name.partition(".")[0])
        )
        yield from (
            f"parameter {parameter.name} names nothing"
            for parameter in measure.parameters
            if not self._names_something(parameter)
        )

    def _items_of(self, table: str) -> Mapping[str, Item]:
        reference = TableRef.of(table)
        if reference.of_this_return:
            return self.items.get(table, {})
        model = {table.__name__: table for table in self.collection.tables}.get(reference.name)
        return model.declared_items() if model else {}

    def _names_something(self, parameter: Parameter) -> bool:
        if parameter.table:
            return parameter.table in self.models
        name, reference = parameter.name, self.collection.table_named(parameter.name)
        return (
            name in CONTEXT
            or name in self.collection.views
            or (reference is not None and (reference.name in self.models or not reference.of_this_return))
            or parameter.optional
        )
