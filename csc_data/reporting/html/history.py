"""The page with what a store answers to a question on its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csc_data.reporting.history import as_words, heading
from csc_data.reporting.html.templating import environment

if TYPE_CHECKING:
    from csc_data.store.history import Answer

MOST_ROWS = 5000
"""Rows on the page, which a browser has to lay out; CSV and JSON hold all."""


def as_html(answer: Answer) -> str:
    """An answer as a page that asks for nothing from the network."""
    rows = [list(row.values()) for row in answer.rows.slice(0, MOST_ROWS).to_pylist()]
    return (
        environment()
        .get_template("history.html")
        .render(
            answer=answer,
            question=answer.question,
            heading=heading(answer),
            rows=[[(as_words(value), isinstance(value, int | float)) for value in row] for row in rows],
            left_out=answer.rows.num_rows - len(rows),
            shown=len(rows),
        )
    )
