"""Reads broken XML by both ways: in blocks, and by the parser alone.

``python -m tests.reading.xml_both_ways --documents 12000`` compares so many documents. A document begins as a small invented
return; up to five changes are made to it. Both ways must give the same tables, lines, unreadable rows, notes and messages.
``--first`` begins at another document; ``--breaks`` breaks the quick way on purpose, in each of many ways, and says after
how many documents that is noticed.
"""

from __future__ import annotations

import argparse
import re
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import csc_data
from csc_data.conversion.xml_writer import write_xml
from csc_data.declare import XmlForm
from csc_data.errors import InputError
from csc_data.files import limits
from csc_data.files.budget import Budget
from csc_data.files.sources import Source
from csc_data.reading import xml, xml_blocks
from csc_data.reading.submitted import Supplied

STANDARDS = {name: csc_data.standard(f"{name}/2025-26") for name in ("ssda903", "cin")}
MOST_CHANGES = 5

Draw = Random
Change = Callable[[Draw, bytes], bytes]


@dataclass(frozen=True)
class Document:
    """A broken document, the collection it is of, what was done to it, and the sizes with which it is read."""

    collection: str
    content: bytes
    applied: tuple[str, ...]
    sizes: dict[str, int]


@dataclass
class Outcome:
    """What came of a document, and how many of its bytes were read in blocks."""

    supplied: Supplied | None
    message: str
    in_blocks: int = 0

    def differs_from(self, other: Outcome) -> str:
        """What is not the same, "" if all is."""
        if self.message != other.message:
            return f"messages: {self.message!r} and {other.message!r}"
        if self.supplied is None or other.supplied is None:
            return ""
        mine, its = self.supplied, other.supplied
        if list(mine.tables) != list(its.tables):
            return "the tables"
        for name, table in mine.tables.items():
            if not table.data.equals(its.tables[name].data):
                return f"the cells of {name}"
            if table.lines.tolist() != its.tables[name].lines.tolist():
                return f"the lines of {name}"
        parts = ("unreadable", "notes", "files", "format")
        return ", ".join(part for part in parts if getattr(mine, part) != getattr(its, part))


# --- reading by both ways


def read(document: Document, blocks: types.ModuleType | types.SimpleNamespace = xml_blocks) -> Outcome:
    """In blocks where that is possible."""
    outcome = Outcome(None, "")
    put = xml._XmlFile._put

    def counted(self: xml._XmlFile, block: xml_blocks.Block | None, size: int) -> bool:
        done = put(self, block, size)
        outcome.in_blocks += size if done else 0
        return done

    with patch.object(xml._XmlFile, "_put", counted), patch.object(xml, "BlockReader", blocks.BlockReader):
        outcome.supplied, outcome.message = _read(document, "BLOCK", "SMALLEST_BLOCK")
    return outcome


def read_by_parser(document: Document) -> Outcome:
    """By the parser alone."""

    def hand_over(self: xml._XmlFile, data: bytes, source: Source, _: object) -> bytes:
        self._hand_over(memoryview(data), source)
        return b""

    with patch.object(xml._XmlFile, "_take", hand_over):
        return Outcome(*_read(document))


def _read(document: Document, *own_sizes: str) -> tuple[Supplied | None, str]:
    standard = STANDARDS[document.collection]
    reader = xml.xml_reader(xml_form(standard), frozenset(standard.models))
    with ExitStack() as sizes:
        for name, size in document.sizes.items():
            if name in limits.__dict__:
                sizes.enter_context(patch.object(limits, name, size))
            elif name == "PIECE" or name in own_sizes:
                sizes.enter_context(patch.object(xml, name, size))
        try:
            return reader(Source("return.xml", document.content), Budget()), ""
        except InputError as error:
            return None, str(error)


# --- documents


def xml_form(standard: csc_data.Standard) -> XmlForm:
    """The XML form of a standard's collection."""
    form = standard.collection.form(XmlForm)
    assert form is not None
    return form


@cache
def base(collection: str, number: int) -> bytes:
    """A small invented return."""
    standard = STANDARDS[collection]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "return.xml"
        write_xml(standard.collection.draw(standard, 1 + 3 * number, 30 + number).tables, xml_form(standard), path)
        return path.read_bytes()


