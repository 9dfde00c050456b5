"""Rules that need no function: checks of single cells, and of keys and parents, made from the tables' declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from csc_data.declare.codes import in_force
from csc_data.declare.json_form import JsonForm
from csc_data.declare.rules import Dimension, Parameter, Rule
from csc_data.declare.tables import STRUCTURE_CODES, CellCheck, Fault, Item, Table, cell_checks
from csc_data.reasons import Reason, SkipReason
from csc_data.typed.rows import SUBJECT, Flags, NotSuppliedError, Rows
from csc_data.versions import Version, Window

_PROBLEM: dict[Fault, str] = {
    "blank": "is blank",
    "date": "is not a real {noun}",
    "number": "is not an allowed number",
    "code": "is not one of the codes of the year",
    "format": "does not have the right form",
    "duplicate": "occurs more than once",
    "orphan": "has no row in {parent}",
}
_FIX: dict[Fault, str] = {
    "blank": "Fill in the item.",
    "date": "Correct the date; check the day, the month and the order in which they are written.",
    "number": "Correct the number.",
    "code": "Use one of the codes listed for the year; check for codes of an earlier year.",
    "format": "Correct the value; check for characters lost or added by a spreadsheet.",
    "duplicate": "Delete the repeated row, or correct its key.",
    "orphan": "Add the missing row to {parent}, or correct the identifier.",
}
_WHY: dict[Fault, str] = {
    "blank": "A blank leaves the record unusable for everything that rests on the item.",
    "date": "A date that cannot be read is unknown to every other check and to every statistic.",
    "number": "A value outside the allowed numbers cannot be counted.",
    "code": "A value outside the code list cannot be counted or compared between authorities.",
    "format": "A value of another form cannot be matched with other records.",
    "duplicate": "A repeated record is counted twice.",
    "orphan": "A row that belongs to nobody drops out of every count.",
}
_DIMENSION: dict[Fault, Dimension] = {
    "blank": "completeness",
    "date": "validity",
    "number": "validity",
    "code": "validity",
    "format": "validity",
    "duplicate": "uniqueness",
    "orphan": "consistency",
}
_STRUCTURE_TITLE: dict[Fault, str] = {
    "blank": "An item that every row needs is blank.",
    "date": "A date cannot be read.",
    "number": "A number cannot be read or lies outside its range.",
    "code": "A code is not one of the codes of the year.",
    "format": "A value does not have the right form.",
}


def cell_rules(items: Mapping[str, Mapping[str, Item]], version: Version) -> list[Rule]:
    """One rule for each official code (and each of our structure codes) declared on items, over all its cells."""
    by_code: dict[str, list[tuple[Item, CellCheck]]] = {}
    for table in items.values():
        for item in table.values():
            for check in cell_checks(item, version):
                by_code.setdefault(check.code, []).append((item, check))
    return [_cell_rule(code, cells) for code, cells in by_code.items()]


def _cell_rule(code: str, cells: list[tuple[Item, CellCheck]]) -> Rule:
    faults = list(dict.fromkeys(check.fault for _, check in cells))
    official = cells[0][1].official
    over_reports = " ".join(dict.fromkeys(item.over_reports for item, _ in cells if item.over_reports))
    return Rule(
        code=code,
        title=_title(cells) if official else _STRUCTURE_TITLE[faults[0]],
        why=_why(cells, faults, official),
        fix=" ".join(_FIX[fault] for fault in faults),
        fields=tuple(dict.fromkeys(item.field for item, _ in cells)),
        severity="error",
        dimension=_DIMENSION[faults[-1]],
        window=Window(),
        per="row",
        fidelity="may over-report" if over_reports else "exact",
        fidelity_note=over_reports,
        departure=" ".join(dict.fromkeys(item.departure for item, _ in cells if item.departure)) if official else "",
        origin="official" if official else "structure",
        cells=tuple(cells),
    )


def _title(cells: list[tuple[Item, CellCheck]]) -> str:
    subjects = list(dict.fromkeys(item.title for item, _ in cells))
    problems = dict.fromkeys(_PROBLEM[check.fault].format(noun=item.kind.noun) for item, check in cells)
    subject = subjects[0] if len(subjects) == 1 else "One of " + ", ".join(subjects)
    return f"{subject} {' or '.join(problems)}."


def _why(cells: list[tuple[Item, CellCheck]], faults: list[Fault], official: bool) -> str:
    reasons = list(dict.fromkeys(item.why for item, _ in cells if item.why)) if official else []
    return " ".join([*(f"Collected for: {_decapitalised(reason)}" for reason in reasons[:1]), _WHY[faults[-1]]])


def _decapitalised(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def key_rules(models: Mapping[str, type[Table]], version: Version) -> Iterable[Rule]:
    """The rules on repeated keys and missing parents that the tables declare, and ours on other missing parents."""
    for model in models.values():
        if code := in_force(model.declaration().duplicate, version):
            yield _key_rule(code, "duplicate", model)
        if code := in_force(model.declaration().orphan, version):
            yield _key_rule(code, "orphan", model)
    if others := [model for model in models.values() if _parent_in(model, models) and not _orphan(model, version)]:
        yield _orphan_rule(others)


def _parent_in(model: type[Table], models: Mapping[str, type[Table]]) -> bool:
    parent = model.declaration().parent
    return parent is not None and parent.__name__ in models


def _orphan(model: type[Table], version: Version) -> str | None:
    return in_force(model.declaration().orphan, version)


def _orphan_rule(models: Sequence[type[Table]]) -> Rule:
    """Our rule on rows without the record they stand under, for tables of which no official rule says so."""
    above = {model.__name__: ancestors[0] for model in models if (ancestors := model.ancestors())}

    def orphans(**tables: Rows | None) -> Flags:
        flags, unknown = Flags(), list[Reason]()
        for name, parent in above.items():
            rows, parents = tables[name], tables[parent.__name__]
            if rows is None or parents is None:
                absent = [table for table in (name, parent.__name__) if tables[table] is None]
                unknown += [SkipReason.TABLE_MISSING(table=table) for table in absent]
                continue
            try:
                nested = rows.table.form == JsonForm.name  # a row stands in its record, whatever identifies that
                flags |= rows.flag(rows.none if nested else ~rows.has_any_in(parents, _group_of(parent)))
            except NotSuppliedError as error:
                unknown += error.reasons
        if not flags.parts:
            # Any table with its parent would do, so it lacks none of these in particular.
            raise NotSuppliedError(*(replace(reason, lacking=()) for reason in unknown))
        return flags

    fields = [f"{name}.{item}" for name, parent in above.items() for item in parent.declaration().key]
    named = dict.fromkeys([*above, *(parent.__name__ for parent in above.values())])
    return Rule(
        code=STRUCTURE_CODES["orphan"],
        title="The record that a row stands under is missing.",
        why=_WHY["orphan"],
        fix="Add the missing record, or correct the identifier of the row.",
        fields=tuple(fields),
        severity="error",
        dimension=_DIMENSION["orphan"],
        window=Window(),
        per="row",
        fidelity="exact",
        fidelity_note="",
        departure="",
        origin="structure",
        parameters=tuple(Parameter(name, optional=True, table=name) for name in named),
        function=orphans,
    )


def _group_of(parent: type[Table]) -> str:
    """What rows are linked to a record by: the child, if the table has one row a child."""
    return SUBJECT if len(parent.declaration().key) == 1 else parent.__name__


_BLANK_KEY = (
    "A row without an identifier is reported even if the parent table has such a row too: a blank links nothing."
)


def _key_rule(code: str, fault: Fault, model: type[Table]) -> Rule:
    declared = model.declaration().parent
    parent = declared.__name__ if declared else ""
    names = {"noun": "", "parent": parent}
    key = model.declaration().key if fault == "duplicate" else (model.declaration().link or model.declaration().key[:1])
    parameters: list[Parameter] = [Parameter("rows", table=model.__name__)]
    if fault == "orphan":
        parameters.append(Parameter("parents", table=parent))
    kind = parent if model.declaration().link else SUBJECT
    functions: dict[Fault, Callable[..., Any]] = {
        "duplicate": lambda rows: rows.repeated(*key),
        "orphan": lambda rows, parents: ~rows.has_any_in(parents, kind),
    }
    return Rule(
        code=code,
        title=f"{' and '.join(key)} of a row of {model.__name__} {_PROBLEM[fault].format(**names)}.",
        why=_WHY[fault],
        fix=_FIX[fault].format(**names),
        fields=tuple(f"{model.__name__}.{item}" for item in key),
        severity="error",
        dimension=_DIMENSION[fault],
        window=Window(),
        per="value" if fault == "duplicate" else "row",
        fidelity="exact",
        fidelity_note="",
        departure=_BLANK_KEY if fault == "orphan" else "",
        origin="official",
        parameters=tuple(parameters),
        function=functions[fault],
    )
