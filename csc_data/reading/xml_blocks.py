"""Records of an XML file read as blocks of bytes, without an event for every element.

A block holds whole records. It is cut at its angle brackets, every tag is looked up among those that the form allows, and
how they nest follows from running sums, so nothing is done in Python for a single element. The outcome is exactly that of
the parser, or none: whatever is not plain (comments, attributes, unknown elements, anything malformed) is left to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from csc_data.typed.columns import Mask, Positions

_OPENS, _CLOSES, _EMPTY = 1, -1, 0
"""What a tag does to the depth. An empty one, ``<DUC/>``, opens and closes an element."""

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
"""The entities that every XML file has. The ampersand comes last, as it may make another one."""

_NO_POSITIONS = np.zeros(0, dtype=np.int64)

_SPACE = " \t\r\n"
_IS_SPACE = np.zeros(256, dtype=bool)
_IS_SPACE[[ord(character) for character in _SPACE]] = True
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
"""What UTF-8 can write and XML forbids."""

_ASCII = 128
_LEFT, _RIGHT, _AMPERSAND, _RETURN, _LINE_FEED = (ord(character) for character in "<>&\r\n")


@dataclass(eq=False)
class Element:
    """An element that the form allows within a record, with those allowed in it by their tags.

    Its lines are found if it ``is_counted``, the text before the first element in it if it ``has_text``; any other text in
    it may only be space.
    """

    tag: str
    is_counted: bool
    has_text: bool
    below: dict[str, Element] = field(default_factory=dict)

    def all(self) -> Iterator[Element]:
        """This one and all below."""
        yield self
        for element in self.below.values():
            yield from element.all()


@dataclass(frozen=True)
class Occurrences:
    """Where an element occurs in a block, in the order of the file.

    ``owners`` numbers the element around each, among the occurrences of that. ``lines``, the line ends of the block before
    each, and ``texts``, the position of the text of each among those of the block (-1: it has none), are empty where the
    form does not want them.
    """

    element: Element
    owners: Positions
    lines: Positions
    texts: Positions


class TextPool:
    """Texts from which cells are picked by position; -1 picks none."""

    def __init__(self, texts: pa.StringArray) -> None:
        self._texts = texts

    @cached_property
    def _lengths(self) -> npt.NDArray[np.int32]:
        if not len(self._texts):
            return np.zeros(1, dtype=np.int32)
        offsets = np.frombuffer(self._texts.buffers()[1], np.int32)[: len(self._texts) + 1]
        return np.diff(offsets, append=offsets[-1])

    def bytes_at(self, positions: Positions) -> int:
        """Bytes of the texts at some positions together."""
        return int(self._lengths[positions].sum())

    def at(self, positions: Positions) -> pa.StringArray:
        """The texts at some positions."""
        absent = positions < 0
        return self._texts.take(pa.array(positions, mask=absent if absent.any() else None))


@dataclass(frozen=True)
class Block:
    """What a block holds, its texts, and how many line ends it has."""

    occurrences: list[Occurrences]
    texts: TextPool
    line_ends: int


class BlockReader:
    """Reads blocks of the records of a form."""

    def __init__(self, record: Element) -> None:
        self._elements = list(record.all())
        numbers = {element: number for number, element in enumerate(self._elements, start=1)}
        tags = list(dict.fromkeys(element.tag for element in self._elements))
        words = [(word, change, name) for name, tag in enumerate(tags) for word, change in _words(tag)]
        self._words = pa.array([word for word, _, _ in words], pa.string())
        self._changes = np.array([change for _, change, _ in words], dtype=np.int8)
        self._names = np.array([name for _, _, name in words], dtype=np.int16)
        # Which element a tag opens in which, 0 standing for what is around the record: -1 is none.
        self._opened = np.full((len(numbers) + 1, len(tags)), -1, dtype=np.int16)
        self._opened[0, tags.index(record.tag)] = numbers[record]
        for element, number in numbers.items():
            for tag, below in element.below.items():
                self._opened[number, tags.index(tag)] = numbers[below]
        self._deepest = _height(record)

    def read(self, block: memoryview) -> Block | None:
        """Read a block that begins behind a record and ends with a tag; None if it is for the parser.

        It depends on nothing else, so blocks may be read beside one another.
        """
        try:
            return self._read(_Slices(block))
        except _NotPlainError:
            return None

    def _read(self, slices: _Slices) -> Block:
        indices = pc.index_in(slices.tags(), self._words)
        _require(not indices.null_count)
        words = indices.to_numpy()
        changes, names = self._changes[words], self._names[words]
        depth = np.cumsum(changes, dtype=np.int32)
        level = depth + (changes != _OPENS)
        _require(depth.min() >= 0 and depth[-1] == 0 and level.max() <= self._deepest)
        occurring = list(self._walk(changes, names, level.astype(np.int8)))
        with_text = [tags.compress(changes[tags] == _OPENS) for element, tags, _ in occurring if element.has_text]
        slices.keep_texts_of(np.concatenate([*with_text, _NO_POSITIONS]))
        occurrences = [
            Occurrences(
                element,
                owners,
                slices.line_ends_before(tags) if element.is_counted else _NO_POSITIONS,
                slices.texts_behind(tags, changes[tags] == _OPENS) if element.has_text else _NO_POSITIONS,
            )
            for element, tags, owners in occurring
        ]
        return Block(occurrences, TextPool(slices.texts), len(slices.line_ends))

    def _walk(
        self, changes: npt.NDArray[np.int8], names: npt.NDArray[np.int16], level: npt.NDArray[np.int8]
    ) -> Iterator[tuple[Element, Positions, Positions]]:
        """Each element that occurs, with the numbers of the tags that open it and of the elements around them.

        From the records down, level by level: tags of one level open and close in turn, and stand in the element that was
        opened last on the level above.
        """
        # The virtual element around the records: its tag, which element it is, its number among its kind.
        above, opened, ranks = np.array([-1]), np.zeros(1, dtype=np.int16), np.zeros(1, dtype=np.int64)
        for depth in range(1, self._deepest + 1):
            here = np.flatnonzero(level == depth)
            change = changes[here]
            opening, closing = here.compress(change == _OPENS), here.compress(change == _CLOSES)
            _require(np.array_equal(names[opening], names[closing]))
            tags = here.compress(change != _CLOSES)
            around = np.searchsorted(above, tags) - 1
            opened = self._opened[opened[around], names[tags]]
            _require(bool((opened > 0).all()))
            owners = ranks[around]
            order = np.argsort(opened, kind="stable")
            counts = np.bincount(opened, minlength=len(self._elements) + 1)
            ends = np.cumsum(counts)
            ranks = np.empty(len(tags), dtype=np.int64)
            for number in np.flatnonzero(counts):
                mine = order[ends[number - 1] : ends[number]]
                ranks[mine] = np.arange(len(mine))
                yield self._elements[number - 1], tags[mine], owners[mine]
            above = tags


class _Slices:
    """A block cut at its angle brackets: in turn a gap (space or a text) and a tag. Tags are numbered from 0."""

    def __init__(self, block: memoryview) -> None:
        octets = np.frombuffer(block, np.uint8)
        control = np.flatnonzero(octets < ord(" "))
        characters = octets[control]
        _require(bool(_IS_SPACE[characters].all()))
        _require(octets.max() < _ASCII or _is_plain_utf8(bytes(block)))
        self._has_entities = bool((octets == _AMPERSAND).any())
        if self._has_entities:
            _require(_has_plain_entities(bytes(block)))
        # The bracket to the left and that to the right differ in one bit. That they alternate need not be asked: where they
        # do not, a tag begins with the one or ends with the other, and no tag that is known does.
        brackets = np.flatnonzero((octets | (_LEFT ^ _RIGHT)) == _RIGHT)
        self._left = brackets[0::2]
        self._offsets = np.zeros(len(brackets) + 1, dtype=np.int32)
        self._offsets[1:] = brackets
        self._offsets[2::2] += 1
        self.texts = pa.StringArray.from_buffers(len(brackets), pa.py_buffer(self._offsets), pa.py_buffer(block))
        self._returns = control.compress(characters == _RETURN)
        lone = self._returns[octets[self._returns + 1] != _LINE_FEED]
        self.line_ends = control.compress(characters == _LINE_FEED)
        if len(lone):
            self.line_ends = np.sort(np.concatenate([self.line_ends, lone]))

    def tags(self) -> pa.StringArray:
        """Every tag, with its brackets."""
        return self.texts.take(pa.array(np.arange(1, len(self.texts), 2)))

    def line_ends_before(self, tags: Positions) -> Positions:
        """How many lines end before each tag."""
        return np.searchsorted(self.line_ends, self._left[tags])

    def keep_texts_of(self, tags: Positions) -> None:
        """Make the gaps behind these tags the texts that they mean; all others must be space."""
        is_text = np.zeros(len(self.texts), dtype=bool)
        is_text[2 * tags + 2] = True
        self._require_space(~is_text)
        if is_text[np.searchsorted(self._offsets, self._returns, side="right") - 1].any():
            for line_end in ("\r\n", "\r"):
                self.texts = pc.replace_substring(self.texts, line_end, "\n")
        if self._has_entities:
            for entity, character in _ENTITIES.items():
                self.texts = pc.replace_substring(self.texts, entity, character)

    def _require_space(self, wanted: Mask) -> None:
        filled = self._offsets[1:] > self._offsets[:-1]
        gaps = np.flatnonzero(wanted[0::2] & filled[0::2]) * 2
        different = pc.unique(self.texts.take(pa.array(gaps)))
        _require(not any(gap.strip(_SPACE) for gap in different.to_pylist()))

    def texts_behind(self, tags: Positions, is_open: Mask) -> Positions:
        """Which text is behind each tag; -1 where there is none, or the tag opens nothing."""
        gaps = np.where(is_open, 2 * tags + 2, 0)
        absent = ~is_open | (self._offsets[gaps + 1] == self._offsets[gaps])
        return np.where(absent, -1, gaps)


class _NotPlainError(Exception):
    """A block is for the parser."""


def _require(condition: bool) -> None:
    if not condition:
        raise _NotPlainError


def _words(tag: str) -> Iterator[tuple[str, int]]:
    """How a tag may be written, and what it does to the depth."""
    yield f"<{tag}>", _OPENS
    yield f"</{tag}>", _CLOSES
    yield f"<{tag}/>", _EMPTY
    yield f"<{tag} />", _EMPTY


def _height(element: Element) -> int:
    return 1 + max(map(_height, element.below.values()), default=0)


def _has_plain_entities(block: bytes) -> bool:
    return block.count(b"&") == sum(block.count(entity.encode()) for entity in _ENTITIES)


def _is_plain_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(character in block for character in _NO_CHARACTERS)
