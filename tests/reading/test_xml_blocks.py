"""Plain records are read in blocks, with the outcome that the parser gives; what is not plain costs its neighbours alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace as Module

import pytest
from reading.xml_both_ways import Document, Tally, base, read, read_by_parser

from csc_data.reading.xml_blocks import Block, BlockReader

SAMPLE = range(120)
"""Of the documents of ``python -m tests.reading.xml_both_ways``."""

SIZES = {"BLOCK": 1 << 22, "SMALLEST_BLOCK": 500}


def both(content: bytes, collection: str = "cin", **sizes: int) -> tuple[int, int]:
    """Read a document by both ways, which must give the same; bytes read in blocks, and unreadable rows."""
    document = Document(collection, content, (), SIZES | sizes)
    quick, reference = read(document), read_by_parser(document)
    assert not quick.differs_from(reference)
    assert quick.supplied is not None
    return quick.in_blocks, len(quick.supplied.unreadable)


def records(collection: str = "cin") -> tuple[bytes, list[bytes], bytes]:
    """A plain document: what stands before its records, these, and what stands behind."""
    end = b"</Child>" if collection == "cin" else b"</CHILD>"
    start = end.replace(b"/", b"")
    content = base(collection, 5)
    first = content.index(start)
    *parts, tail = content[first:].split(end)
    return content[:first], [part + end for part in parts], tail


def test_documents_broken_in_many_ways_are_read_the_same_by_both() -> None:
    tally = Tally()
    for number in SAMPLE:
        tally.add(number)
    assert not tally.different
    assert tally.refused < 0.5 * tally.documents, "most have something to compare"
    assert tally.with_blocks > 0.3 * tally.documents


@pytest.mark.parametrize("collection", ["cin", "ssda903"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b""])
def test_all_records_of_a_plain_document_but_the_first_are_read_in_blocks(collection: str, line_end: bytes) -> None:
    head, blocks, tail = (
        [block.replace(b"\n", line_end) for block in part] if isinstance(part, list) else part.replace(b"\n", line_end)
        for part in records(collection)
    )
    assert both(head + b"".join(blocks) + tail, collection) == (len(b"".join(blocks[1:])), 0)


@pytest.mark.parametrize(
    ("odd", "unreadable"),
    [
        (b"<!-- a comment -->", 0),
        (b"<![CDATA[ ]]>", 0),
        (b"<Other/>", 0),
        (b"<Other a='1'>&#65;</Other>", 0),
        (b"<Reviews/>", 1),
        (b"text", 0),
    ],
)
def test_a_record_that_is_not_plain_leaves_others_to_blocks(odd: bytes, unreadable: int) -> None:
    head, blocks, tail = records()
    middle = len(blocks) // 2
    blocks[middle] = blocks[middle].replace(b"</Child>", odd + b"</Child>")
    in_blocks, listed = both(head + b"".join(blocks) + tail)
    assert sum(map(len, blocks[1:])) * 0.6 < in_blocks < sum(map(len, blocks[1:]))
    assert listed == unreadable


@pytest.mark.parametrize(
    "between",
    [b"<![CDATA[", b"<!--", b"<?do ", b"<!-- " + b"</Child>" * 3000, b"<![CDATA[" + b"</Child><Child>" * 3000],
    ids=["section", "comment", "instruction", "long comment", "long section"],
)
@pytest.mark.parametrize("block", [64, 1000, 1 << 22])
def test_records_in_a_comment_or_section_are_none(between: bytes, block: int) -> None:
    head, blocks, tail = records()
    ends = {b"<![": b"]]>", b"<!-": b"-->", b"<?d": b"?>"}
    hidden = between + blocks[1] + blocks[2] + ends[between[:3]]
    content = head + blocks[0] + hidden + b"".join(blocks[1:]) + tail
    both(content, BLOCK=block)


def test_a_value_is_what_xml_says_it_is() -> None:
    head, blocks, tail = records()
    values = [
        b"&amp;lt;",
        b"&lt;&gt;&quot;&apos;&amp;",
        b"a\r\nb\rc\nd",
        "é\U0001d4b3".encode(),
        b" x ",
        b"",
        b"\t",
        b"]]",
    ]
    made = [b"<Child><ChildIdentifiers><UPN>%s</UPN></ChildIdentifiers></Child>" % value for value in values]
    document = Document("cin", head + blocks[0] + b"".join(made) + tail, (), SIZES)
    quick = read(document)
    assert quick.in_blocks == len(b"".join(made))
    assert quick.supplied is not None
    assert quick.supplied.tables["ChildIdentifiers"].data.column("UPN").to_pylist()[1:] == [
        *("&lt;", "<>\"'&", "a\nb\nc\nd", "é\U0001d4b3", " x ", None, "\t", "]]")
    ]


def test_a_record_without_an_element_that_every_record_has_gets_a_blank_row_at_its_line() -> None:
    head, blocks, tail = records()
    lacking = b"<Child>\n<CINdetails/></Child>\n"
    document = Document("cin", head + b"".join([*blocks[:4], lacking, *blocks[4:]]) + tail, (), SIZES)
    quick = read(document)
    assert not quick.differs_from(read_by_parser(document))
    assert quick.in_blocks > 0.5 * sum(map(len, blocks)), "others stay in blocks"
    assert quick.supplied is not None
    identifiers = quick.supplied.tables["ChildIdentifiers"]
    assert identifiers.data.column("LAchildID").to_pylist()[4] is None
    assert identifiers.lines[4] == (head + b"".join(blocks[:4])).count(b"\n") + 1
    assert len(identifiers.lines) == len(blocks) + 1


def test_records_around_a_block_are_numbered_through() -> None:
    head, blocks, tail = records()
    document = Document(
        "cin", head + b"<!-- -->".join([blocks[0], b"".join(blocks[1:3]), b"".join(blocks[3:])]) + tail, (), SIZES
    )
    supplied = read(document).supplied
    assert supplied is not None
    assert supplied.tables["ChildIdentifiers"].data.column("ChildNumber").to_pylist() == [
        str(number) for number in range(1, len(blocks) + 1)
    ]


@pytest.mark.parametrize("size", [1, 3, 40, 900])
def test_what_is_read_as_a_block_is_bounded_by_its_bytes_however_much_it_holds(size: int) -> None:
    head, found, tail = records()
    hostile = b"<Child><ChildIdentifiers/>" + b"<CINdetails/>" * size + b"</Child>"
    sizes = []

    class Measured(BlockReader):
        def read(self, block: memoryview) -> Block | None:
            sizes.append(len(block))
            return super().read(block)

    document = Document("cin", head + found[0] + hostile * 30 + tail, (), {"BLOCK": 2000, "SMALLEST_BLOCK": 500})
    quick = read(document, Module(BlockReader=Measured))
    assert not quick.differs_from(read_by_parser(document))
    assert max(sizes, default=0) <= 2 * 2000
    assert (quick.in_blocks > 0) == (len(hostile) < 2000), (
        "a record that is too long is left to the parser, which has a limit"
    )


def test_a_record_that_is_not_plain_is_read_once_however_far_blocks_were_read_ahead() -> None:
    head, found, tail = records()
    many = found[1:] * 30
    for odd in (10, 11, 90):
        many[odd] = many[odd].replace(b"</Child>", b"<!-- -->\n<Other/></Child>")
    in_blocks, _ = both(head + found[0] + b"".join(many) + tail, BLOCK=5000)
    assert in_blocks > 0.6 * len(b"".join(many)), "others stay in blocks"


def test_the_order_of_unreadable_rows_of_one_line_is_always_the_same(tmp_path: Path) -> None:
    twice = "<{0}><{1}/><{1}/><{2}/><{2}/></{0}>"
    parts = [("HEADER", "DOB", "SEX"), ("HEADER", "UPN", "MOTHER"), ("EPISODE", "LS", "REC"), ("EPISODE", "RNE", "CIN")]
    child = "".join(twice.format(*part) for part in parts)
    path = tmp_path / "r.xml"
    path.write_text(f"<EXPSSDA903>{f'<CHILD>{child}</CHILD>' * 3}</EXPSSDA903>", encoding="utf-8")
    program = (
        "import csc_data; from csc_data.returns.given import read_tables;"
        f"found = read_tables({str(path)!r}, csc_data.standard('ssda903/2025-26'));"
        "print([(one.line, one.table, str(one.reason)) for one in found.unreadable])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "4")
    }
    (rows,) = seen
    assert rows.count("element") == 12