def document(number: int) -> Document:
    """The broken document of a number, the same one always."""
    draw = Random(f"xml both ways {number}")
    collection = draw.choice(sorted(STANDARDS))
    content, applied = base(collection, draw.randrange(6)), []
    # Few changes more often than many: most leave records that can be read in blocks.
    for _ in range(min(draw.randint(0, MOST_CHANGES), draw.randint(0, MOST_CHANGES))):
        name = draw.choice(sorted(CHANGES))
        applied.append(name)
        content = CHANGES[name](draw, content)
    sizes = {
        "PIECE": draw.choice([64, 1000, 1 << 18]),
        "BLOCK": draw.choice([64, 500, 3000, 10_000, 1 << 22]),
        "SMALLEST_BLOCK": draw.choice([1, 200, 1000]),
    }
    if draw.random() < 0.1:
        sizes["XML_MARKUP_BYTES"] = draw.choice([50, 300, 2000])
    return Document(collection, content, tuple(applied), sizes)


TAG = re.compile(rb"<[^<>]*>")
GAP = re.compile(rb">([^<>]*)<")
VALUE = re.compile(rb"<(\w+)>([^<>\s][^<>]*)</\1>")
LEAF = re.compile(rb"<(\w+)>[^<>]*</\1>")
MODULE = re.compile(
    rb"<(HEADER|EPISODE|AREVIEW|OC2|AMISSING|ChildIdentifiers|ChildCharacteristics|Disabilities|CINdetails|Assessments"
    rb"|FactorsIdentifiedAtAssessment|Section47|CINPlanDates|ChildProtectionPlans|Reviews|CHILD|Child|Children)\b[^<>]*>"
    rb".*?</\1>",
    re.DOTALL,
)
COMMENTS = (
    b"<!-- -->",
    b"<!--</Child></CHILD>-->",
    b"<!-- <Child> -- -->",
    b"<!--" + b"x</CHILD></Child>" * 60 + b"-->",
    b"<?do </Child> ?>",
    b"<![CDATA[]]>",
    b"<![CDATA[ ]]>",
    b"<![CDATA[</Child></CHILD><Child>]]>",
    b"<![CDATA[",
    b"<!--",
    b"]]>",
)
TEXTS = (
    *(b"&amp;", b"&lt;&gt;", b"&quot;&apos;", b"&amp;lt;", b"&lt;&amp;", b" x ", b"a\r\nb", b"a\rb\r", b"\r", b"a\nb"),
    *("é".encode(), "\U0001d4b3".encode(), "\u00a0".encode(), "\u2003".encode(), "\x85".encode(), "\ufeff".encode()),
    *(b"\t", b"x" * 5000, b" " * 9000, "é".encode() * 3000, b"\x7f", b"&#65;", b"&#x41;", b"&#13;", b">"),
    *(b"&#0;", b"&", b"&amp", b"&unknown;", b"&AMP;", b"\xe9", b"\xff", b"\x00", b"\x0b", b"\xed\xa0\x80", b"<", b"]]>"),
    *("\ufffe".encode(), "\uffff".encode()),
)  # fmt: skip
SPACES = (b"", b" ", b"\n", b"\r\n", b"\r", b"\t \n", b"\n\n\n", b"\n\r\n\r", b" " * 9000, b"\n" * 700)
BYTES = (
    *(bytes([byte]) for byte in b'<>&"/ =!-[]?;\r\n\t'),
    b"\x00",
    b"\x01",
    b"\x80",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
)
OTHER_TAGS = b"Other Child CHILD Children EPISODE CINdetails Assessments Disability DOB UPN".split()


def _picked(draw: Draw, matches: Sequence[re.Match[bytes]], most: int = 3) -> list[re.Match[bytes]]:
    """Some of the matches, the last one first."""
    chosen = draw.sample(range(len(matches)), min(len(matches), draw.randint(1, most)))
    return [matches[position] for position in sorted(chosen, reverse=True)]


def _replaced(
    draw: Draw, content: bytes, pattern: re.Pattern[bytes], change: Callable[[re.Match[bytes]], bytes], group: int = 0
) -> bytes:
    """The content with some of the matches of a pattern changed."""
    for match in _picked(draw, list(pattern.finditer(content))):
        content = content[: match.start(group)] + change(match) + content[match.end(group) :]
    return content


def _spacing(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, GAP, lambda match: draw.choice(SPACES), 1)


