"""Invent a return: ``csc-data synthesise``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import csc_data
from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import tell
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable
from csc_data.names import as_listed

if TYPE_CHECKING:
    from csc_data.declare.subject import Subject


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser("synthesise", help="invent a return, clean or with faults, for tests and training")
    command.add_argument("--standard", required=True, metavar="ID", help="for example ssda903/2025-26")
    command.add_argument(
        "--children",
        "--subjects",
        dest="subjects",
        type=int,
        default=100,
        metavar="N",
        help="of how many: children, or whomever the return is about (--subjects is the same)",
    )
    command.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same return")
    command.add_argument(
        "--faults", default="", metavar="LIST", help="146:20,503A:5 (rule and how many are to break it), or all"
    )
    command.add_argument("--out", required=True, metavar="DIR")
    command.set_defaults(run=_synthesise)


def _synthesise(options: argparse.Namespace) -> int:
    from csc_data.reporting.terminal import many
    from csc_data.synthetic.earlier import ensure_own
    from csc_data.synthetic.synthesise import synthesise

    subject = csc_data.standard(options.standard).subject
    if options.subjects < 1:
        raise UsageError(f"A return needs at least one {subject.singular}.")
    ensure_own(Path(options.out))
    ensure_writable([Path(options.out) / "faults.csv"])
    wanted = _faults(options.faults, options.standard, subject)
    made = synthesise(options.standard, children=options.subjects, seed=options.seed, faults=wanted)
    made.write(options.out)
    children = made.faults["child"].nunique()
    tell(f"Wrote an invented return of {subject.count(made.subjects)} to {options.out}.")
    if wanted:
        broken = made.faults["rule"].nunique()
        sys.stdout.write(
            f"{many(broken, 'rule')} {'is' if broken == 1 else 'are'} broken on purpose, "
            f"by {subject.count(children)} (faults.csv).\n"
        )
    if made.impossible:
        sys.stdout.write(f"Not broken, or not by as many as asked for: {', '.join(made.impossible)}.\n")
    return CLEAN


def _faults(text: str, standard: str, subject: Subject) -> dict[str, int]:
    from csc_data.synthetic.synthesise import EACH

    if text.strip().lower() == "all":
        return dict.fromkeys(csc_data.standard(standard).rules, EACH)
    wanted = {}
    for part in filter(None, (entry.strip() for entry in text.split(","))):
        code, _, count = part.partition(":")
        if not (count or "1").isdecimal():
            raise UsageError(f"{part!r} is not a rule and a number of {subject.plural}. Write it like 146:20.")
        wanted[as_listed(code, csc_data.standard(standard).rules) or code] = int(count or EACH)
    return wanted
