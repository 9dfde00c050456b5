"""Canaries: recognisable values planted in every cell of a return, and the search for them in whatever was written.

Some have the form of their item (distinct dates, identifiers, postcodes, numbers), so that rules compare and print them;
others, CANARY000001 and so on, cannot be read as anything. Values out of a short list of codes tell nothing and are not
looked for.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import html
import io
import re
import urllib.parse
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

import csc_data
from csc_data.declare import Item, Standard
from csc_data.typed.kinds import DateKind, NumberKind, PostcodeKind

ROWS = 7
AUTHORITY = "302"
"""What readable returns state themselves to be of: Barnet."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = re.compile(r"canary\d{6}|qz9\d{5}|l2\d{11}|sc9\d{5}|\d{4}\.25|qx\d ?\d[a-z]{2}")
_DATES = (
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), (0, 1, 2)),
    (re.compile(r"(\d\d)[/.-](\d\d)[/.-](\d{4})"), (2, 1, 0)),
    (re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)"), (0, 1, 2)),
)
_WORDED_DATE = re.compile(rf"(\d\d?) ({'|'.join(MONTHS)})[a-z]* (\d{{4}})")


@cache
def _days_named() -> frozenset[str]:
    """The days on which documents of the standards were published: reports say them."""
    standards = [each.standard(version) for each in csc_data.collections().values() for version in each.versions]
    return frozenset(re.findall(r"\d{4}-\d\d-\d\d", " ".join(repr(standard.verification) for standard in standards)))


@dataclass
class Canaries:
    """What was planted: words (in lower case) and days; which of the words identify persons, and which of these children."""

    words: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    children: set[str] = field(default_factory=set)
    _made: int = 0

    def new_children(self) -> list[str]:
        """The identifiers of ``ROWS`` children."""
        made = [self._identifier() for _ in range(ROWS)]
        self.children |= {name.lower() for name in made}
        return made

    def plant(
        self, standard: Standard, *, readable: bool, years_back: int = 0, children: list[str] | None = None
    ) -> dict[str, pd.DataFrame]:
        """Every table of a return with a canary in every cell: ``ROWS`` rows of as many children, new or given."""
        child = standard.collection.subject.item
        children = children or self.new_children()
        tables = {}
        for name, items in standard.items.items():
            columns = {}
            for item in items.values():
                if item.derived:
                    continue
                if item.name == child:
                    columns[item.name] = list(children)
                else:
                    columns[item.name] = [self._cell(item, standard, readable) for _ in range(ROWS)]
            tables[name] = pd.DataFrame(columns, dtype=object)
        if readable:
            self._state_whose_it_is(tables, standard)
        return tables

    def unreadable(self) -> str:
        """A canary that can be read as nothing."""
        self._made += 1
        return self._word(f"CANARY{self._made:06}")

    def _state_whose_it_is(self, tables: dict[str, pd.DataFrame], standard: Standard) -> None:
        """What a return says of itself as a whole is no secret, and rules need it."""
        facts = standard.collection
        for field_name, value in (
            (facts.year_item, str(standard.version.closes)),
            (facts.period_item, f"{standard.version.closes}-03-31"),
            (facts.authority_item, AUTHORITY),
        ):
            table, _, item = field_name.partition(".")
            if table:
                tables[table][item] = value
                tables[table] = tables[table].iloc[:1]

    def _cell(self, item: Item, standard: Standard, readable: bool) -> str:
        if not readable:
            made = self.unreadable()
            if item.identifies:
                self.identifiers.add(made.lower())
            return made
        if item.identifies:
            return self._identifier("L2", 11)
        if isinstance(item.kind, DateKind):
            return self._day(item, standard)
        if isinstance(item.kind, PostcodeKind):
            self._made += 1
            first, second = divmod(self._made, 26)
            text = f"QX{first % 10} {first // 10 % 10}{chr(65 + second)}{chr(65 + first // 100)}"
            self.words.add(text.replace(" ", "").lower())
            return text
        if isinstance(item.kind, NumberKind):
            self._made += 1
            return self._word(f"{7000 + self._made}.25")
        if item.codes is not None:
            return sorted(item.codes.at(standard.version))[self._made % len(item.codes.at(standard.version))]
        self._made += 1
        return self._word(f"SC9{self._made:05}")

    def _identifier(self, start: str = "QZ9", digits: int = 5) -> str:
        self._made += 1
        made = self._word(f"{start}{self._made:0{digits}}")
        self.identifiers.add(made.lower())
        return made

    def _day(self, item: Item, standard: Standard) -> str:
        """A day of its own: of birth long ago, any other in the year, on days that no standard names."""
        named = _days_named()
        while True:
            self._made += 1
            if "birth" in item.title.lower():
                day = dt.date(2009, 6, 2) + dt.timedelta(days=13 * self._made % 3600)
            else:
                day = dt.date(standard.version.opens, 5, 3) + dt.timedelta(days=self._made % 300)
            if day.isoformat() not in named:
                break
        self.days.add(day.isoformat())
        return day.strftime("%d/%m/%Y")

    def _word(self, word: str) -> str:
        self.words.add(word.lower())
        return word

    def in_text(self, text: str) -> set[str]:
        """The canaries that stand in a text, in any spelling."""
        lowered = text.lower()
        seen = self.words & {word.replace(" ", "") for word in _WORD.findall(lowered)}
        for pattern, (year, month, day) in _DATES:
            seen |= {f"{match[year]}-{match[month]}-{match[day]}" for match in pattern.findall(text)} & self.days
        for day, month, year in _WORDED_DATE.findall(lowered):
            seen |= {f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}"} & self.days
        return seen

    def in_bytes(self, name: str, content: bytes) -> set[str]:
        """The canaries in a file: packed, encoded or hidden in its metadata too."""
        return {word for text in unfolded(name, content) for word in self.in_text(text)}

    def in_files(self, folder: Path) -> dict[str, set[str]]:
        """The canaries in every file below a folder, and in its name, by path; files without any are left out."""
        leaks = {}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder).as_posix()
            if here := self.in_text(name) | self.in_bytes(name, path.read_bytes()):
                leaks[name] = here
        return leaks

    def hashes(self) -> set[str]:
        """Hashes without a key of every identifier, which whoever has a list of identifiers can work out."""
        made = set()
        for word in self.identifiers:
            for spelling in (word, word.upper()):
                for name in ("md5", "sha1", "sha256"):
                    digest = hashlib.new(name, spelling.encode(), usedforsecurity=False)
                    made |= {digest.hexdigest(), base64.b64encode(digest.digest()).decode().rstrip("=")}
                digest = hashlib.blake2b(spelling.encode(), digest_size=8)
                made |= {digest.hexdigest(), str(int.from_bytes(digest.digest(), "little"))}
        return made