def _no_space(draw: Draw, content: bytes) -> bytes:
    return re.sub(rb">\s+<", b"><", content)


def _all_space(draw: Draw, content: bytes) -> bytes:
    return re.sub(rb">\s+<", b">" + draw.choice(SPACES[:6]) + b"<", content)


def _line_ends(draw: Draw, content: bytes) -> bytes:
    return content.replace(b"\n", draw.choice([b"\r\n", b"\r", b"\n\n"]))


def _text_between(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, GAP, lambda match: match[1] + draw.choice(TEXTS), 1)


def _value(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, VALUE, lambda match: match[2][: draw.randint(0, 4)] + draw.choice(TEXTS), 2)


def _every_value(draw: Draw, content: bytes) -> bytes:
    text = draw.choice(TEXTS[:17])
    return VALUE.sub(lambda match: b"<%s>%s%s</%s>" % (match[1], match[2], text, match[1]), content)


def _drop(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, draw.choice([MODULE, LEAF]), lambda match: b"")


EXPECTED = re.compile(rb"<(ChildIdentifiers)>.*?</\1>|<ChildIdentifiers ?/>", re.DOTALL)
"""What every record of the census has."""


def _without_expected(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, EXPECTED, lambda match: b"")


def _repeat(draw: Draw, content: bytes) -> bytes:
    between = draw.choice([b"", b"\n", b"\n\n"])
    return _replaced(draw, content, draw.choice([MODULE, LEAF]), lambda match: match[0] + between + match[0])


def _move(draw: Draw, content: bytes) -> bytes:
    matches = list(draw.choice([MODULE, LEAF]).finditer(content))
    if len(matches) < 2:
        return content
    taken = draw.choice(matches)
    content = content[: taken.start()] + content[taken.end() :]
    tags = list(TAG.finditer(content))
    position = draw.choice(tags).end() if tags else 0
    return content[:position] + taken[0] + content[position:]


def _comment(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, GAP, lambda match: draw.choice(COMMENTS) + match[1], 1)


def _attribute(draw: Draw, content: bytes) -> bytes:
    attributes = (
        b'a="1"',
        b'xsi:nil="true"',
        b'xmlns="urn:x"',
        b'xmlns:p="urn:p"',
        b'a="<"',
        b'a="1" a="2"',
        b"",
        b"\n",
    )
    return _replaced(draw, content, TAG, lambda match: match[0][:-1] + b" " + draw.choice(attributes) + b">")


def _namespace(draw: Draw, content: bytes) -> bytes:
    name = draw.choice([b"urn:x", b"x" * 501])
    return re.sub(rb"<(Message|EXPSSDA903)>", rb'<\1 xmlns="' + name + b'">', content, count=1)


def _prefix(draw: Draw, content: bytes) -> bytes:
    tags = re.compile(rb"<(/?)(%s)" % draw.choice([b"Child", b"CHILD", rb"\w+"]))
    content = tags.sub(rb"<\1p:\2", content)
    return re.sub(rb"<((?:p:)?(?:Message|EXPSSDA903))>", rb'<\1 xmlns:p="urn:p">', content, count=1)


def _empty_tag(draw: Draw, content: bytes) -> bytes:
    ends = (b"/>", b" />", b"\n/>", b"></%s>", b"></%s >")

    def emptied(match: re.Match[bytes]) -> bytes:
        return b"<" + match[1] + draw.choice(ends).replace(b"%s", match[1])

    return _replaced(draw, content, draw.choice([MODULE, LEAF]), emptied)


def _other_tag(draw: Draw, content: bytes) -> bytes:
    other = draw.choice(OTHER_TAGS)
    shape = draw.choice([b"<%s/>", b"<%s>", b"</%s>", b"<%s>1</%s>", b"<%s>\n</%s>"])
    return _replaced(draw, content, TAG, lambda match: match[0] + shape.replace(b"%s", other))


def _renamed(draw: Draw, content: bytes) -> bytes:
    return _replaced(draw, content, LEAF, lambda match: draw.choice(OTHER_TAGS), 1)


def _wrapped(draw: Draw, content: bytes) -> bytes:
    other = draw.choice(OTHER_TAGS)
    return _replaced(
        draw, content, draw.choice([MODULE, LEAF]), lambda match: b"<%s>%s</%s>" % (other, match[0], other)
    )


