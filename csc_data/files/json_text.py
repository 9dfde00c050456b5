"""JSON of any origin to Python's values: what is no strict JSON, or would take too much, is refused in words.

Before anything is built, the bytes are looked over for how deep, how many and how long their parts are. The same look
gives the line of every object. No message quotes what stands there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from csc_data.files import limits
from csc_data.files.limits import in_bytes

MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8, which JSON that is sent must not have."""

_PIECE = 1 << 22
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_MOST_DIGITS = 300

_QUOTE, _OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST, _COMMA, _LINE_END = (ord(sign) for sign in '"{}[],\n')


class NoJsonError(Exception):
    """The bytes are no JSON that is read. The message says why and what to do, without what stands there.

    Args:
        message: why.
        line: where it shows; None if it is not at a line.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Outline:
    """What a look over the bytes tells.

    Attributes:
        object_starts: where each object begins, in the order of the file.
        object_lines: the line on which it begins.
    """

    object_starts: npt.NDArray[np.int64]
    object_lines: npt.NDArray[np.int64]


def outline_of(content: bytes) -> Outline:
    """Look over JSON before it is read.

    Raises:
        NoJsonError: its parts are nested too deep, too many or too long.
    """
    plain = _ESCAPED.sub(b"__", content) if b"\\" in content else content
    starts, lines = [], []
    inside, depth, line, values, text_from = 0, 0, 1, 1, -1
    for begin in range(0, len(plain), _PIECE):
        piece = np.frombuffer(plain, dtype=np.uint8, count=min(_PIECE, len(plain) - begin), offset=begin)
        quotes = piece == _QUOTE
        within = (np.cumsum(quotes, dtype=np.int32) + inside) & 1
        at = np.flatnonzero(quotes) + begin
        ends = np.concatenate([[text_from] if inside else [], at]).astype(np.int64)
        _refuse_long(np.append(ends, begin + len(piece)) if len(ends) % 2 else ends)  # it goes on in the next piece
        outside = within == 0
        opens = outside & ((piece == _OPEN) | (piece == _OPEN_LIST))
        closes = outside & ((piece == _CLOSE) | (piece == _CLOSE_LIST))
        steps = np.flatnonzero(opens | closes)
        depths = np.cumsum(np.where(opens[steps], 1, -1)) + depth
        line_ends = np.cumsum(piece == _LINE_END, dtype=np.int32)
        if len(depths) and depths.max() > limits.JSON_DEPTH:
            position = steps[int(np.argmax(depths > limits.JSON_DEPTH))]
            message = (
                f"more than {limits.JSON_DEPTH} lists and objects stand within one another there, as in no payload"
            )
            raise NoJsonError(message, int(line + line_ends[position]))
        values += int((outside & (piece == _COMMA)).sum()) + int(opens.sum())
        if values > limits.JSON_VALUES:
            raise NoJsonError(f"it holds more than {limits.JSON_VALUES:,} values, which is the limit")
        objects = np.flatnonzero(outside & (piece == _OPEN))
        starts.append(objects + begin)
        lines.append(line + line_ends[objects].astype(np.int64))
        depth = int(depths[-1]) if len(depths) else depth
        inside = int(within[-1])
        text_from = int(ends[-1]) if inside and len(ends) else -1
        line += int(line_ends[-1])
    none = [np.zeros(0, dtype=np.int64)]
    return Outline(np.concatenate(starts or none), np.concatenate(lines or none))


def _refuse_long(ends: npt.NDArray[np.int64]) -> None:
    """Refuse a text that is longer than any; ``ends`` are the quotation marks around texts, by pairs."""
    lengths = ends[1::2] - ends[::2]
    if len(lengths) and lengths.max() > limits.JSON_TEXT_BYTES:
        raise NoJsonError(
            f"a text is longer than {in_bytes(limits.JSON_TEXT_BYTES)}, or a quotation mark has no partner"
        )


class _NotStrictError(ValueError):
    """A value that strict JSON has not; the message says which kind."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _NotStrictError("an object has a property twice, and nobody can tell which one counts")
    return made


def _constant(_: str) -> Any:
    raise _NotStrictError("NaN or Infinity stands there, which JSON has not")


def _whole_number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _NotStrictError("a number has more digits than any that is meant")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number) or len(text) > _MOST_DIGITS:
        raise _NotStrictError("a number is larger than any that is meant")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_whole_number, parse_float=_number
)
_SPACE = re.compile(r"[ \t\n\r]*")


def json_values(content: bytes) -> Iterator[Any]:
    """The values that stand in JSON one after another: one, or several as in JSON Lines.

    Look over the bytes with ``outline_of`` first: what is nested too deep is not read here.

    Raises:
        NoJsonError: it is no strict JSON in UTF-8.
    """
    try:
        text = content.removeprefix(MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NoJsonError("it is not in UTF-8 there; write it as UTF-8", line) from None
    at = _SPACE.match(text).end()  # type: ignore[union-attr]
    while at < len(text):
        began = at
        try:
            value, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            ended = error.pos >= len(text.rstrip())
            why = "the file ends there, perhaps cut off" if ended else _decapitalised(error.msg)
            raise NoJsonError(f"it is no JSON at column {error.colno} ({why})", error.lineno) from None
        except _NotStrictError as error:
            raise NoJsonError(f"{error}", text.count("\n", 0, began) + 1) from None
        except RecursionError:
            raise NoJsonError("its lists and objects are nested too deep") from None
        if _HALF.search(text, began, at):
            _refuse_halves(value, text.count("\n", 0, began) + 1)
        yield value
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _refuse_halves(value: Any, line: int) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        message = (
            "a text holds half of a character (a surrogate without its partner); read the data in its right encoding"
        )
        raise NoJsonError(message, line) from None


def _decapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]
