"""Bytes to text: which encoding a file is in, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from csc_data.files.refusals import Refusal, RefusedError

_SIGNATURES = {
    b"PK\x03\x04": Refusal.IS_ARCHIVE,
    b"%PDF": Refusal.IS_PDF,
    b"\xd0\xcf\x11\xe0": Refusal.IS_OLD_DOCUMENT,
    b"\x89PNG": Refusal.IS_PICTURE,
    b"\xff\xd8\xff": Refusal.IS_PICTURE,
    b"\x1f\x8b": Refusal.IS_COMPRESSED,
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTER_AT = {(2, 0): "utf-16-le", (2, 1): "utf-16-be", (4, 0): "utf-32-le", (4, 3): "utf-32-be"}
"""Where among so many bytes Latin letters stand in an encoding; the others are NUL."""

_SAMPLE = 4096
_REPLACED = "\ufffd".encode()
_MOST_NULS = 0.1
_SEVERAL_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}")
"""Characters beyond ASCII as UTF-8 has them, which other encodings hardly ever have."""
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")


class NotTextError(RefusedError):
    """The bytes are no text; the message says what they look like."""


@dataclass(frozen=True)
class Decoded:
    """Text as UTF-8 bytes without byte order mark, the encoding it came in, and what had to be done to it.

    Attributes:
        content: the text.
        encoding: the encoding, "utf-8 and cp1252" if lines differ.
        replaced: characters that could not be decoded.
        nuls: NUL bytes, which no text has: those around the text are left out, those within it count as ``replaced``.
    """

    content: bytes = field(repr=False)
    encoding: str
    replaced: int = 0
    nuls: int = 0

    def lines_of_replaced(self, most: int) -> list[int]:
        """The first lines that hold a character that was replaced, or would stand for one."""
        text = self.content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines: list[int] = []
        line, start, position = 1, 0, text.find(_REPLACED)
        while position >= 0 and len(lines) < most:
            line += text.count(b"\n", start, position)
            lines.append(line)
            start = text.find(b"\n", position)
            position = text.find(_REPLACED, start) if start >= 0 else -1
        return lines


def decode(content: bytes) -> Decoded:
    """Decode a file to UTF-8.

    UTF-8, UTF-16 and UTF-32 are recognised by their byte order mark or content; anything else is taken as Windows-1252,
    the usual alternative. A file put together from both is read as such. Raises NotTextError for binary files.
    """
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise NotTextError(kind())
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\x00" not in content:
        return _eight_bit(content)
    if encoding := _wide_without_mark(content):
        return _decoded(content, encoding)
    return _without_nuls(content)


def _without_nuls(content: bytes) -> Decoded:
    """Text with NUL bytes in it, as damaged and half-written files have them."""
    text = content.strip(b"\x00")
    within = text.count(0)
    if not text:
        raise NotTextError(Refusal.IS_NOTHING_BUT_NULS())
    if within > _MOST_NULS * len(text):
        raise NotTextError(Refusal.IS_BINARY())
    decoded = _eight_bit(text)
    shown = decoded.content.replace(b"\x00", _REPLACED)
    return replace(decoded, content=shown, replaced=decoded.replaced + within, nuls=len(content) - len(text) + within)


def _eight_bit(content: bytes) -> Decoded:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if not _SEVERAL_BYTES.search(content):
            return _decoded(content, "cp1252")
        text = _BEYOND_ASCII.sub(_as_utf8, content)
        return Decoded(text, "utf-8 and cp1252", text.count(_REPLACED))
    return Decoded(content, "utf-8")


def _as_utf8(match: re.Match[bytes]) -> bytes:
    """Characters beyond ASCII that stand together, in UTF-8 whichever of the two they are in."""
    characters = match[0]
    try:
        characters.decode("utf-8")
    except UnicodeDecodeError:
        return characters.decode("cp1252", errors="replace").encode("utf-8")
    return characters


def _decoded(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace")
    return Decoded(text.encode("utf-8", errors="replace"), encoding, text.count("\ufffd"))


def _wide_without_mark(content: bytes) -> str:
    """The encoding of text in a Latin alphabet with two or four bytes a character; "" if it is none."""
    sample = content[:_SAMPLE]
    for (width, letter), encoding in _LETTER_AT.items():
        nuls = [sample[offset::width].count(0) * width / len(sample) for offset in range(width)]
        letters = nuls.pop(letter)
        if letters < 0.1 and min(nuls) > 0.7:
            return encoding
    return ""