def unfolded(name: str, content: bytes) -> Iterator[str]:
    """Every text that a file holds, however it is wrapped up."""
    yield from _spellings(content)
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield packed.comment.decode("latin-1")
            for member in packed.infolist():
                yield f"{member.filename} {member.comment!r} {member.extra!r}"
                yield from unfolded(member.filename, packed.read(member))
    elif content.startswith(b"\x1f\x8b"):
        yield from unfolded(name.removesuffix(".gz"), gzip.decompress(content))
    elif content.startswith(b"PAR1"):
        yield from _of_table(pyarrow.parquet.read_table(pa.BufferReader(content)))
    elif content.startswith(b"ARROW1"):
        yield from _of_table(pa.ipc.open_file(pa.BufferReader(content)).read_all())


def _of_table(table: pa.Table) -> Iterator[str]:
    yield repr(table.schema.to_string(show_schema_metadata=True, truncate_metadata=False))
    yield "\n".join(str(value) for column in table.columns for value in column.to_pylist())


def _spellings(content: bytes) -> Iterator[str]:
    """A text as it stands, in UTF-16, percent-encoded, with entities, in Base64 and in hexadecimal digits."""
    text = content.replace(b"\0", b"").decode("latin-1")
    yield text
    if "%" in text:
        yield urllib.parse.unquote(text)
    if "&" in text:
        yield html.unescape(text)
    if "\\u" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    yield "\n".join(_from_base64(re.findall(r"[A-Za-z0-9+/]{12,}", text)))
    yield "\n".join(bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1") for digits in _hex(text))


def _from_base64(runs: Iterable[str]) -> Iterator[str]:
    for run in runs:
        for start in range(4):
            part = run[start:] if (len(run) - start) % 4 != 1 else run[start:-1]
            yield base64.b64decode(part + "=" * (-len(part) % 4)).replace(b"\0", b"").decode("latin-1")


def _hex(text: str) -> list[str]:
    return re.findall(r"(?:[0-9a-fA-F]{2}){6,}", text)


def write_csv(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write a return, a file a table."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
