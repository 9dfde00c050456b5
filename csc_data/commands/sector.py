"""Many authorities side by side, from counts alone: ``csc-data sector``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from csc_data.commands.arguments import SeveralFiles
from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import tell, until_reader_leaves
from csc_data.errors import UsageError
from csc_data.files.inputs import Inputs
from csc_data.files.writing import ensure_writable, sparing


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "sector",
        help="many authorities side by side, from exchange files or a store",
        description="Whether a problem is one authority's, a supplier's, a region's or the standard's: from exchange files "
        "(csc-data validate --format exchange) or the folder of a store.",
    )
    command.add_argument(
        "paths", nargs="+", metavar="PATH", help="folder of exchange files, exchange files, or a store"
    )
    command.add_argument("--standard", metavar="ID", help="for example ssda903/2025-26, where the files are of several")
    command.add_argument(
        "--group", metavar="FILE", help="CSV with authority, supplier and extract, in place of what authorities declare"
    )
    command.add_argument(
        "--earlier",
        action=SeveralFiles,
        default=[],
        metavar="FILE",
        help="pooled.parquet of an earlier period, for what changed; repeat it for each",
    )
    command.add_argument(
        "--limits",
        choices=("additive", "multiplicative", "raw"),
        default="additive",
        help="limits of the funnels: with the usual spread between authorities, widened in proportion, or of chance alone",
    )
    command.add_argument(
        "--against", metavar="FILE", help="pooled.parquet of many: PATH is your own exchange file, laid beside them"
    )
    command.add_argument(
        "--neighbours", metavar="FILE", help="published table of statistical neighbours, for --against"
    )
    command.add_argument("--out", metavar="DIR", help="write what was worked out into this folder")
    command.add_argument("--format", metavar="LIST", help="of --out: html,xlsx,csv,parquet (without it all of them)")
    command.set_defaults(run=_sector, reads=("paths", "group", "earlier", "against", "neighbours"))


def _sector(options: argparse.Namespace) -> int:
    if options.neighbours and not options.against:
        raise UsageError("--neighbours goes with --against, which lays your own file beside those of others.")
    given = [options.group, options.against, options.neighbours, *options.earlier]
    with sparing(Inputs.of([*options.paths, *(path for path in given if path)])):
        return _own(options) if options.against else _all(options)


def _all(options: argparse.Namespace) -> int:
    from csc_data.reporting.sector import FORMATS, print_sector, sector_files, write_sector
    from csc_data.sector import read_exchanges, read_sector
    from csc_data.sector.findings import findings

    chosen = options.format.split(",") if options.format else list(FORMATS)
    formats = [form.strip().lower() for form in chosen if form.strip()]
    if options.format and not options.out:
        raise UsageError("--format concerns the files that --out writes. Give the folder for them with --out DIR.")
    if options.out:
        ensure_writable(sector_files(options.out, formats))
    source = options.paths[0] if len(options.paths) == 1 else options.paths
    sector = read_exchanges(source, standard=options.standard, groups=options.group)
    made = findings(sector, earlier=[read_sector(path) for path in options.earlier], limits=options.limits)
    written = write_sector(made, options.out, formats) if options.out else []
    with until_reader_leaves():
        print_sector(made)
        for path in written:
            tell(f"wrote {path}")
    return CLEAN


def _own(options: argparse.Namespace) -> int:
    from csc_data.analysis.indicators.outside import read_neighbours
    from csc_data.reporting.sector import own_files, print_own, write_own
    from csc_data.sector import read_exchanges, read_sector
    from csc_data.sector.findings import titles_of
    from csc_data.sector.own import own_position

    if len(options.paths) > 1 or options.group or options.earlier or options.format:
        raise UsageError(
            "With --against give one exchange file of your own; --group, --earlier and --format do not go with it."
        )
    if options.out:
        ensure_writable(own_files(options.out))
    own, pooled = read_exchanges([options.paths[0]], standard=options.standard), read_sector(options.against)
    neighbours = read_neighbours(Path(options.neighbours)) if options.neighbours else None
    made = own_position(own, pooled, neighbours=neighbours, titles=titles_of(own))
    written = write_own(made, options.out) if options.out else []
    with until_reader_leaves():
        print_own(made)
        for path in written:
            tell(f"wrote {path}")
    return CLEAN
