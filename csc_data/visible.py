"""Text from outside, made fit to be shown: nothing in it is unseen, or moves, colours or turns what is around it."""

from __future__ import annotations

import os
import re
import unicodedata

LONGEST_NAME = 60
"""Characters of a name that are shown."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet runs a cell of a CSV file that begins with one of these as a formula, some the wide forms too."""


SIGNS_OF_A_PATH = re.compile(r"[./\\\[]")
"""What a name of a file has, of a member of a zip or of a sheet of a workbook, and a name of a table does not."""


def visible(text: str, *, keep: str = "") -> str:
    """The text with what is not seen written out: ``\\x1b`` for Escape, ``\\u202e`` for a turn of direction.

    Written out are control characters (Unicode categories Cc and Cf: terminal commands, directions, characters of no
    width), ends of lines and paragraphs, and what is no character at all (Cs, Co, Cn), but no kind of space.

    Args:
        text: any text, for example the name of a file.
        keep: characters to leave as they are, for example the end of a line.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in keep or unicodedata.category(character) == "Zs"
        else _written_out(character)
        for character in text
    )


def printable(name: str, longest: int = LONGEST_NAME) -> str:
    """A name that comes with the data (of a column, a sheet, a table) as ``visible``, and not endless."""
    shown = visible(name)
    return shown if len(shown) <= longest else f"{shown[:longest]}..."


def printable_path(path: str | os.PathLike[str]) -> str:
    """A path as ``printable``, cut off only where it is longer than a path can be."""
    return printable(os.fspath(path), longest=4096)


def no_formula(text: str) -> str:
    """The text, with a quote before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def no_markup(text: str) -> str:
    """Markdown in which texts from outside can be neither HTML nor links or pictures."""
    return visible(text, keep="\n").replace("<", "&lt;").replace("[", "&#91;")


def _written_out(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a file name that is no UTF-8, as Python hands it over
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
