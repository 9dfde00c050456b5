"""Check kept submissions again under the library as it is now: ``csc-data rerun``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csc_data.commands.batch import add_workers, executor_of, reported_progress
from csc_data.commands.exit_codes import CLEAN, ISSUES, UNREADABLE
from csc_data.commands.printing import print_json, tell, until_reader_leaves
from csc_data.errors import UsageError

if TYPE_CHECKING:
    from csc_data.store.rerun import Rerun

DIFFERENCES, DOCUMENT = "differences.csv", "rerun.json"
FORMAT = "csc-data rerun 1"


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "rerun",
        help="check the submissions of a store again, and list which issues are new and which are gone",
        description="Check the submissions that a store keeps again, under the rules as they are now, beside the same "
        "earlier returns and lists, and compare with the results that are kept. The store is not changed.",
    )
    command.add_argument("--store", required=True, metavar="DIR", help="the store, which must keep originals")
    command.add_argument("--out", metavar="DIR", help=f"write {DIFFERENCES} and {DOCUMENT} into this folder")
    command.add_argument("--standard", metavar="ID", help="those of this standard or collection alone")
    command.add_argument("--authority", metavar="NAME", help="those of this authority alone")
    command.add_argument("--key", metavar="KEYFILE", help="the key that the store's pseudonyms were made with")
    add_workers(command)
    command.add_argument("--json", action="store_true", help="print what differs as JSON")
    command.set_defaults(run=_rerun, reads=("store", "key"))


def _rerun(options: argparse.Namespace) -> int:
    from csc_data.files.writing import ensure_writable
    from csc_data.store.rerun import rerun

    if options.out:
        store, out = Path(options.store).resolve(), Path(options.out).resolve()
        if out == store or store in out.parents:
            raise UsageError("--out lies in the store, which is not written to. Choose another folder.")
        ensure_writable([out / DIFFERENCES, out / DOCUMENT])
    with executor_of(options) as executor, reported_progress() as progress:
        made = rerun(
            options.store,
            executor=executor,
            standard=options.standard,
            authority=options.authority,
            key=options.key,
            progress=progress,
        )
    document = _document(made)
    if options.out:
        _write(made, document, Path(options.out))
    with until_reader_leaves():
        if options.json:
            print_json(document)
        else:
            _show(made, document)
    if made.fails or made.unreadable:
        return UNREADABLE
    return ISSUES if len(made.differences) else CLEAN


def _document(made: Rerun) -> dict[str, Any]:
    from csc_data.results.json_ready import records

    return {
        "format": FORMAT,
        "library": made.library,
        "checked": made.checked,
        "fails": made.fails,
        "unreadable": made.unreadable,
        "left_out": made.left_out,
        "differences": records(made.differences),
    }


def _write(made: Rerun, document: dict[str, Any], folder: Path) -> None:
    from csc_data.files.writing import replacing, write_document, written_together

    with written_together():
        with replacing(folder / DIFFERENCES) as unfinished:
            made.differences.to_csv(unfinished, index=False)
        write_document(document, folder / DOCUMENT)


def _show(made: Rerun, document: dict[str, Any]) -> None:
    from csc_data.reporting.terminal import many

    if made.fails:
        share = len(made.unreadable) / (made.checked + len(made.unreadable))
        tell(
            f"Failed: {share:.1%} of the submissions could not be read any more, and at most 2 % may. Mend the store first."
        )
    for receipt, reason in made.unreadable.items():
        tell(f"not read: {receipt}: {' '.join(reason.split())}")
    for receipt, reason in made.left_out.items():
        tell(f"left out: {receipt}: {reason}")
    tell(f"{many(made.checked, 'submission')} checked again under csc-data {made.library}.")
    if not document["differences"]:
        tell("No rule has another result.")
        return
    for line in _by_rule_and_authority(document["differences"]):
        tell(line)


def _by_rule_and_authority(differences: list[dict[str, Any]]) -> Iterator[str]:
    """What differs, the submissions of an authority together."""
    ordered = sorted(differences, key=lambda row: (row["rule"], row["authority"] or "-"))
    for (rule, authority), rows in groupby(ordered, key=lambda row: (row["rule"], row["authority"] or "-")):
        together = list(rows)
        new, dropped = (sum(row[name] for row in together) for name in ("new", "dropped"))
        changes = {
            f"{row['status_before'] or 'no rule'} to {row['status_after'] or 'no rule'}"
            for row in together
            if row["status_before"] != row["status_after"]
        }
        words = f" ({', '.join(sorted(changes))})" if changes else ""
        yield f"rule {rule}, {authority}: {new:,} new, {dropped:,} dropped{words}"
