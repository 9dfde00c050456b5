"""Whom a return is about: the kind of person or thing that its rows are counted and linked by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """The kind of person or thing that a return is about, and what every output calls it.

    Args:
        singular: one of them: "child", "worker".
        plural: several: "children", "workers".
        item: the item that identifies one in every table.
    """

    singular: str
    plural: str
    item: str

    def count(self, number: int) -> str:
        """So many of them in words: "1 child", "2,500 children"."""
        return f"1 {self.singular}" if number == 1 else f"{number:,} {self.plural}"

    def words(self, text: str) -> str:
        """A text with the words put in for ``{subject}``, ``{subjects}``, ``{Subject}`` and ``{Subjects}``."""
        return text.format(
            subject=self.singular,
            subjects=self.plural,
            Subject=self.singular.capitalize(),
            Subjects=self.plural.capitalize(),
        )


CHILDREN = Subject("child", "children", "")
"""The words that general documentation uses, of no collection in particular."""
