"""What a store answers to a question on its history: at the terminal, as CSV and as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from csc_data.files.writing import json_text
from csc_data.reporting.tables import csv_bytes
from csc_data.visible import visible

if TYPE_CHECKING:
    from csc_data.store.history import Answer, Question

FORMAT = "csc-data history 1"

MOST_ROWS = 50
"""Rows that are shown at the terminal; the other forms hold all."""

_SHORT = 8
"""Characters of a receipt at the terminal."""


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer as JSON."""
    text = files("csc_data.reporting").joinpath("history.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def heading(answer: Answer) -> str:
    """Of what an answer is: the part of the store, and the day."""
    of = f"{answer.within}, as" if str(answer.within) else "As"
    return f"{of} at the end of {answer.as_at.day} {answer.as_at:%B %Y} (UTC)"


def questions_as_text(questions: Mapping[str, Question]) -> Iterator[str]:
    """The questions that can be asked, line by line."""
    width = max(map(len, questions))
    for name, question in questions.items():
        yield f"{name:<{width}}  {question.title}"


def as_text(answer: Answer) -> Iterator[str]:
    """An answer for a person at a terminal, line by line: what is not known, the first rows, and what else to know."""
    question = answer.question
    yield f"{question.title} {heading(answer)}."
    yield from answer.unknown
    if question.note:
        yield question.note
    yield ""
    if not answer.rows.num_rows:
        yield f"Nothing: there is no {question.row.partition(';')[0].removeprefix('a ').removeprefix('an ')}."
        return
    names = list(question.columns)
    cells = [
        [_shown(name, value) for name, value in row.items()] for row in answer.rows.slice(0, MOST_ROWS).to_pylist()
    ]
    yield from _aligned(names, cells, [_is_number(field.type) for field in question.columns.schema])
    if (more := answer.rows.num_rows - MOST_ROWS) > 0:
        yield f"... and {more:,} more. --format csv holds all."


def as_csv(answer: Answer) -> str:
    """An answer as CSV. Text that a spreadsheet would run as a formula gets a quote."""
    columns = answer.question.columns
    frame = answer.rows.to_pandas(integer_object_nulls=True, date_as_object=True)
    return csv_bytes(frame.astype(object).where(frame.notna(), None), columns).decode("utf-8")


def as_json(answer: Answer) -> str:
    """An answer as JSON, under ``schema``."""
    question = answer.question
    document = {
        "format": FORMAT,
        "question": question.name,
        "title": question.title,
        "as_at": answer.as_at.isoformat(),
        "within": {
            "authority": answer.within.authority,
            "collection": answer.within.collection,
            "version": answer.within.version,
        },
        "unknown": list(answer.unknown),
        "note": question.note,
        "columns": dict(question.columns),
        "rows": [{name: _plain(value) for name, value in row.items()} for row in answer.rows.to_pylist()],
    }
    return "".join(json_text(document))


def as_words(value: Any) -> str:
    """A cell as a person reads it; a moment to the minute."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
        case dt.datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    return value.isoformat() if isinstance(value, dt.date) else value


def _shown(name: str, value: Any) -> str:
    text = visible(as_words(value))
    return text[:_SHORT] if name.endswith("receipt") or name == "supersedes" else text


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _aligned(names: list[str], cells: list[list[str]], numbers: list[bool]) -> Iterator[str]:
    """Rows below their headings, numbers to the right. A column without a value is left out."""
    kept = [position for position in range(len(names)) if any(row[position] for row in cells)]
    widths = {position: max(len(row[position]) for row in [names, *cells]) for position in kept}
    for row in [names, *cells]:
        padded = (
            row[position].rjust(widths[position]) if numbers[position] else row[position].ljust(widths[position])
            for position in kept
        )
        yield "  ".join(padded).rstrip()
