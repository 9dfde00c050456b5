"""One exchange file: what it says, with every hidden count as a range."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from csc_data.analysis.exchange.declared import EXTRACTS, NAMES, STAGES
from csc_data.files.sources import NotReadError, read_bytes
from csc_data.reference.local_authorities import authorities
from csc_data.reference.suppliers import UNSAID
from csc_data.sector.pooled import RAN
from csc_data.visible import printable

FORMAT = "csc-data exchange 2"
_ANY_FORMAT = "csc-data exchange "

RANKED_STAGES = (UNSAID, *(stage for stage in STAGES if stage != UNSAID))
"""Stages of a return; a later one counts in place of an earlier one."""

STATUSES = ("passed", "failed", "skipped", "not_applicable", "crashed")

_MOST_BYTES = 4 * 1024**2
"""Bytes of an exchange file, which has up to 200,000."""

_IDENTIFIER = re.compile(r"[a-z0-9-]{1,60}")
_STANDARD = re.compile(r"[a-z0-9_]{1,60}/[A-Za-z0-9._-]{1,60}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_HIDDEN, _NOT_AVAILABLE, _NOT_APPLICABLE = "c", "x", "z"


class NoExchangeError(Exception):
    """A file is no exchange file that can be pooled; the message says why."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts by rule, item or indicator: values by column, of so many rows."""

    rows: int
    columns: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, eq=False)
class Exchange:
    """What an exchange file says, its counts under the columns of the pooled frames."""

    authority: str
    names: str
    supplier: str
    system_version: str | None
    extract: str
    children: int | None
    standard: str
    catalogue: str
    library: str
    period: tuple[dt.date | None, dt.date | None]
    stage: str
    run: str
    run_time: str
    rules: Counted = field(repr=False)
    items: Counted = field(repr=False)
    indicators: Counted = field(repr=False)


class Range(NamedTuple):
    """A count, from ``low`` to ``high``: None where it is not known at all, or has no known end."""

    low: int | None
    high: int | None

    @property
    def exact(self) -> int | None:
        """The count, if it is not hidden."""
        return self.low if self.low == self.high else None


def exchange_of(path: Path) -> Exchange:
    """Read one exchange file.

    Raises:
        NoExchangeError: it cannot be read, or is none of version 2 with the code of an authority.
    """
    try:
        document = json.loads(read_bytes(path, _MOST_BYTES))
    except NotReadError as error:
        raise NoExchangeError(str(error)) from None
    except (ValueError, RecursionError):
        raise NoExchangeError("it is no JSON") from None
    form = document.get("format") if isinstance(document, dict) else None
    if form != FORMAT:
        older = isinstance(form, str) and form.startswith(_ANY_FORMAT)
        raise NoExchangeError(
            "it is an exchange file of another version: make it again with this one"
            if older
            else "it is no exchange file"
        )
    return _exchange(document)


