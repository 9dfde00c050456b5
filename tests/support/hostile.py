"""Tables made to break rules: of any standard, from its own items, with values that no return should hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import csc_data
from csc_data.declare import Item, Standard
from csc_data.metadata.installed import collections
from csc_data.reference.local_authorities import authorities
from support.rule_examples import postcodes, providers

Tables = dict[str, pd.DataFrame]
Cell = str | None

ALL_STANDARDS = [f"{collection.id}/{year}" for collection in collections().values() for year in collection.versions]
NEWEST = [f"{collection.id}/{collection.versions[-1]}" for collection in collections().values()]
OLDEST = [f"{collection.id}/{collection.versions[0]}" for collection in collections().values()]

DATES = [
    "01/01/0001", "31/12/9999", "29/02/2024", "29/02/2023", "29/02/2000", "29/02/1900", "31/12/1899", "01/01/1677",
    "21/09/1677", "01/01/1678", "31/12/2261", "11/04/2262", "01/01/2262", "00/00/0000", "01/01/10000", "01/01/-0044",
    "31/02/2024", "1/1/2024", "2024-01-31", "31-01-2024", "31/01/24", "01/13/2024", "today", "NaT", "45000",
    "2024-01-31T00:00:00Z", "2024-01-31T99:99:99", "ZZ/ZZ/ZZZZ", "ZZ/02/2023", "31/ZZ/2010", "29/02/ZZZZ", "ZZ/ZZ/0000",
    "ZZ/ZZ/9999", "\u0660\u0661/\u0660\u0662/\u0662\u0660\u0662\u0664", "\uff10\uff11/\uff10\uff12/\uff12\uff10\uff12\uff14",
]  # fmt: skip
NUMBERS = [
    "inf", "-inf", "nan", "NaN", "1e308", "1e309", "-1e999999999", "-0", "1" + "0" * 30, "9" * 400, "0x1F", "1_000", "1,000",
    "1e-400", "3.7", "2147483648", "9223372036854775808", "-1", "5.", ".5", "+3", "\u00bd", "\u00b2", "0", "1",
    "\u0661\u0662\u0663", "\uff11\uff12\uff13",
]  # fmt: skip
ARABIC = "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662"
"""Twelve digits that are not 0 to 9."""
TEXTS = [
    "a" * 20_000, "\x00", "A\x00B", "\x1b[31mred", "\x7f", "\u202edesrever", "e\u0301", "\U0001f469\u200d\U0001f466",
    "\U0001d7d9\U0001d7da", "\\ud800", "&#x0;", "\u0131\u017f\u00df", "\u0149", "\ufb01", "\u0130STANBUL", "1", "01", "1.0",
    "1e0", "TRUE", "true", "-", "*", "?", "%", "[A-Z]", ".*", "(((((", "\\", '{"a": [1]}', "<b>&amp;</b>", "=1+1",
    "'; DROP TABLE", "NULL", "None", "nan", "N/A", "{0}", "{table}", "%s", "a,b", "'", '"', "a\nb", "\r\n", "A" * 13,
    "A12345678901\u00b2", "A" + ARABIC, "A12345678901\u0662", "SC" + ARABIC[:6], ARABIC[:7], "E" + ARABIC[:8],
    "A123456789012", "AA1 1AA", "ZZ9Z 9ZZ", "A\u00a01 1AA", "AA\u0661 \u0661AA", ARABIC[:3], "\u00df" * 13, "\ufb03" * 5,
]  # fmt: skip
BLANKS: list[Cell] = [None, "", " ", "\u00a0", "\t", " \u00a0\u2003\t ", "\u3000", "\u2028"]
AROUND = (" {}", "{} ", "\u00a0{}\u00a0", "{}\t", "{}\u200b", "{}\u0301", "{}.0", "0{}")
"""A good value with something before or behind it."""

SHARED_IDENTIFIERS: list[Cell] = [
    "a1", "A1", " A1", "A1 ", "a1\u00a0", "A1\u0301", "b", "B", "\u00df", "SS", "\u0131", "I", "i", "0", "00", "1", "1.0",
    None,
]  # fmt: skip
"""Few, so that rows of all tables meet; some differ in letter case, spaces or marks alone."""


def good_values(item: Item, standard: Standard) -> list[str]:
    """Values that an item may have in the year, dates on the turns of the year and before."""
    if is_date(item):
        start, end = standard.period.start, standard.period.end
        days = [start, end, *pd.date_range(start, end, periods=6), *pd.date_range("1999-02-28", end, periods=12)]
        return [day.strftime("%d/%m/%Y") for day in days]
    codes = sorted(item.codes.at(standard.version)) if item.codes else []
    if codes:
        return codes
    return ["0", "1", "2", "7"] if item.kind.noun == "number" else ["A123456789012", "1234567", "AB1 2CD", "X"]


def hostile_values(item: Item, standard: Standard) -> list[Cell]:
    """Good values, blanks, extremes of the item's kind, and texts of every kind."""
    good = good_values(item, standard)
    spoilt = [form.format(good[position % len(good)]) for position, form in enumerate(AROUND)]
    if is_date(item):
        return [*good, *good, *good, *BLANKS, *DATES, *spoilt, TEXTS[0], "\x00"]
    if item.kind.noun == "number":
        return [*good, *good, *BLANKS, *NUMBERS, *spoilt, "x"]
    return [*good, *good, *BLANKS, *TEXTS, *DATES[:4], *NUMBERS[:6], *spoilt]


