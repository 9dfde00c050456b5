"""The catalogue as tables: items, codes, rules and differences of one or several standards, as DataFrames, CSV and Excel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from os import PathLike
from pathlib import Path

import pandas as pd

from csc_data.declare.collection import Standard
from csc_data.declare.rules import Rule
from csc_data.declare.tables import Item
from csc_data.files.columns import Columns
from csc_data.files.own_outputs import WORKBOOK_MARK
from csc_data.files.writing import replacing, written_together
from csc_data.metadata.code_sets import code_sets
from csc_data.metadata.concepts import CONCEPT_COLUMNS, Concepts
from csc_data.metadata.differences import DIFFERENCE_COLUMNS, differences
from csc_data.metadata.indicators import INDICATOR_COLUMNS
from csc_data.metadata.installed import all_rules, concepts, indicators
from csc_data.metadata.versions import rules_by_item
from csc_data.metadata.wording import NO_JUSTIFICATION, format_of, presence_of
from csc_data.reporting.tables import harmless_table

ITEM_COLUMNS = Columns(
    {
        "standard": "the standard",
        "checked_against": "official documents that the items of this version were checked against; nothing if none",
        "table": "table of the item",
        "item": "name of the item",
        "title": "what it is called",
        "what": "what it is",
        "how": "how it is recorded",
        "why": "why it is collected",
        "legal_basis": "what it is collected under",
        "condition": "when it is to be filled",
        "presence": "whether it is to be filled, in words",
        "format": "form of its values, in words",
        "code_set": "the code set its values are of",
        "codes": "the codes in force, with their labels",
        "cbds": "reference in the common basic data set",
        "since": "first version that has it; nothing if it was always there",
        "until": "last version that has it; nothing if it still is",
        "rules": "codes of the rules that touch it, separated by commas",
        "indicators": "indicators that need it, separated by commas",
        "concepts": "concepts it holds, separated by commas",
        "same_in": "items of other collections that hold the same concept",
        "note": "what is inferred or in doubt",
    }
)
"""Columns of the item dictionary: one row an item of a standard."""

CODE_COLUMNS = Columns(
    {
        "standard": "the standard",
        "code_set": "name of the code set",
        "code": "the code",
        "label": "what it means",
        "since": "first version that has it; nothing if it was always there",
        "until": "last version that has it; nothing if it still is",
        "items": "items whose values are of the code set, separated by commas",
        "note": "what is inferred or in doubt",
    }
)
"""Columns of the codes: one row a code of a code set of a standard."""

RULE_COLUMNS = Columns(
    {
        "standard": "the standard",
        "rule": "official code",
        "title": "what the rule finds, in a sentence",
        "detail": "what else is to be said of it",
        "why": "why the rule matters",
        "fix": "how to put right what it finds",
        "fields": "data items concerned, as Table.ITEM, separated by commas",
        "severity": "error or query, by the official source",
        "dimension": "data quality dimension",
        "origin": "official, own (our checks of records), structure (our checks of form) or local",
        "fidelity": "exact, may over-report or may under-report",
        "fidelity_note": "why it cannot be exact",
        "since": "first version that has it; nothing if it was always there",
        "until": "last version that has it; nothing if it still is",
        "departure": "how and why it differs from the validator in common use",
    }
)
"""Columns of the rules: one row a rule of a standard."""

CHANGE_COLUMNS = Columns(
    {
        "old": "the standard before",
        "new": "the standard after",
        **{{"old": "was", "new": "now"}.get(name, name): meaning for name, meaning in DIFFERENCE_COLUMNS.items()},
    }
)
"""Columns of the differences: one row a difference between consecutive versions of a standard."""

TABLES = {
    "items": ITEM_COLUMNS,
    "codes": CODE_COLUMNS,
    "rules": RULE_COLUMNS,
    "differences": CHANGE_COLUMNS,
    "concepts": CONCEPT_COLUMNS,
    "indicators": INDICATOR_COLUMNS,
}
"""The columns of the tables of a catalogue, each a file of its own."""


def item_table(standards: Sequence[Standard]) -> pd.DataFrame:
    """The item dictionary (``ITEM_COLUMNS``)."""
    rows = []
    for standard in standards:
        touching = rules_by_item(standard)
        for items in standard.items.values():
            rows += [_item(item, standard, touching.get(item.field, [])) for item in items.values()]
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def _item(item: Item, standard: Standard, rules: Sequence[Rule]) -> tuple[object, ...]:
    collection, known = standard.collection, concepts()
    held = known.of(item.field, collection.id)
    using = indicators().using(item.field, collection.id)
    codes = item.codes.at(standard.version) if item.codes else {}
    return (
        standard.id, "; ".join(map(str, standard.verification.items)), item.table, item.name, item.title, item.definition,
        item.how, item.why or NO_JUSTIFICATION, item.source or collection.legal_basis, item.condition,
        presence_of(item, standard), format_of(item), item.codes.title if item.codes else "",
        "; ".join(f"{code} {label}" for code, label in codes.items()), item.cbds, item.window.since or "",
        item.window.until or "", ", ".join(rule.code for rule in rules), ", ".join(each.name for each in using),
        ", ".join(each.name for each in held), same_in(item.field, collection.id, known), item.note,
    )  # fmt: skip


def same_in(field: str, collection: str, known: Concepts) -> str:
    """The items of other collections that hold the concepts of an item, with how closely they do."""
    others = [
        f"{held.collection}: {', '.join(held.items) or held.how} ({concept.relation_between(collection, held.collection)})"
        for concept in known.of(field, collection)
        for held in concept.held
        if held.collection != collection
    ]
    return "; ".join(others)


def code_table(standards: Sequence[Standard]) -> pd.DataFrame:
    """Every code in force (``CODE_COLUMNS``): one row a code of a code set of a standard."""
    rows = []
    for standard in standards:
        for code_set in code_sets(item for items in standard.items.values() for item in items.values()).values():
            rows += [
                (standard.id, code_set.name, member.code, member.label, member.window.since or "", member.window.until or "",
                 ", ".join(code_set.fields), code_set.codes.note)
                for member in code_set.codes.members
                if standard.version in member.window
            ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CODE_COLUMNS))


def rule_table(standards: Sequence[Standard]) -> pd.DataFrame:
    """Every rule in force, the local ones of other packages last (``RULE_COLUMNS``)."""
    rows = [
        (standard.id, rule.code, rule.title, rule.detail, rule.why, rule.fix, ", ".join(rule.fields), rule.severity,
         rule.dimension, rule.origin, rule.fidelity, rule.fidelity_note,
         rule.window.since or "", rule.window.until or "", rule.departure)
        for standard in standards
        for rule in all_rules(standard).values()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))


def difference_table(standards: Sequence[Standard]) -> pd.DataFrame:
    """What differs between consecutive years of a collection (``CHANGE_COLUMNS``)."""
    frames = [
        differences(old, other).to_frame().rename(columns={"old": "was", "new": "now"}).assign(old=old.id, new=other.id)
        for old, other in pairwise(standards)
        if old.collection is other.collection
    ]
    return pd.concat(frames)[list(CHANGE_COLUMNS)] if frames else pd.DataFrame(columns=list(CHANGE_COLUMNS))


def catalogue_tables(standards: Sequence[Standard]) -> dict[str, pd.DataFrame]:
    """Every table of the catalogue by name: items, codes, rules, differences, concepts, indicators."""
    return {
        "items": item_table(standards),
        "codes": code_table(standards),
        "rules": rule_table(standards),
        "differences": difference_table(standards),
        "concepts": concepts().to_frame(),
        "indicators": indicators().to_frame(),
    }


def write_csv(tables: dict[str, pd.DataFrame], folder: str | PathLike[str]) -> list[Path]:
    """Write one CSV file a table (UTF-8, with a mark for spreadsheets), all or none, and return their paths."""
    paths = [Path(folder) / f"{name}.csv" for name in tables]
    with written_together():
        for path, (name, table) in zip(paths, tables.items(), strict=True):
            with replacing(path) as temporary:
                made = TABLES[name].table(harmless_table(table)).to_pandas()
                made.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")
    return paths


_WIDTHS = {
    "title": 32,
    "what": 50,
    "how": 36,
    "why": 50,
    "fix": 40,
    "codes": 40,
    "note": 36,
    "label": 40,
    "measures": 50,
}
_CREATED = pd.Timestamp("2000-01-01").to_pydatetime()
"""The date in the workbook's properties: fixed, so that the same catalogue gives the same file."""


def write_excel(tables: dict[str, pd.DataFrame], path: str | PathLike[str]) -> Path:
    """Write one workbook with a sheet a table, headings that stay in view and filters."""
    from csc_data.reporting.workbook import replacing_workbook

    with replacing_workbook(path) as book:
        book.set_properties({"title": "Catalogue of csc-data", "created": _CREATED, "comments": WORKBOOK_MARK})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(table.columns), bold)
            for row, cells in enumerate(table.itertuples(index=False), start=1):
                sheet.write_row(row, 0, [cell if isinstance(cell, bool) else str(cell) for cell in cells], wrapped)
            for column, heading in enumerate(table.columns):
                sheet.set_column(column, column, _WIDTHS.get(heading, 18))
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)
    return Path(path)
