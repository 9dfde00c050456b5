"""Measures: functions that say who counts towards an indicator, with what a reader needs to know about the figure.

A measure's parameters name what it reads, as a rule's do, and the open points of its definition by their names. It returns
who is in the numerator and who in the denominator, never a quotient: the figure, its breakdowns, what unknown records could
change and whose records damage it all follow from that.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from csc_data.declare.rules import Parameter
from csc_data.errors import StandardError
from csc_data.typed.columns import Mask, Numbers, Words
from csc_data.typed.rows import PerGroup, Rows
from csc_data.versions import Window


@dataclass(frozen=True)
class OpenPoint:
    """A point that the published definition leaves open, with what is taken where the user does not choose.

    Args:
        name: what it is called, in calls and as the measure's parameter.
        default: the option taken.
        options: what each option means.
        source: where the default comes from.
    """

    name: str
    default: str
    options: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Membership:
    """Who is in the denominator, and who of them in the numerator.

    Args:
        among: the rows counted in the denominator, each once: a child's, an episode's, a review's.
        of: which of them are counted in the numerator.
        unknown: of which it is not known whether they belong in the numerator; they are not counted there.
        groups: breakdowns of this measure alone: by title, the group of each row, blank where not known.
        kinds: what the rows are counted for besides, where one can be of several kinds: by title, for each kind, which
            rows are of it; a kind's figure is its share of the whole denominator.
        also: rows of another table that are counted beside these.
        partly: what keeps the figure from being whole, in words; empty when nothing does.
        note: what no return given could have told, in words; the figure is as whole as they let it be.
    """

    among: Rows
    of: Mask
    unknown: Mask | None = None
    groups: Mapping[str, Words] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, Mask]] = field(default_factory=dict)
    also: Membership | None = None
    partly: str = ""
    note: str = ""


@dataclass(frozen=True)
class Amounts:
    """An amount of every row counted, for a mean or a median. Rows whose amount is not known are left out of it.

    Args:
        among: the rows counted, each once.
        values: the amount of each, whole numbers where there is a choice.
        statistic: what is made of them.
        partly: what keeps the figure from being whole, in words; empty when nothing does.
    """

    among: Rows
    values: Numbers
    statistic: Literal["mean", "median"] = "mean"
    partly: str = ""


@dataclass(frozen=True)
class Parts:
    """The part that every row counted belongs to; the parts make up the whole.

    Args:
        among: the rows counted, each once.
        title: what they are parted by.
        part: the part of each row, blank where not known.
        partly: what keeps the figure from being whole, in words; empty when nothing does.
    """

    among: Rows
    title: str
    part: Words
    partly: str = ""


Counted = Membership | Amounts | Parts


@dataclass(frozen=True)
class Measure:
    """How one indicator is worked out from the returns of one collection.

    ``function`` returns a ``Membership``, ``Amounts`` or ``Parts``.
    """

    indicator: str
    definition: str
    fields: tuple[str, ...]
    places: int
    by: tuple[str, ...]
    window: Window
    open_points: tuple[OpenPoint, ...]
    parameters: tuple[Parameter, ...]
    constants: Mapping[str, Any]
    function: Callable[..., Counted]
    module: str

    def choices(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """The option taken at each open point."""
        return {point.name: chosen.get(point.name, point.default) for point in self.open_points}


@dataclass(frozen=True)
class MeasureFamily:
    """Measures that differ in an item, a group of codes or a number alone: one function, one measure a case."""

    measures: tuple[Measure, ...]

    def __iter__(self) -> Iterator[Measure]:
        return iter(self.measures)


@dataclass(frozen=True)
class Breakdown:
    """A characteristic by which every measure of a collection is broken down.

    Args:
        title: what it is called.
        parameters: what the function reads.
        function: returns the group of each child, blank where it is not known.
    """

    title: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., PerGroup[Words]]


def measure(
    indicator: str,
    *,
    fields: Sequence[str],
    places: int = 0,
    by: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    open_points: Sequence[OpenPoint] = (),
) -> Callable[[Callable[..., Counted]], Measure]:
    """Declare a measure. The docstring is the definition of the indicator as published, for a reader.

    Args:
        indicator: its name in ``standards/indicators``.
        fields: the items that the figure rests on, as "Table.ITEM", those for breakdowns aside. Without any one of them
            there is no figure.
        places: decimal places in which the figure is published.
        by: coded items of the rows counted by which it is broken down, beside the characteristics of children.
        since: first year of this definition.
        until: last year of this definition.
        open_points: what the definition leaves open; each is a parameter of the function, and takes the option chosen.
    """

    def declare(function: Callable[..., Counted]) -> Measure:
        return _measure(function, indicator, fields, places, by, Window.of(since, until), open_points, {})

    return declare


def measure_family(
    cases: Mapping[str, Mapping[str, Any]],
    *,
    fields: Sequence[str],
    places: int = 0,
    by: Sequence[str] = (),
    open_points: Sequence[OpenPoint] = (),
) -> Callable[[Callable[..., Counted]], MeasureFamily]:
    """Declare measures that share one function.

    Args:
        cases: by indicator, the values of the function's extra parameters. They fill ``{parameter}`` in the docstring and
            in ``fields``.

    The other arguments are those of ``measure``.
    """

    def declare(function: Callable[..., Counted]) -> MeasureFamily:
        return MeasureFamily(
            tuple(
                _measure(function, indicator, fields, places, by, Window(), open_points, case)
                for indicator, case in cases.items()
            )
        )

    return declare


def breakdown(title: str) -> Callable[[Callable[..., PerGroup[Words]]], Breakdown]:
    """Declare a breakdown: a function of tables and views that gives the group of each child."""

    def declare(function: Callable[..., PerGroup[Words]]) -> Breakdown:
        return Breakdown(title, _parameters(function, set()), function)

    return declare


def group_of_each_child(rows: Rows, words: Words) -> PerGroup[Words]:
    """Words of rows as one word a child: blank where a child has no row or its rows differ.

    Args:
        rows: rows of any table.
        words: one word for each of them.
    """
    children = rows.group("child")
    held = (children >= 0) & words.filled
    size = rows.table.link("child").size
    lowest, highest = np.full(size, len(words.vocabulary), dtype=np.int32), np.full(size, -1, dtype=np.int32)
    np.minimum.at(lowest, children[held], words.codes[held])
    np.maximum.at(highest, children[held], words.codes[held])
    return PerGroup(Words(np.where(lowest == highest, highest, np.int32(-1)), words.vocabulary, words.version), "child")


def _measure(
    function: Callable[..., Counted],
    indicator: str,
    fields: Sequence[str],
    places: int,
    by: Sequence[str],
    window: Window,
    open_points: Sequence[OpenPoint],
    case: Mapping[str, Any],
) -> Measure:
    words = {
        name: getattr(value, "title", value) if not isinstance(value, str) else value for name, value in case.items()
    }
    definition = " ".join(inspect.cleandoc(function.__doc__ or "").format(**words).split())
    if not definition:
        raise StandardError(f"Measure {indicator}: the docstring must hold the definition.")
    for point in open_points:
        if point.default not in point.options:
            raise StandardError(f"Measure {indicator}: {point.name} has no option {point.default!r}.")
    return Measure(
        indicator=indicator,
        definition=definition,
        fields=tuple(name.format(**words) for name in fields),
        places=places,
        by=tuple(by),
        window=window,
        open_points=tuple(open_points),
        parameters=_parameters(function, {*case, *(point.name for point in open_points)}),
        constants=dict(case),
        function=function,
        module=function.__module__,
    )


def _parameters(function: Callable[..., Any], aside: set[str]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(parameter.name, parameter.default is None)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in aside
    )
