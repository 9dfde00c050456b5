"""Options by which commands take one or several returns of an authority, each perhaps with last year's."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.arguments import SeveralFiles
from csc_data.errors import UsageError

if TYPE_CHECKING:
    from csc_data.report import Report

READS = ("paths", "population", "neighbours", "published")
"""Options that name what is read, and nothing else."""

MAIN = ""
"""Stands for the return that is given first, in place of a collection."""


@dataclass(frozen=True)
class ForCollection:
    """A path, and the collection that it is of: ``MAIN`` where none was named."""

    collection: str
    path: str


def add_returns(command: Any) -> None:
    """Add the options of returns, and of what figures need from elsewhere."""
    command.add_argument("paths", nargs="+", metavar="PATH", help="folder, zip or files of the return")
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26; else worked out and said")
    command.add_argument(
        "--with", dest="beside", action="append", default=[], type=_named, metavar="COLLECTION=PATH",
        help="the return of another collection, of the same authority and year",
    )  # fmt: skip
    command.add_argument(
        "--previous", action="append", default=[], type=_perhaps_named, metavar="[COLLECTION=]PATH",
        help="the return before this one, such as last year's; repeat it with that of another collection after its name",
    )  # fmt: skip
    command.add_argument("--authority", metavar="NAME", help="ONS code, DfE number or name of the local authority")
    command.add_argument(
        "--population", metavar="FILE",
        help="children aged 0 to 17 by authority (time_period, new_la_code, population), or their number",
    )  # fmt: skip
    command.add_argument("--neighbours", metavar="FILE", help="the published table of statistical neighbours")
    command.add_argument(
        "--published",
        action=SeveralFiles,
        default=[],
        metavar="FILE",
        help="published figures by authority, for the neighbours'; repeat it for each file",
    )
    command.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE",
        help="what to take where a definition leaves a point open",
    )  # fmt: skip


def paths_after_names(options: argparse.Namespace) -> list[str]:
    """The paths that are read besides those of ``READS``: they stand after the name of a collection."""
    return [given.path for given in (*options.beside, *options.previous)]


def validated(options: argparse.Namespace) -> tuple[Report, list[Report]]:
    """The report on the return, and those on the returns beside it.

    Raises:
        UsageError: the earlier return of a collection that was not given, or a collection given twice.
    """
    previous = _by_collection(options.previous, "the earlier return")
    beside = _by_collection(options.beside, "the return")
    main = csc_data.validate(
        options.paths[0] if len(options.paths) == 1 else options.paths,
        options.standard,
        previous=previous.pop(MAIN, None),
        authority=options.authority,
    )
    if unknown := sorted(previous.keys() - beside.keys()):
        raise UsageError(
            f"The earlier return of {unknown[0]} was given, and not the return itself: --with {unknown[0]}=PATH."
        )
    version = main.ret.standard.version
    authority = options.authority or (main.ret.authority.ons_code if main.ret.authority else None)
    return main, [
        csc_data.validate(path, f"{name}/{version}", previous=previous.get(name), authority=authority)
        for name, path in beside.items()
    ]


def figures_given(options: argparse.Namespace) -> dict[str, Any]:
    """What figures need besides the returns, by the names of the methods of a report.

    Raises:
        UsageError: a parameter is not written as name and value.
    """
    population = options.population
    return {
        "population": int(population) if population and population.isdecimal() else population,
        "parameters": _parameters(options.parameter),
        "neighbours": options.neighbours,
        "published": options.published,
    }


def _parameters(texts: list[str]) -> Mapping[str, str]:
    chosen = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{text!r} is no parameter. Write it like temporary=count.")
        chosen[name.strip()] = value.strip()
    return chosen


def _by_collection(given: list[ForCollection], what: str) -> dict[str, str]:
    paths: dict[str, str] = {}
    for named in given:
        if named.collection in paths:
            raise UsageError(
                f"{what[0].upper()}{what[1:]} was given twice: {paths[named.collection]} and {named.path}."
            )
        paths[named.collection] = named.path
    return paths


def _named(text: str) -> ForCollection:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise argparse.ArgumentTypeError(
            f"{text!r} names no collection. Write it like {next(iter(csc_data.collections()))}=PATH"
        )
    if name not in csc_data.collections():
        raise argparse.ArgumentTypeError(
            f"there is no collection {name!r}. There are: {', '.join(csc_data.collections())}"
        )
    return ForCollection(name, path)


def _perhaps_named(text: str) -> ForCollection:
    name, equals, path = text.partition("=")
    named = equals and path and name in csc_data.collections() and not Path(text).exists()
    return ForCollection(name, path) if named else ForCollection(MAIN, text)
