"""Forms of a return beside plain tables: kinds of file that a collection declares a layout for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

from csc_data.versions import Version


class Form(ABC):
    """A kind of file, laid out as a collection says, in which its return may be given and written.

    Tables in CSV and workbooks need no layout: every collection has them. A form is data; what reads the files of a kind of
    form stands in ``csc_data.returns.given``, what writes them in ``csc_data.conversion.convert``.
    """

    name: ClassVar[str]
    """What the form is called, and what its files end in: "xml"."""

    @abstractmethod
    def names_in(self, table: str) -> Iterable[str]:
        """Every name that stands in files of the form for a table or one of its items."""

    @abstractmethod
    def names_of(self, table: str, item: str) -> Iterable[str]:
        """What an item of a table is called in files of the form."""

    def wording(self, table: str, item: str, version: Version) -> str:
        """How the form has the values of an item in a version, in words; "" where it says no more than the item does."""
        return ""

    def numbered(self) -> Mapping[str, str]:
        """For each item that is a running number of records within those of a subject, the table of these records."""
        return {}
