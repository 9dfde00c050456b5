"""Records one a line are read alike by pyarrow and by the walk over Python's values, or pyarrow's way refuses them.

``python -m tests.robustness.json_ways [FILES]`` compares so many invented files (4,000 unless said), three in four of them
spoilt somewhere at random; the suite compares a sample.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Literal

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from robustness.feed_law import Maker
from support.given_numbers import given_numbers

import csc_data as csc
from csc_data.errors import CscDataError
from csc_data.files.budget import Budget
from csc_data.files.json_text import NoJsonError
from csc_data.reading import json_payload
from csc_data.reading.json_lines import lay_out
from csc_data.reading.problems import FileProblemError
from csc_data.returns.given import table_shapes

STANDARD = csc.standard("csc_api/1.0.1")
SHAPES = table_shapes(STANDARD)
FORM: Any = STANDARD.collection.forms[0]

PIECES = [
    b"null",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"1",
    b"20.0",
    b"-0",
    b"007",
    b"1e2",
    b"true",
    b"NaN",
    b"9" * 20,
    rb"\u00e9",
    rb"\u0000",
    rb"\ud83d\ude00",
    rb"\ud800",
    rb"\n",
    rb"\/",
    rb"\x",
    b"\xff",
    b"\xed\xa0\x80",
    "é".encode(),
    "\u2028".encode(),
    b"\xef\xbb\xbf",
    b"\x00",
    b"\x7f",
    b"[]",
    b"{}",
    b'""',
    b"/**/",
    b"//",
    b"'",
    b"{}\n",
    b"[]\n",
    b'"purge":true,',
    b'"la_child_id":"A",',
    b'"child_details":{},',
    b'"colour":1,',
    rb'"p\u0075rge":false,',
    b'{"la_child_id":"A"}',
]
SIGNS = b'{[,:"0123456789}]'

Verdict = Literal["alike", "left to the walk", "different"]


def spoilt(content: bytes, chance: Random) -> bytes:
    """Content with something put in or taken out, mostly where JSON has its signs."""
    new = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        spots = [at for at in range(len(new)) if new[at] in SIGNS] or [0]
        at = chance.choice((chance.choice(spots), chance.randrange(len(new) + 1)))
        if chance.random() < 0.8:
            new[at:at] = chance.choice(PIECES)
        else:
            del new[at : at + chance.randint(1, 3)]
    return bytes(new)


def invented(seed: int) -> bytes:
    """A file of records one a line, three in four of them spoilt."""
    maker = Maker(STANDARD.id, seed)
    chance = maker.chance
    signs, in_ascii = chance.choice(((",", ":"), (", ", ": "))), chance.random() < 0.5
    records = maker.payload(chance.choice((1, 2, 4)))
    lines = (json.dumps(record, ensure_ascii=in_ascii, separators=signs) for record in records)
    content = "".join(f"{line}\n" for line in lines).encode()
    return spoilt(content, chance) if seed % 4 else content


def _walked(content: bytes, budget: Budget) -> Any:
    """What the walk makes of a file; the reason as a text where it refuses it."""
    payload = json_payload._Payload(FORM, SHAPES, {}, "file", budget)
    try:
        return payload.walk(content)
    except (NoJsonError, FileProblemError, CscDataError) as error:
        return str(error)


def _as_data(supplied: Any) -> Any:
    tables = {
        name: (table.data.to_pydict(), table.pointers.to_pylist(), table.lines.tolist())
        for name, table in supplied.tables.items()
    }
    faults = Counter((fault.kind, fault.table, fault.row, fault.item) for fault in supplied.faults)
    return list(tables), tables, faults, supplied.files, supplied.unreadable, supplied.notes


def compared(content: bytes) -> Verdict:
    """Whether both ways say the same of a file."""
    if lay_out(content, FORM, SHAPES) is None:
        return "left to the walk"
    budgets = Budget(), Budget()
    quick = json_payload._Payload(FORM, SHAPES, {}, "file", budgets[0]).read(content)
    walked = _walked(content, budgets[1])
    alike = not isinstance(walked, str) and _as_data(quick) == _as_data(walked) and vars(budgets[0]) == vars(budgets[1])
    return "alike" if alike else "different"


def main(files: int) -> int:
    """Compare so many files; gives 1 if the two ways differ on one."""
    verdicts: Counter[str] = Counter()
    for seed in range(files):
        verdict = compared(invented(seed))
        verdicts[verdict] += 1
        if verdict == "different":
            sys.stdout.write(f"file {seed} is read differently\n")
    sys.stdout.write(", ".join(f"{verdict}: {count:,}" for verdict, count in verdicts.items()) + "\n")
    return 1 if verdicts["different"] else 0


if __name__ == "__main__":
    sys.exit(main(*given_numbers(__doc__, files=4_000)))
