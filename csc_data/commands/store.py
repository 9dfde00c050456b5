"""Looking after a store of submissions: ``csc-data store``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from csc_data.commands.exit_codes import CLEAN, UNREADABLE
from csc_data.commands.messages import say
from csc_data.commands.printing import tell
from csc_data.errors import UsageError

if TYPE_CHECKING:
    from csc_data.store.forgetting import Forgotten
    from csc_data.store.layout import Store

_MOST_LISTED = 20


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "store", help="look after a store: forget records, verify receipts, index its history"
    )
    actions = command.add_subparsers(title="what to do", required=True, metavar="ACTION")

    index = actions.add_parser(
        "index",
        help="write history.duckdb, the views by which other tools ask the store",
        description="Write history.duckdb into the store: the views of csc-data history, for DuckDB and tools that speak to "
        "it. It holds no data and can be deleted and made again. csc-data history does not need it.",
    )
    _add_store(index)
    index.set_defaults(run=_index)

    verify = actions.add_parser(
        "verify",
        help="hold every receipt against the files and results it is of",
        description="Check that every receipt, its results and its files are what they were, but for what was forgotten. "
        "Exit codes: 0 they are, 3 something is not, and each is listed.",
    )
    _add_store(verify)
    verify.set_defaults(run=_verify, reads=("store",))

    forget = actions.add_parser(
        "forget",
        help="remove the records of a child, a submission, or what an authority sent before a day",
        description="Remove submissions themselves and issue rows from the store, for good. Receipts and counts stay, and a "
        "tombstone says what went. Exit codes: 0 done, 2 wrong usage, 3 files that may hold the child cannot be read.",
    )
    _add_store(forget)
    forget.add_argument(
        "--child", metavar="PSEUDONYM",
        help="the records of this child; - reads its identifier from standard input, so that no list of commands keeps it",
    )  # fmt: skip
    forget.add_argument(
        "--key", metavar="KEYFILE", help="the key of the store's pseudonyms, to know the child in the files"
    )
    forget.add_argument("--submission", metavar="RECEIPT", help="the records of this submission")
    forget.add_argument("--authority", metavar="NAME", help="of this authority alone: its ONS code, DfE number or name")
    forget.add_argument("--before", type=_day, metavar="DAY", help="all that --authority sent before this day (UTC)")
    forget.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    forget.set_defaults(run=_forget, reads=("key",))


def _add_store(command: argparse.ArgumentParser) -> None:
    command.add_argument("--store", required=True, metavar="DIR", help="the store that csc-data batch made")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it yyyy-mm-dd") from None


def _index(options: argparse.Namespace) -> int:
    from csc_data.store.history import write_index
    from csc_data.store.layout import Store

    written = write_index(Store.open(options.store))
    tell(f"wrote {written}")
    return CLEAN


def _verify(options: argparse.Namespace) -> int:
    from csc_data.store.layout import Store
    from csc_data.store.verifying import verify

    store = Store.open(options.store)
    receipts = sum(1 for _ in store.receipts())
    faults = verify(store)
    for fault in faults:
        say(fault)
    if not faults:
        tell(f"{receipts:,} receipts hold, with their results and files.")
    return UNREADABLE if faults else CLEAN


def _forget(options: argparse.Namespace) -> int:
    from csc_data.reference.local_authorities import find_authority
    from csc_data.store.forgetting import forget_before, forget_submission
    from csc_data.store.layout import Store

    if [options.child, options.submission, options.before].count(None) != 2:
        raise UsageError("Say what to forget: --child, --submission, or --authority with --before.")
    if options.before is not None and options.authority is None:
        raise UsageError("--before goes with --authority: whose submissions are to be forgotten?")
    if options.submission is not None and options.authority is not None:
        raise UsageError("--submission names a single submission. Leave --authority out.")
    if options.key is not None and options.child is None:
        raise UsageError("--key goes with --child.")
    store = Store.open(options.store)
    authority = None if options.authority is None else find_authority(options.authority).ons_code
    if options.submission is not None:
        done = forget_submission(store, options.submission, dry_run=options.dry_run)
    elif options.before is not None:
        assert authority is not None
        done = forget_before(store, authority, options.before, dry_run=options.dry_run)
    else:
        done = _forget_child(store, authority, options)
    return _say_what_went(done, dry_run=options.dry_run)


def _forget_child(store: Store, authority: str | None, options: argparse.Namespace) -> Forgotten:
    from csc_data.commands.batch import reported_progress
    from csc_data.results.pseudonyms import Pseudonyms
    from csc_data.store.forgetting import forget_child

    with reported_progress() as progress:
        return forget_child(
            store,
            pseudonym=None if options.child == "-" else options.child,
            identifier=sys.stdin.readline().strip() if options.child == "-" else None,
            pseudonyms=None if options.key is None else Pseudonyms.read(options.key),
            authority=authority,
            dry_run=options.dry_run,
            progress=progress,
        )


def _say_what_went(done: Forgotten, *, dry_run: bool) -> int:
    if done.not_looked_into:
        from csc_data.reporting.terminal import many

        listed = ", ".join(done.not_looked_into[:_MOST_LISTED])
        more = len(done.not_looked_into) - _MOST_LISTED
        submissions = many(len(done.not_looked_into), "submission")
        say(
            f"The files of {submissions} cannot be looked into, and may hold the child: {listed}"
            f"{f' and {more:,} more' if more > 0 else ''}. Forget them with --submission, if need be."
        )
    if not done.removals:
        tell("There is nothing to forget: no record of this is kept.")
    else:
        verb = "would be removed" if dry_run else "are removed"
        tell(
            f"Records of {many(len(done.removals), 'submission')} {verb}: the files of {done.originals:,} and issue rows of "
            f"{done.parts:,}. Receipts and counts stay."
        )
    if done.tombstone is not None:
        tell(f"wrote {done.tombstone}")
    return UNREADABLE if done.not_looked_into else CLEAN
