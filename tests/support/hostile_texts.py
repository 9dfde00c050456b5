"""Texts that do harm where they are shown unguarded, and a return that is full of them."""

from __future__ import annotations

from functools import cache

import numpy as np

import csc_data
from csc_data.reference.providers import Providers

HOSTILE = [
    "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "%0a=1+1",
    '=HYPERLINK("https://example.org/","open")', "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)", "javascript:alert(1)", "https://example.org/", "</script><script>alert(1)</script>", "<!--",
    "</style></title></textarea>", "{{7*7}}", "{% raw %}", "\x1b]0;pwned\x07", "\x1b[2J", "\x9b31m", "\u202egnp.exe",
    "\u2066abc", "zero\u200bwidth", "p\u0430ypal", "a\u2028b", "a\u2029b", "a\x08\x08b", "a\x7fb", "[bold red]x", "[/]",
    "[link=https://example.org/]y[/link]", "word" * 200, "\ufeffmark",
]  # fmt: skip
"""Formulas, markup, template code, terminal commands, what is not seen, and a word without end."""

CHILDREN = 3 * len(HOSTILE)

STANDARD = "ssda903/2025-26"


@cache
def hostile_report() -> csc_data.Report:
    """The report on a return in which every item of every table holds each of the hostile texts, child identifiers too."""
    standard = csc_data.standard(STANDARD)
    drawn = standard.collection.draw(standard, CHILDREN, 5)
    children = drawn.tables["Header"]["CHILD"].tolist()
    renamed = {child: f"{HOSTILE[position % len(HOSTILE)]} {position}" for position, child in enumerate(children)}
    tables = {}
    for number, (name, table) in enumerate(drawn.tables.items()):
        tables[name] = table.astype(object).reset_index(drop=True)
        for shift, item in enumerate(table.columns):
            rows = np.arange((number + shift) % 3, len(table), 3)
            if item == "CHILD":
                tables[name][item] = [renamed.get(cell, cell) for cell in tables[name][item]]
            else:
                tables[name].loc[rows, item] = [HOSTILE[(row + shift) % len(HOSTILE)] for row in rows]
    listed = drawn.providers.astype(object)
    listed.iloc[::2] = HOSTILE[0]
    return csc_data.validate(
        tables, standard, previous=drawn.previous, authority=drawn.authority, providers=Providers.from_frame(listed)
    )