def _swapped_tags(draw: Draw, content: bytes) -> bytes:
    tags = list(TAG.finditer(content))
    if len(tags) < 3:
        return content
    first = draw.randrange(len(tags) - 1)
    tag, two = tags[first], tags[min(len(tags) - 1, first + draw.choice([1, 1, 2]))]
    return content[: tag.start()] + two[0] + content[tag.end() : two.start()] + tag[0] + content[two.end() :]


def _deep(draw: Draw, content: bytes) -> bytes:
    tag, times = draw.choice(OTHER_TAGS), draw.choice([3, 30, 199, 250])
    whole = draw.random() < 0.7
    return _replaced(
        draw, content, TAG, lambda match: match[0] + b"<%s>" % tag * times + (b"</%s>" % tag * times if whole else b"")
    )


def _byte(draw: Draw, content: bytes) -> bytes:
    for _ in range(draw.randint(1, 3)):
        position = draw.randrange(len(content) + 1)
        way = draw.randrange(3)
        content = content[:position] + (draw.choice(BYTES) if way else b"") + content[position + (way < 2) :]
    return content


def _cut_off(draw: Draw, content: bytes) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _two_parts(draw: Draw, content: bytes) -> bytes:
    """Records in two elements, or the end of a record said twice."""
    new = draw.choice([rb"\1</Children><Children>", rb"\1\n</Children>\n<Children>\n", rb"\1\1", rb"\1x", rb"\1 <x/>"])
    return re.sub(rb"(</Child>|</CHILD>)", new, content, count=draw.choice([0, 1, 2]))


def _mark(draw: Draw, content: bytes) -> bytes:
    mark = "\ufeff".encode()
    if draw.random() < 0.6:
        return mark * draw.randint(1, 2) + content
    return _replaced(draw, content, TAG, lambda match: mark + match[0])


def _encoding(draw: Draw, content: bytes) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return text.replace("M", "é").encode(draw.choice(["utf-16", "utf-16-le", "cp1252", "utf-8"]), errors="replace")


def _document_type(draw: Draw, content: bytes) -> bytes:
    position = draw.choice([content.find(b"<Message"), content.find(b"<EXP"), content.find(b"<Child>"), 0])
    return content[: max(position, 0)] + b'<!DOCTYPE x [<!ENTITY unknown "1">]>' + content[max(position, 0) :]


def _one_line(draw: Draw, content: bytes) -> bytes:
    return content.replace(b"\n", b"")


CHANGES: dict[str, Change] = {
    name.strip("_"): change
    for name, change in list(globals().items())
    if isinstance(change, types.FunctionType) and change.__annotations__ == _one_line.__annotations__
}
"""What may be done to a document, by name."""


# --- the quick way broken on purpose


BREAKS: dict[str, tuple[str, str]] = {
    "an unknown tag is let through": ("_require(not indices.null_count)", "indices = indices.fill_null(0)"),
    "depth may fall below the record": ("_require(depth.min() >= 0 and depth[-1] == 0 and", "_require("),
    "what closes need not be what opened": ("_require(np.array_equal(names[opening], names[closing]))", "pass"),
    "an element may stand where it must not": (
        "_require(bool((opened > 0).all()))",
        "opened = np.maximum(opened, 1)",
    ),
    "text between elements is dropped": ("self._require_space(~is_text)", "pass"),
    "control characters are let through": ("_require(bool(_IS_SPACE[characters].all()))", "pass"),
    "bytes need not be XML characters": (
        "return not any(character in block for character in _NO_CHARACTERS)",
        "return True",
    ),
    "other entities are let through": (
        "_require(_has_plain_entities(bytes(block)))",
        "pass",
    ),
    "a lone carriage return ends no line": ("if len(lone):", "if False:"),
    "the line feed of a pair is counted again": (
        "octets[self._returns + 1] != _LINE_FEED",
        "octets[self._returns + 1] != 0",
    ),
    "carriage returns stay in texts": ('for line_end in ("\\r\\n", "\\r"):', "for line_end in ():"),
    "the ampersand is replaced first": (
        "for entity, character in _ENTITIES.items():",
        "for entity, character in reversed(_ENTITIES.items()):",
    ),
    "a blank text is a text": (
        "absent = ~is_open | (self._offsets[gaps + 1] == self._offsets[gaps])",
        "absent = ~is_open",
    ),
    "lines are counted from the end of the tag": ("self._left[tags]", "self._left[tags + 1]"),
    "rows are numbered from the level": ("owners = ranks[around]", "owners = around"),
    "lines are counted from the second": ("slices.line_ends_before(tags) if", "slices.line_ends_before(tags) + 1 if"),
    "line ends of blocks are not counted": (
        "Block(occurrences, TextPool(slices.texts), len(slices.line_ends))",
        "Block(occurrences, TextPool(slices.texts), 0)",
    ),
}
"""Faults that the comparison must notice: a piece of the quick way, and what is put for it."""


