"""Text from outside, made fit to be shown: nothing in it is unseen, or moves, colours or turns what is around it."""

from __future__ import annotations

import unicodedata


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
        one if one.isprintable() or one in keep or unicodedata.category(one) == "Zs" else _written_out(one)
        for one in text
    )


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
