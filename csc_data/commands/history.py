"""What a store says of what was received: ``csc-data history``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

from csc_data.commands.exit_codes import CLEAN
from csc_data.commands.printing import tell
from csc_data.errors import UsageError
from csc_data.files.writing import ensure_writable, replacing
from csc_data.visible import printable_path

_FORMATS = ("text", "csv", "html", "json")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "history",
        help="questions on the history of a store: what came, what stands, what went and came back",
        description="Ask a store a question. Without a question, the questions are listed. The figures are exact and small "
        "numbers are not protected.",
    )
    command.add_argument("question", nargs="?", metavar="QUESTION", help="the name of a question")
    command.add_argument("--store", required=True, metavar="DIR", help="the store that csc-data batch made")
    command.add_argument(
        "--as-at",
        type=_day,
        metavar="DAY",
        help="nothing counts that was received after this day (yyyy-mm-dd, UTC); today",
    )
    command.add_argument(
        "--authority", metavar="NAME", help="of this authority alone: its ONS code, DfE number or name"
    )
    command.add_argument(
        "--standard", metavar="ID", help="of this collection, or version of it, alone: ssda903/2025-26"
    )
    command.add_argument("--format", choices=_FORMATS, default="text", help="how to answer")
    command.add_argument("--out", metavar="FILE", help="write the answer into this file")
    command.add_argument("--assumptions", metavar="FILE", help="own values of the burden model, in TOML or CSV")
    command.set_defaults(run=_history, reads=("store", "assumptions"))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None


def _history(options: argparse.Namespace) -> int:
    from csc_data.reporting.history import as_csv, as_json, as_text, questions_as_text
    from csc_data.reporting.html.history import as_html
    from csc_data.store.history import QUESTIONS, ask
    from csc_data.store.layout import Store

    store = Store.open(options.store)
    if options.question is None:
        if options.out:
            raise UsageError("There is nothing to write without a question. Name one, or leave out --out.")
        for line in questions_as_text(QUESTIONS):
            tell(line)
        return CLEAN
    if options.out:
        if Path(options.out).resolve().is_relative_to(store.folder.resolve()):
            raise UsageError(f"{printable_path(options.out)} lies in the store. Choose another folder for the answer.")
        ensure_writable([options.out])
    answer = ask(
        store,
        options.question,
        as_at=options.as_at,
        within=within(options.authority, options.standard),
        assumptions=options.assumptions,
    )
    if options.format == "text" and not options.out:
        for line in as_text(answer):
            tell(line)
        return CLEAN
    made = {
        "text": lambda: "".join(f"{line}\n" for line in as_text(answer)),
        "csv": lambda: as_csv(answer),
        "html": lambda: as_html(answer),
        "json": lambda: as_json(answer),
    }[options.format]()
    if options.out:
        with replacing(options.out) as unfinished:
            unfinished.write_text(made, encoding="utf-8", newline="")
        tell(f"wrote {options.out}")
    else:
        sys.stdout.write(made)
    return CLEAN


def within(authority: str | None, standard: str | None) -> Any:
    """What part of a store is meant.

    Raises:
        UsageError: there is no such authority, collection or version.
    """
    from csc_data.metadata.installed import collections
    from csc_data.metadata.installed import standard as find_standard
    from csc_data.names import as_listed
    from csc_data.reference.local_authorities import find_authority
    from csc_data.store.history.database import Within

    code = None if authority is None else find_authority(authority).ons_code
    if standard is None:
        return Within(code)
    if (name := as_listed(standard, collections())) is not None:
        return Within(code, name)
    chosen = find_standard(standard)
    return Within(code, chosen.collection.id, str(chosen.version))