def broken(fault: str) -> types.ModuleType:
    """The quick way with a fault."""
    assert xml_blocks.__file__ is not None
    source = Path(xml_blocks.__file__).read_text(encoding="utf-8")
    piece, other = BREAKS[fault]
    assert source.count(piece) == 1, f"the quick way has changed: {piece}"
    module = types.ModuleType("csc_data.reading.xml_blocks_broken")
    with patch.dict(sys.modules, {module.__name__: module}):
        exec(compile(source.replace(piece, other), xml_blocks.__file__, "exec"), module.__dict__)
    return module


def noticed_after(numbers: range) -> dict[str, int | None]:
    """After how many of the documents each fault shows, None if it does not."""
    after: dict[str, int | None] = dict.fromkeys(BREAKS)
    modules = {fault: broken(fault) for fault in BREAKS}
    for count, number in enumerate(numbers, start=1):
        unnoticed = [fault for fault in BREAKS if after[fault] is None]
        if not unnoticed:
            break
        given = document(number)
        reference = read_by_parser(given)
        after |= {fault: count for fault in unnoticed if _shows(given, modules[fault], reference)}
    return after


def _shows(given: Document, module: types.ModuleType, reference: Outcome) -> bool:
    """Whether a fault of the quick way makes a difference."""
    with _one_element(module):
        try:
            return bool(read(given, module).differs_from(reference))
        except Exception:  # a fault may break the quick way altogether
            return True


@contextmanager
def _one_element(module: types.ModuleType) -> Iterator[None]:
    with patch.object(xml, "Element", module.Element):
        yield


# --- all together


@dataclass
class Tally:
    """What was compared."""

    documents: int = 0
    refused: int = 0
    with_blocks: int = 0
    bytes: int = 0
    in_blocks: int = 0
    lacking: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Read a document by both ways."""
        given = document(number)
        quick, reference = read(given), read_by_parser(given)
        self.documents += 1
        self.refused += bool(reference.message)
        self.with_blocks += bool(quick.in_blocks)
        self.bytes += len(given.content)
        self.in_blocks += quick.in_blocks
        self.lacking += _lacks_expected(given) and not reference.message
        if difference := quick.differs_from(reference):
            self.different.append(f"document {number} ({', '.join(given.applied)}): {difference}")


def _lacks_expected(document: Document) -> bool:
    """Whether a record of the census may have no identifiers."""
    return document.content.count(b"</Child>") > len(EXPECTED.findall(document.content)) > 0


def main(arguments: Sequence[str]) -> int:
    """Compare so many documents; the exit code is 1 if one is different, or a fault goes unnoticed."""
    parser = argparse.ArgumentParser(description="Read broken XML by both ways.")
    parser.add_argument("--documents", type=int, default=12_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--breaks", action="store_true", help="break the quick way on purpose")
    options = parser.parse_args(arguments)
    numbers = range(options.first, options.first + options.documents)
    if options.breaks:
        after = noticed_after(numbers)
        for fault, count in after.items():
            sys.stdout.write(f"{fault}: {'NOT NOTICED' if count is None else f'noticed after {count} documents'}\n")
        return int(None in after.values())
    tally = Tally()
    for number in numbers:
        tally.add(number)
    sys.stdout.write(
        f"{tally.documents:,} documents, {tally.refused:,} refused, {tally.with_blocks:,} read in blocks in part or whole; "
        f"{tally.in_blocks:,} of {tally.bytes:,} bytes in blocks; {tally.lacking:,} documents that were read lack an "
        f"expected element. {len(tally.different)} different.\n"
    )
    sys.stdout.writelines(f"{difference}\n" for difference in tally.different)
    return int(bool(tally.different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