def is_date(item: Item) -> bool:
    return item.kind.noun.startswith("date")


def links_rows(item: Item, standard: Standard) -> bool:
    """Whether rows of several tables meet by the item: what identifies the child, or text in the key of a parent table."""
    parents = {parent for model in standard.models.values() for parent in model.ancestors()}
    keys = {name for parent in parents for name in parent.declaration().key}
    child = (standard.collection.subject.item, standard.collection.record_number)
    return item.name in child or (item.name in keys and not is_date(item))


def tables_of(standard: Standard, rows: int, values: Callable[[Item], Iterable[Cell]]) -> Tables:
    """Every table of a standard with that many rows; ``values`` gives the cells of an item."""
    return {
        name: pd.DataFrame({item.name: list(values(item)) for item in items.values()}, dtype=object, index=range(rows))
        for name, items in standard.items.items()
    }


def drawn(
    standard: Standard,
    seed: int,
    rows: int = 50,
    pool: Callable[[Item, Standard], Sequence[Cell]] = hostile_values,
    identifiers: Sequence[Cell] = SHARED_IDENTIFIERS,
) -> Tables:
    """Tables whose cells are drawn from the pool of their item."""
    draw = np.random.default_rng(seed)

    def values(item: Item) -> list[Cell]:
        choice = identifiers if links_rows(item, standard) else pool(item, standard)
        return [choice[position] for position in draw.integers(len(choice), size=rows)]

    return tables_of(standard, rows, values)


def filled_with(standard: Standard, cell: Cell, rows: int = 4) -> Tables:
    """Tables in which every cell is the same."""
    return tables_of(standard, rows, lambda _: [cell] * rows)


def one_child(standard: Standard, rows: int, seed: int = 1) -> Tables:
    """So many rows of one child in every table, with good values; a tenth of the cells is blank."""
    draw = np.random.default_rng(seed)

    def values(item: Item) -> Iterable[Cell]:
        if links_rows(item, standard):
            return ["c1"] * rows
        if is_date(item):
            days = np.datetime64("2005-01-01") + draw.integers(0, 365 * 22, rows)
            good = [day.strftime("%d/%m/%Y") for day in days.astype(object)]
        else:
            choice = good_values(item, standard)
            good = [choice[position] for position in draw.integers(len(choice), size=rows)]
        return [None if blank else cell for cell, blank in zip(good, draw.random(rows) < 0.1, strict=True)]

    return tables_of(standard, rows, values)


@cache
def authority() -> str:
    return authorities()[0].ons_code


def check(
    standard: Standard, tables: Mapping[str, pd.DataFrame], previous: Any = None, **options: Any
) -> csc_data.Report:
    """Validate, with every kind of reference data given.

    Whatever is given for last year's return is compared with: hostile as it is, it would not be trusted, and the rules that
    compare would not be tried.
    """
    period = options.pop("period", None)
    ret = csc_data.read(tables, standard, previous=previous, authority=authority(), period=period)
    ret = replace(ret, previous_doubtful=False)
    return csc_data.validate(ret, providers=providers(), postcodes=postcodes(), **options)
