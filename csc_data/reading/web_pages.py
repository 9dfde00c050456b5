"""Web pages: exports of case systems and reports of other tools. They are not read, but what they hold is looked at."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

HEAD_BYTES = 2000
"""Bytes of a file that tell whether it is a web page."""

WEB_PAGE = "a web page (HTML)"
LOOKED_AT = 1 << 18
"""Bytes of a web page that are looked at."""

_MOST_ROWS = 20


def kind_of_page(head: bytes) -> str:
    """What a file in angle brackets is that programs call a workbook when they export it; "" for other XML."""
    head = head.lower()
    if b"<workbook" in head or b'progid="excel.sheet"' in head:
        return "a spreadsheet in an old form of XML"
    return WEB_PAGE if re.search(rb"<(!doctype\s+html|html|head|body|table|style|meta)\b", head) else ""


def first_rows(content: bytes) -> Iterator[list[str]]:
    """The texts of the cells of the first rows of the tables on a page."""
    row: list[str] = []
    rows = 0
    for piece in content[:LOOKED_AT].decode("utf-8", errors="replace").split("<"):
        tag, _, text = piece.partition(">")
        name = tag.split(maxsplit=1)[0].lower() if tag.strip() else ""
        if name in ("tr", "row"):
            if row:
                yield row
                rows += 1
            if rows >= _MOST_ROWS:
                return
            row = []
        elif name in ("td", "th", "cell"):
            row.append("")
        elif name in ("/table", "style", "script"):
            continue
        if row:
            row[-1] = (row[-1] + html.unescape(text)).strip()
    if row:
        yield row
