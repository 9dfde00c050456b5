"""The catalogue of the standards as documents: ``csc-data catalogue``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import tell
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable, written_together

if TYPE_CHECKING:
    from csc_data.declare.collection import Standard


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("catalogue", help="what is collected, how and why, as a web site, tables or schemas")
    actions = command.add_subparsers(required=True, metavar="FORM")
    site = actions.add_parser("html", help="a web site that opens from disk: items, rules, codes, years")
    site.add_argument(
        "--examples",
        metavar="DIR",
        help="folder with COLLECTION/rules/CODE.txt (default: fixtures of a checkout, if found)",
    )
    site.set_defaults(run=_site, reads=("examples",))
    tables = actions.add_parser("tables", help="items, codes, rules, differences, concepts and indicators as tables")
    tables.add_argument(
        "--format", nargs="+", type=str.lower, choices=("csv", "xlsx"), default=["csv", "xlsx"], metavar="FORM",
        help="csv, xlsx (default: both)",
    )  # fmt: skip
    tables.set_defaults(run=_tables)
    schemas = actions.add_parser("schemas", help="JSON Schema and Frictionless Table Schema of every table")
    schemas.set_defaults(run=_schemas)
    for action in (site, tables, schemas):
        action.add_argument("--out", required=True, metavar="DIR", help="folder to write into")
        action.add_argument(
            "--standard", nargs="+", default=[], metavar="ID",
            help="ssda903/2025-26, or ssda903 for all its years (default: everything installed)",
        )  # fmt: skip


def _chosen(options: argparse.Namespace) -> list[Standard]:
    from csc_data.metadata.installed import standards

    return standards(options.standard)


def _site(options: argparse.Namespace) -> int:
    from csc_data.catalogue.site import write_site
    from csc_data.synthetic.examples import examples_of_checkout

    examples = Path(options.examples) if options.examples else examples_of_checkout()
    if options.examples and not Path(options.examples).is_dir():
        raise UsageError(f"{options.examples} is not a folder. Give one that holds COLLECTION/rules/CODE.txt.")
    ensure_writable([Path(options.out) / "index.html"])
    written = write_site(options.out, _chosen(options), examples)
    note = (
        f"examples from {examples}"
        if examples
        else "no examples of rules, as their folder was not found; give it with --examples"
    )
    tell(f"wrote {len(written)} files, {note}")
    tell(f"open {Path(options.out) / 'index.html'}")
    return CLEAN


def _tables(options: argparse.Namespace) -> int:
    from csc_data.catalogue.tables import catalogue_tables, write_csv, write_excel

    ensure_writable([Path(options.out) / "catalogue.xlsx"])
    tables = catalogue_tables(_chosen(options))
    with written_together():
        written = write_csv(tables, options.out) if "csv" in options.format else []
        if "xlsx" in options.format:
            written.append(write_excel(tables, Path(options.out) / "catalogue.xlsx"))
    return _say(written)


def _schemas(options: argparse.Namespace) -> int:
    from csc_data.catalogue.schemas import write_schemas

    ensure_writable([Path(options.out) / "datapackage.json"])
    return _say(write_schemas(options.out, _chosen(options)))


def _say(written: Sequence[Path]) -> int:
    for path in written:
        tell(f"wrote {path}")
    return CLEAN
