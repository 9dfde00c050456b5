"""What makes the quality of a collection's returns measurable, declared beside its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from csc_data.typed.columns import Mask
from csc_data.typed.rows import Rows


@dataclass(frozen=True)
class Characteristic:
    """A characteristic by which children are distinguished, held by a coded item of a table with one row a child.

    Args:
        title: what it is, "sex".
        items: "Table.ITEM" that hold it; more than one if the item changed with the years.
    """

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class AgeBands:
    """Age on the last day of the period, in bands.

    Args:
        title: what it is, "age".
        born: "Table.ITEM" that holds the date of birth.
        expected: "Table.ITEM" that holds the expected date of birth of the unborn, if they are in the return.
        starts: the age in years at which each band but the first begins.
    """

    title: str
    born: str
    expected: str = ""
    starts: tuple[int, ...] = (1, 5, 10, 16, 18)


def every_row(rows: Rows) -> Mask:
    """Every row counts."""
    return rows.every


@dataclass(frozen=True)
class Coverage:
    """Children in one table who are expected in another.

    Args:
        title: who is expected where, as the name of a measure: "adopted children with adoption details".
        table: where the children are found.
        expected_in: where they are expected: in one of these tables.
        where: which rows of ``table`` count.
    """

    title: str
    table: str
    expected_in: tuple[str, ...]
    where: Callable[[Rows], Mask] = every_row


@dataclass(frozen=True)
class QualityFacts:
    """What is measured of a collection's returns beyond what its tables and rules say.

    Args:
        characteristics: how children are grouped.
        coverage: children in one table expected in another, apart from those in the table's own parent.
        unknown: by "Table.ITEM", the codes, separated by spaces, that say no more than that nothing is known.
        identifiers: "Table.ITEM" of identifiers that belong to one child each.
        identity: "Table.ITEM" that, if all equal, make two children likely to be one: date of birth, sex, postcode.
        required_by: by rule code, the items it asks for: a blank in one of them is what the rule reports. Rules that ask
            for an item in every row need not be named.
    """

    characteristics: tuple[Characteristic | AgeBands, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    identifiers: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def items(self) -> Iterable[str]:
        """Every "Table.ITEM" named."""
        for characteristic in self.characteristics:
            yield from (
                characteristic.items
                if isinstance(characteristic, Characteristic)
                else filter(None, (characteristic.born, characteristic.expected))
            )
        yield from self.unknown
        yield from self.identifiers
        yield from self.identity
        for items in self.required_by.values():
            yield from items