def _exchange(document: Mapping[str, Any]) -> Exchange:
    authority = document.get("authority")
    if authority is None:
        raise NoExchangeError("it does not say of which authority it is: make it again with --authority")
    code = authority_code(authority)
    if code is None:
        raise NoExchangeError(f"there is no local authority with the code {printable(str(authority))}")
    try:
        start, end = (dt.date.fromisoformat(day) for day in document["period"])
        run = document["run"]
        return Exchange(
            authority=code,
            names=_word(document, "names", NAMES.__contains__),
            supplier=_word(document, "supplier", _IDENTIFIER.fullmatch),
            system_version=None
            if document["system_version"] is None
            else _word(document, "system_version", _NAME.fullmatch),
            extract=_word(document, "extract", EXTRACTS.__contains__),
            children=_range(document["children"], None).exact,
            standard=_word(document, "standard", _STANDARD.fullmatch),
            catalogue=_word(document, "catalogue", _NAME.fullmatch),
            library=_word(document, "library", _NAME.fullmatch),
            period=(start, end),
            stage=_word(document, "stage", STAGES.__contains__),
            run=_word(run, "id", _NAME.fullmatch),
            run_time="" if run["time"] is None else _word(run, "time", _NAME.fullmatch),
            rules=_rules(document["rules"]),
            items=_items(document["items"]),
            indicators=_indicators(document["indicators"]),
        )
    except KeyError as error:
        raise NoExchangeError(f"it does not fit the schema of exchange files: {error.args[0]} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        why = f": {error}" if type(error) is _DoesNotFitError else ""
        raise NoExchangeError(f"it does not fit the schema of exchange files{why}") from None


class _DoesNotFitError(ValueError):
    """A part of the document does not fit; the message names the part."""


def _word(document: Mapping[str, Any], name: str, fits: Callable[[str], Any]) -> str:
    value = document[name]
    if not isinstance(value, str) or not fits(value):
        raise _DoesNotFitError(name)
    return value


def authority_code(code: object) -> str | None:
    """Today's code of an authority, given that or its former one; None where there is none."""
    return _codes().get(code) if isinstance(code, str) else None


@cache
def _codes() -> dict[str, str]:
    """Today's code of every authority, by that and by its former one."""
    known = {authority.ons_code: authority.ons_code for authority in authorities()}
    return {
        authority.former_ons_code: authority.ons_code for authority in authorities() if authority.former_ons_code
    } | known


def _range(value: object, most: int | None) -> Range:
    """A count, or a symbol in its place; what is hidden is from 1 up to the most that it can be."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return Range(value, value)
    if value == _HIDDEN:
        return Range(1 if most is None else min(1, most), most)
    if value in (_NOT_AVAILABLE, _NOT_APPLICABLE):
        return Range(None, None)
    raise _DoesNotFitError("a count")


def _rules(rules: Sequence[Mapping[str, Any]]) -> Counted:
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "rule", "rule_text_hash", "severity", "origin", "status", "rows_failed_low", "rows_failed_high",
            "children_failed_low", "children_failed_high", "rows_looked_at", "children_looked_at",
        )
    }  # fmt: skip
    for rule in rules:
        status = _word(rule, "status", STATUSES.__contains__)
        of_rows, of_children = _range(rule["of_rows"], None).exact, _range(rule["of_children"], None).exact
        rows, children = _failing(rule, of_rows, of_children) if status in RAN else (_UNKNOWN, _UNKNOWN)
        for name, value in (
            ("rule", _word(rule, "rule", _NAME.fullmatch)),
            ("rule_text_hash", _word(rule, "text", _NAME.fullmatch)),
            ("severity", _word(rule, "severity", {"error", "query"}.__contains__)),
            ("origin", _word(rule, "origin", _NAME.fullmatch)),
            ("status", status),
            ("rows_failed_low", rows.low),
            ("rows_failed_high", rows.high),
            ("children_failed_low", children.low),
            ("children_failed_high", children.high),
            ("rows_looked_at", of_rows),
            ("children_looked_at", of_children),
        ):
            columns[name].append(value)
    if len(set(columns["rule"])) < len(columns["rule"]):
        raise _DoesNotFitError("a rule stands in it twice")
    return Counted(len(columns["rule"]), columns)


_UNKNOWN = Range(None, None)


def _failing(rule: Mapping[str, Any], of_rows: int | None, of_children: int | None) -> tuple[Range, Range]:
    """Failing rows and children: neither is more than was looked at, and no child fails without a row."""
    rows = _range(rule["rows"], of_rows)
    children = _range(rule["children"], _fewest(of_children, rows.high))
    if rows.exact is None and children.low is not None:
        rows = Range(max(rows.low or 0, children.low), rows.high)
    return rows, children


def _fewest(*counts: int | None) -> int | None:
    return min((count for count in counts if count is not None), default=None)


def _items(items: Sequence[Mapping[str, Any]]) -> Counted:
    wholes = [_range(item["of"], None).exact for item in items]
    missing = [_range(item["missing"], of) for item, of in zip(items, wholes, strict=True)]
    return _named(items, "item", _ends("missing", missing) | {"of": wholes})


def _indicators(indicators: Sequence[Mapping[str, Any]]) -> Counted:
    # A rate of events may have a numerator above its denominator, so that a hidden one has no known end.
    counts = [_range(indicator["n"], None) for indicator in indicators]
    wholes = [_range(indicator["d"], None).exact for indicator in indicators]
    return _named(indicators, "indicator", _ends("n", counts) | {"d": wholes})


def _named(rows: Sequence[Mapping[str, Any]], what: str, columns: Mapping[str, Sequence[int | None]]) -> Counted:
    """Counts by name."""
    names = [_word(row, what, _NAME.fullmatch) for row in rows]
    if len(set(names)) < len(names):
        raise _DoesNotFitError(f"an {what} stands in it twice")
    return Counted(len(names), {what: names, **columns})


def _ends(name: str, ranges: Sequence[Range]) -> dict[str, list[int | None]]:
    return {f"{name}_low": [each.low for each in ranges], f"{name}_high": [each.high for each in ranges]}
