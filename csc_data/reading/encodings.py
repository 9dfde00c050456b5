"""Bytes to text: which encoding a file is in, and what is no text at all."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive or Office workbook",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office document, or a workbook protected by a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(Exception):  # noqa: N818
    """The bytes are no text; the message says what they look like."""


@dataclass(frozen=True)
class Decoded:
    """Text as UTF-8 bytes without byte order mark, the encoding it came in, and characters that had to be replaced."""

    content: bytes = field(repr=False)
    encoding: str
    replaced: int = 0


def decode(content: bytes) -> Decoded:
    """Decode a file to UTF-8.

    UTF-8 and UTF-16 are recognised by their byte order mark or content; anything else is taken as Windows-1252, the usual
    alternative. Raises NotText for binary files.
    """
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            raise NotText(what)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\x00" in content[:4096]:
        return _decoded(content, _utf16_without_mark(content))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")
    return Decoded(content, "utf-8")


def _decoded(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace")
    return Decoded(text.encode("utf-8"), encoding, text.count("\ufffd"))


def _utf16_without_mark(content: bytes) -> str:
    """Text in a Latin alphabet has a NUL in every other byte of UTF-16, nearly always on the same side."""
    sample = content[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    raise NotText("a binary file, not text")
